import { createLogger, toAppError } from "@ballast/core";
import { within } from "../within.ts";
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

/** What waits for one version. */
interface Lane {
  project: Project;
  arm: Arm;
  deploymentId: string;
  entries: Entry[];
  /** Rows ever taken, and of those the ones that are done with. */
  taken: number;
  done: number;
  working: boolean;
  timer: NodeJS.Timeout | null;
  waiters: (() => void)[];
}

/** Longest that somebody waits for what was taken. */
const DRAIN_MS = 30_000;
/** Longest time rows gather before they are run although there are few of them. */
const GATHER_MS = 10;

const log = createLogger("gateway");

/**
 * Rows for the versions that did not answer, scored after the answer with the features taken for it. Bounded for each
 * version: what does not fit is dropped and counted (`ballast_shadow_rows_total{result="dropped"}`), for pairs that are
 * missing must be seen. A version has one run at a time, each followed by a turn of the event loop, so a caller waits for
 * one small run at most.
 */
export class ShadowQueue {
  readonly #maxRows: number;
  readonly #lanes = new Map<Arm, Lane>();

  /** @param maxRows rows that may wait for one version. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  /** Rows waiting or running, of a project or of all. */
  depth(project?: Project): number {
    return this.#of(project).reduce((sum, lane) => sum + lane.taken - lane.done, 0);
  }

  /** Takes the shadow rows of an answered request. */
  add(project: Project, job: PredictionJob): void {
    for (const { arm, features } of job.shadows) {
      const lane = this.#lane(project, arm, job.plan.snapshot.id);
      if (lane.taken - lane.done + job.rows > this.#maxRows) {
        arm.metrics.candidate.shadowDropped.add(job.rows);
        continue;
      }
      lane.taken += job.rows;
      const { width } = arm.bindings;
      for (let row = 0; row < job.rows; row++) {
        lane.entries.push({ id: job.ids[row] as string, t: job.times[row] as number, features, from: row * width });
      }
      if (lane.working) continue;
      if (lane.entries.length >= arm.shadowBatchRows) this.#start(lane);
      else lane.timer ??= setTimeout(() => this.#start(lane), GATHER_MS);
    }
  }

  /**
   * Resolves when the rows taken before the call are scored and journalled, or counted as failed; `unavailable` where that
   * takes longer than {@link DRAIN_MS}.
   */
  async drain(project?: Project): Promise<void> {
    const drained = this.#of(project).map(async (lane) => {
      const owed = lane.taken;
      while (lane.done < owed) {
        this.#start(lane);
        await new Promise<void>((resolve) => lane.waiters.push(resolve));
      }
    });
    await within(DRAIN_MS, Promise.all(drained), "Rows that came before are still being scored. Try again in a while.");
  }

  #of(project: Project | undefined): Lane[] {
    return [...this.#lanes.values()].filter((lane) => project === undefined || lane.project === project);
  }

  #lane(project: Project, arm: Arm, deploymentId: string): Lane {
    let lane = this.#lanes.get(arm);
    if (!lane) {
      const counts = { taken: 0, done: 0, working: false, timer: null };
      lane = { project, arm, deploymentId, entries: [], ...counts, waiters: [] };
      this.#lanes.set(arm, lane);
    }
    return lane;
  }

  #start(lane: Lane): void {
    if (lane.timer !== null) clearTimeout(lane.timer);
    lane.timer = null;
    if (!lane.working) this.#work(lane);
  }

  async #work(lane: Lane): Promise<void> {
    lane.working = true;
    while (lane.entries.length > 0) {
      // A turn of the event loop between runs: live requests come first.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = lane.entries.splice(0, lane.arm.shadowBatchRows);
      await this.#score(lane, batch);
      lane.done += batch.length;
      for (const waiter of lane.waiters.splice(0)) waiter();
    }
    lane.working = false;
    // An arm lives as long as its route; its lane must not keep it longer.
    this.#lanes.delete(lane.arm);
  }

  async #score(lane: Lane, batch: Entry[]): Promise<void> {
    const { project, arm, deploymentId } = lane;
    const { width } = arm.bindings;
    const features = new Float32Array(batch.length * width);
    batch.forEach((entry, i) => {
      features.set(entry.features.subarray(entry.from, entry.from + width), i * width);
    });
    const { shadowScored, shadowFailed } = arm.metrics.candidate;
    try {
      const run =
        arm.model.inlineRows > 0
          ? arm.model.runHere(features, batch.length)
          : arm.model.runThere(features, batch.length, arm.shadowLimits);
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
    } catch (thrown) {
      const error = toAppError(thrown);
      // A run that had to be ended: those behind it would be refused one batch after the other.
      const behind = error.code === "deadline_exceeded" ? lane.entries.splice(0).length : 0;
      lane.done += behind;
      const rows = batch.length + behind;
      shadowFailed.add(rows);
      log.warn("shadow rows were not scored", { version: arm.version.id, rows, error });
    }
  }
}
