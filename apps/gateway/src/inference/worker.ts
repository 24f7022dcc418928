/** Runs models on a thread of its own: `InferenceSession.run` blocks the thread that calls it for as long as it takes. */

import { readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type ModelSpec, predictionsOf, SESSION_OPTIONS, specKey } from "./model-spec.ts";

export type WorkerRequest =
  | { id: number; op: "load"; spec: ModelSpec; path: string }
  | { id: number; op: "unload"; spec: ModelSpec }
  | { id: number; op: "run"; spec: ModelSpec; features: Float32Array<ArrayBuffer>; rows: number };
export type WorkerReply = { id: number; ms?: number; y?: Float32Array; error?: string };

const WARM_UP_RUNS = 31;
/** Niceness of the inference threads: on a full machine the serving thread, which answers everybody, goes first. */
const NICENESS = 5;
const sessions = new Map<string, InferenceSession>();

async function run(session: InferenceSession, spec: ModelSpec, features: Float32Array, rows: number) {
  const results = await session.run({ [spec.tensor]: new Tensor("float32", features, [rows, spec.width]) });
  return predictionsOf(results, spec, rows);
}

/** Loads, warms up, and returns the median time of a one-row run in milliseconds. */
async function load(spec: ModelSpec, path: string): Promise<number> {
  const session = sessions.get(specKey(spec)) ?? (await InferenceSession.create(await readFile(path), SESSION_OPTIONS));
  const row = new Float32Array(spec.width);
  const times: number[] = [];
  const started = performance.now();
  // A slow model is known to be slow after a few runs.
  while (times.length < WARM_UP_RUNS && (times.length < 3 || performance.now() - started < 200)) {
    const before = performance.now();
    await run(session, spec, row, 1);
    times.push(performance.now() - before);
  }
  sessions.set(specKey(spec), session);
  return times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
}

async function handle(request: WorkerRequest): Promise<WorkerReply> {
  const { id, spec } = request;
  if (request.op === "load") return { id, ms: await load(spec, request.path) };
  const session = sessions.get(specKey(spec));
  if (request.op === "unload") {
    sessions.delete(specKey(spec));
    await session?.release();
    return { id };
  }
  if (!session) return { id, error: `Model ${spec.digest} is not loaded.` };
  // A copy: the run's own memory belongs to ONNX Runtime and can't be handed over.
  return { id, y: (await run(session, spec, request.features, request.rows)).slice() };
}

/** Linux schedules threads one by one, and gives each an id of its own. Elsewhere the threads stay as they are. */
function stepBack(): void {
  try {
    setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), NICENESS);
  } catch {
    // No /proc, or not allowed: fairness is then the scheduler's.
  }
}

const port = parentPort;
if (port) {
  stepBack();
  port.on("message", (request: WorkerRequest) => {
    handle(request).then(
      (reply) => port.postMessage(reply),
      (error: unknown) =>
        port.postMessage({ id: request.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
