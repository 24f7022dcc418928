import type { ServingSpec } from "@ballast/db";
import type { ParitySample } from "@ballast/registry";
import type { GateResult } from "./gates.ts";
import type { ProbeRange } from "./onnx-gates.ts";

/** A model and what its gates hold it against. */
export interface GateTask {
  /** File of the model. */
  path: string;
  serving: ServingSpec;
  ranges: ProbeRange[];
  /** The trainer's own predictions; null where none are recorded. */
  sample: ParitySample | null;
  /** The deployment's latency objective. */
  sloMs: number;
}

/** What the process tells: each gate when it is through, or why the model cannot be run; `done` when that was all. */
export type GateMessage =
  | { kind: "result"; result: GateResult }
  | { kind: "cannot_run"; message: string }
  | { kind: "done" };
