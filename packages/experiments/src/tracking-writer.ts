import { AppError, isAppError, type Scope, toAppError } from "@ballast/core";
import { type Database, type Tx, withTenant } from "@ballast/db";
import { type BatchOfRun, writeBatches } from "./batch-transaction.ts";
import { type RunStart, startRuns } from "./run-starts.ts";
import type { Run, StartRunInput } from "./runs.ts";
import { checkBatch, type TrackingBatch } from "./tracking-batch.ts";

export interface TrackingWriterOptions {
  /** A transaction takes no more calls once it holds this many rows. */
  rowsPerTransaction?: number;
  /** Large batches of one team take this many transactions at a time, by run; small ones share one. */
  lanesPerTeam?: number;
  /** Rows that may wait, of all teams together; more are refused with `too_many_requests`. */
  mostWaiting?: number;
}

const LARGE_ROWS = 200;
/** PostgreSQL's codes for a transaction that would have gone through at another moment. */
const TRANSIENT = new Set(["40001", "40P01"]);

interface Waiting {
  rows: number;
  work: { batch: BatchOfRun } | { start: RunStart };
  resolve(result: Run | null): void;
  reject(error: AppError): void;
}

interface Lane {
  teamId: string;
  waiting: Waiting[];
  busy: boolean;
}

/**
 * Writes what clients log. Calls of one team that arrive while a transaction runs go into the next one together: a lone call waits
 * for nobody, a crowd shares one commit. Each call is atomic, answered after its commit, and harmless to repeat, except that a
 * repeated start makes another run.
 */
export class TrackingWriter {
  readonly #db: Pick<Database, "drizzle">;
  readonly #rowsPerTransaction: number;
  readonly #mostWaiting: number;
  readonly #lanesPerTeam: number;
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;
  #idle: (() => void)[] = [];

  constructor(db: Database, options: TrackingWriterOptions = {}) {
    // The same few statements over and over.
    this.#db = { drizzle: db.prepared };
    this.#rowsPerTransaction = options.rowsPerTransaction ?? 20_000;
    this.#mostWaiting = options.mostWaiting ?? 400_000;
    this.#lanesPerTeam = options.lanesPerTeam ?? 2;
  }

  /**
   * Logs metrics, parameters and tags to a run, running or ended: all or nothing. Sending the same again changes nothing.
   * @throws AppError `not_found` (run, logged model), `conflict` (run in the trash; parameter with another value: details name key, was
   *   and given), `invalid_input` naming the field, `too_many_requests`
   */
  async logBatch(scope: Scope, runId: string, batch: TrackingBatch): Promise<void> {
    checkBatch(batch);
    const rows = 1 + (batch.metrics?.length ?? 0) + (batch.params?.length ?? 0) + (batch.tags?.length ?? 0);
    await this.#enqueue(scope.teamId, runId, rows, { batch: { projectId: scope.projectId, runId, batch } });
  }

  /** Starts a run in an experiment that is there, or in the project's default one, and audits it. @throws AppError `not_found`, `conflict` (experiment in the trash), `too_many_requests` */
  async startRun(scope: Scope, input: Omit<StartRunInput, "experiment">): Promise<Run> {
    const run = await this.#enqueue(scope.teamId, "", 2, { start: { scope, input } });
    if (!run) throw new AppError("internal", "a start was answered without a run");
    return run;
  }

  /** Rows that wait or are being written. */
  get waitingRows(): number {
    return this.#waiting;
  }

  /** Resolves once nothing waits and nothing is being written. */
  async drained(): Promise<void> {
    if (this.#lanes.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enqueue(teamId: string, runId: string, rows: number, work: Waiting["work"]): Promise<Run | null> {
    if (this.#waiting > 0 && this.#waiting + rows > this.#mostWaiting) {
      const message = "More is being logged than can be written; try again in a second.";
      throw new AppError("too_many_requests", message, { details: { retryAfterSeconds: 1 } });
    }
    this.#waiting += rows;
    return new Promise((resolve, reject) => {
      // Small calls are cheapest in one commit; large ones keep a core of the database busy each.
      const name = `${teamId} ${rows < LARGE_ROWS ? 0 : laneOf(runId, this.#lanesPerTeam)}`;
      const lane = this.#lanes.get(name) ?? { teamId, waiting: [], busy: false };
      this.#lanes.set(name, lane);
      lane.waiting.push({ rows, work, resolve, reject });
      if (!lane.busy) void this.#drain(name, lane);
    });
  }

  async #drain(name: string, lane: Lane): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0) {
      const group = this.#take(lane);
      await this.#commit(lane.teamId, group);
      for (const { rows } of group) this.#waiting -= rows;
    }
    this.#lanes.delete(name);
    if (this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(lane: Lane): Waiting[] {
    let rows = 0;
    let n = 0;
    while (n < lane.waiting.length && rows < this.#rowsPerTransaction) rows += (lane.waiting[n++] as Waiting).rows;
    return lane.waiting.splice(0, n);
  }

  /** Commits a group; when the database refuses it, each member for itself, so that only the guilty one is refused. */
  async #commit(teamId: string, group: readonly Waiting[], again = true): Promise<void> {
    try {
      const results = await withTenant(this.#db, teamId, (tx) => write(tx, teamId, group));
      group.forEach((member, i) => {
        const result = results[i] ?? null;
        if (isAppError(result)) member.reject(result);
        else member.resolve(result);
      });
    } catch (error) {
      if (group.length > 1) for (const member of group) await this.#commit(teamId, [member]);
      else if (again && isTransient(error)) await this.#commit(teamId, group, false);
      else group[0]?.reject(toAppError(error));
    }
  }
}

function laneOf(runId: string, lanes: number): number {
  let hash = 0;
  for (let i = 0; i < runId.length; i++) hash = (hash * 31 + runId.charCodeAt(i)) | 0;
  return Math.abs(hash % lanes);
}

function isTransient(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && "code" in cause && TRANSIENT.has(String(cause.code));
}

/** Starts first: nobody can log to a run before its start was answered. */
async function write(tx: Tx, teamId: string, group: readonly Waiting[]): Promise<(Run | AppError | null)[]> {
  const starts = group.flatMap(({ work }) => ("start" in work ? [work.start] : []));
  const batches = group.flatMap(({ work }) => ("batch" in work ? [work.batch] : []));
  const started = starts.length > 0 ? await startRuns(tx, teamId, starts) : [];
  const refused = batches.length > 0 ? await writeBatches(tx, teamId, batches) : [];
  let nextStart = 0;
  let nextBatch = 0;
  return group.map(({ work }) => ("start" in work ? (started[nextStart++] ?? null) : (refused[nextBatch++] ?? null)));
}
