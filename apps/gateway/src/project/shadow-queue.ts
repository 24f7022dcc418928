import { createLogger, toAppError } from "@ballast/core";
import type { Arm } from "./deployment-plan.ts";
import type { PredictionJob } from "./prediction-job.ts";
import { shadowPayload } from "./prediction-record.ts";
import type { Project } from "./project.ts";

interface Entry {
  id: string;
  t: number;
  features: Float32Array;
  from: number;
}

interface Lane {
  project: Project;
  arm: Arm;
  deploymentId: string;
  entries: Entry[];
}

/** Rows per run: at most about 0.1 ms of the serving thread for a model that runs there. */
const BATCH_ROWS = 64;
/** Longest time rows gather before they are run although there are few of them. */
const GATHER_MS = 10;

const log = createLogger("gateway");

/**
 * Rows for the versions that did not answer, scored after the answer with the features taken for it. Bounded: what does
 * not fit is dropped and counted (`ballast_shadow_rows_total{result="dropped"}`). One run at a time, each followed by a
 * turn of the event loop, so callers wait for one small run at most.
 */
export class ShadowQueue {
  readonly #maxRows: number;
  readonly #lanes = new Map<Arm, Lane>();
  #rows = 0;
  #working: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  /** Rows waiting or running. */
  get depth(): number {
    return this.#rows;
  }

  /** Takes the shadow rows of an answered request. */
  add(project: Project, job: PredictionJob): void {
    for (const { arm, features } of job.shadows) {
      if (this.#rows + job.rows > this.#maxRows) {
        arm.metrics.candidate.shadowDropped.add(job.rows);
        continue;
      }
      this.#rows += job.rows;
      const lane = this.#lane(project, arm, job.plan.snapshot.id);
      const { width } = arm.bindings;
      for (let row = 0; row < job.rows; row++) {
        lane.entries.push({ id: job.ids[row] as string, t: job.times[row] as number, features, from: row * width });
      }
      if (lane.entries.length >= BATCH_ROWS) this.#start();
    }
    if (this.#rows > 0 && this.#working === null) this.#timer ??= setTimeout(() => this.#start(), GATHER_MS);
  }

  /** Resolves when every row that was taken before the call is scored and journalled, or counted as lost. */
  async drain(): Promise<void> {
    while (this.#rows > 0) {
      this.#start();
      await this.#working;
    }
  }

  #lane(project: Project, arm: Arm, deploymentId: string): Lane {
    let lane = this.#lanes.get(arm);
    if (!lane) {
      lane = { project, arm, deploymentId, entries: [] };
      this.#lanes.set(arm, lane);
    }
    return lane;
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  async #work(): Promise<void> {
    while (this.#lanes.size > 0) {
      for (const lane of [...this.#lanes.values()]) {
        // A turn of the event loop between runs: live requests come first.
        await new Promise((resolve) => setImmediate(resolve));
        const batch = lane.entries.splice(0, BATCH_ROWS);
        if (lane.entries.length === 0) this.#lanes.delete(lane.arm);
        await this.#score(lane, batch);
        this.#rows -= batch.length;
      }
    }
  }

  async #score({ project, arm, deploymentId }: Lane, batch: Entry[]): Promise<void> {
    const { width } = arm.bindings;
    const features = new Float32Array(batch.length * width);
    batch.forEach((entry, i) => {
      features.set(entry.features.subarray(entry.from, entry.from + width), i * width);
    });
    const { shadowScored, shadowFailed } = arm.metrics.candidate;
    try {
      const run = arm.model.inline
        ? arm.model.runHere(features, batch.length)
        : arm.model.runThere(features, batch.length, true);
      const y = await run;
      const payloads: string[] = [];
      batch.forEach((entry, i) => {
        const value = y[i] as number;
        if (Number.isFinite(value))
          payloads.push(shadowPayload(entry.id, entry.t, deploymentId, arm.version.id, value));
      });
      project.journal.append(payloads);
      shadowScored.add(payloads.length);
      shadowFailed.add(batch.length - payloads.length);
    } catch (error) {
      shadowFailed.add(batch.length);
      log.warn("shadow rows were not scored", {
        version: arm.version.id,
        rows: batch.length,
        error: toAppError(error),
      });
    }
  }
}
