import { AppError, toAppError } from "@ballast/core";

/** Rows of one request that wait for a version. */
export interface QueuedRows {
  /** Row-major, rows × width. */
  features: Float32Array;
  rows: number;
  /** `performance.now()` at which the caller stops waiting. */
  deadline: number;
  /** Set when done: the predictions, or why there are none. */
  y: Float32Array | null;
  error: AppError | null;
  /** Handed back already. */
  settled: boolean;
}

export interface BatchQueueOptions<J extends QueuedRows> {
  width: number;
  /** Rows put into one run; a request with more runs alone. */
  maxBatchRows: number;
  /** Rows that may wait. */
  maxQueuedRows: number;
  /** Runs a batch, rows × width. */
  run(features: Float32Array<ArrayBuffer>, rows: number): Promise<Float32Array>;
  /** Receives requests that are done, those of one run together. */
  done(jobs: J[]): void;
  /** True: deadlines are watched while a batch runs, because it runs elsewhere and may take long. */
  watchDeadlines: boolean;
}

const WATCH_EVERY_MS = 20;

/**
 * Micro-batches for one model version, by Triton's default rule: no request waits for others to come; what queued while
 * the last run went on is run together. Rows are counted, not requests. A run that fails is repeated request by request,
 * so that no request fails for another's sake.
 */
export class BatchQueue<J extends QueuedRows> {
  readonly #options: BatchQueueOptions<J>;
  #waiting: J[] = [];
  #rows = 0;
  #running: J[] = [];
  #scheduled = false;
  /** Several requests came together last time. */
  #crowded = false;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: BatchQueueOptions<J>) {
    this.#options = options;
  }

  /** Rows waiting or running. */
  get depth(): number {
    return this.#rows;
  }

  /** Takes a request, or returns false where the queue is full. */
  submit(job: J): boolean {
    if (this.#rows > 0 && this.#rows + job.rows > this.#options.maxQueuedRows) return false;
    this.#rows += job.rows;
    this.#waiting.push(job);
    this.#schedule();
    if (this.#options.watchDeadlines && this.#watch === null) this.#watchDeadlines();
    return true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#running.length > 0 || this.#waiting.length === 0) return;
    // A caller on its own gains nothing from waiting for this turn's other requests; callers in a crowd share a run.
    if (!this.#crowded) {
      this.#start();
      return;
    }
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    const batch = this.#take();
    if (batch.length === 0) {
      this.#schedule();
      return;
    }
    this.#running = batch;
    this.#crowded = batch.length > 1;
    this.#run(batch).then(
      () => this.#finish(batch),
      (error: unknown) => {
        for (const job of batch) job.error ??= toAppError(error);
        this.#finish(batch);
      },
    );
  }

  #take(): J[] {
    const batch: J[] = [];
    const late: J[] = [];
    const now = performance.now();
    let rows = 0;
    let taken = 0;
    for (const job of this.#waiting) {
      if (rows > 0 && rows + job.rows > this.#options.maxBatchRows) break;
      taken++;
      if (job.settled) continue;
      if (job.deadline <= now) late.push(job);
      else {
        batch.push(job);
        rows += job.rows;
      }
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    this.#expire(late);
    return batch;
  }

  async #run(batch: J[]): Promise<void> {
    const only = batch.length === 1 ? batch[0] : undefined;
    if (only) {
      only.y = await this.#options.run(only.features as Float32Array<ArrayBuffer>, only.rows);
      return;
    }
    const { width } = this.#options;
    const rows = batch.reduce((sum, job) => sum + job.rows, 0);
    const features = new Float32Array(rows * width);
    let at = 0;
    for (const job of batch) {
      features.set(job.features, at);
      at += job.features.length;
    }
    const y = await this.#options.run(features, rows).catch(() => null);
    if (y === null) return this.#runApart(batch);
    let from = 0;
    for (const job of batch) {
      job.y = y.subarray(from, from + job.rows);
      from += job.rows;
    }
  }

  async #runApart(batch: J[]): Promise<void> {
    for (const job of batch) {
      // Past its deadline: it may be the one that computes for ever.
      if (job.settled) continue;
      try {
        job.y = await this.#options.run(job.features as Float32Array<ArrayBuffer>, job.rows);
      } catch (error) {
        job.error = toAppError(error);
      }
    }
  }

  #finish(batch: J[]): void {
    this.#running = [];
    this.#crowded ||= this.#waiting.length > 1;
    this.#release(batch.filter((job) => !job.settled));
    if (this.#waiting.length > 0) this.#schedule();
  }

  #release(jobs: J[]): void {
    for (const job of jobs) {
      job.settled = true;
      this.#rows -= job.rows;
    }
    if (jobs.length > 0) this.#options.done(jobs);
  }

  #expire(jobs: J[]): void {
    for (const job of jobs) {
      job.y = null;
      job.error = new AppError("deadline_exceeded", "The prediction was not ready within the deployment's deadline.");
    }
    this.#release(jobs);
  }

  #watchDeadlines(): void {
    this.#watch = setInterval(() => {
      const now = performance.now();
      this.#expire([...this.#running, ...this.#waiting].filter((job) => !job.settled && job.deadline <= now));
      if (this.#rows > 0 || this.#watch === null) return;
      clearInterval(this.#watch);
      this.#watch = null;
    }, WATCH_EVERY_MS);
    this.#watch.unref();
  }
}
