import type { SearchedRun, SearchPage } from "../tracking.ts";

/** Runs of one read while scrolling; small, so that parsing an answer never holds up a frame for long. */
const STEP = 200;
/** Runs of one read when the view jumped far ahead, or when all are wanted. */
const STRIDE = 1_000;

export type ReadPage = (page: { cursor: string; limit: number }) => Promise<SearchPage>;

export interface RunSnapshot {
  rows: readonly SearchedRun[];
  /** How many fit the search; undefined before the first answer. */
  total: number | undefined;
  complete: boolean;
  error: Error | undefined;
}

/**
 * The runs of one search, read by cursor as far as somebody looked. The first page is somebody else's (a query that is refreshed
 * live) and is merged in; every page after it is read once.
 */
export class RunStore {
  #read: ReadPage;
  #rows: SearchedRun[] = [];
  #total: number | undefined;
  #cursor: string | null | undefined;
  #removed = new Set<string>();
  #wanted = 0;
  #reading = false;
  #error: Error | undefined;
  #listeners = new Set<() => void>();
  #snapshot: RunSnapshot = { rows: [], total: undefined, complete: false, error: undefined };

  constructor(read: ReadPage) {
    this.#read = read;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): RunSnapshot => this.#snapshot;

  /** The newest answer to the first page. What was read before and is not in it stays behind it. */
  setHead(head: SearchPage): void {
    const inHead = new Set(head.runs.map(({ id }) => id));
    const alone = head.cursor === null;
    const rest = alone ? [] : this.#rows.filter(({ id }) => !inHead.has(id));
    this.#rows = [...head.runs, ...rest].filter(({ id }) => !this.#removed.has(id));
    this.#total = head.total;
    if (this.#cursor === undefined || alone) this.#cursor = head.cursor;
    this.#publish();
    void this.#fill();
  }

  /** Reads on until the `index`-th run is there, or the last one. */
  need(index: number): void {
    if (index < this.#wanted && this.#error === undefined) return;
    this.#wanted = Math.max(this.#wanted, index + 1);
    void this.#fill();
  }

  /** Tries again after a read failed. */
  retry(): void {
    this.#error = undefined;
    this.#publish();
    void this.#fill();
  }

  /** Takes runs out at once, before the server has said so. */
  remove(ids: readonly string[]): void {
    const gone = new Set(ids);
    const before = this.#rows.length;
    this.#rows = this.#rows.filter(({ id }) => !gone.has(id));
    for (const id of ids) this.#removed.add(id);
    if (this.#total !== undefined) this.#total -= before - this.#rows.length;
    this.#publish();
  }

  /** Lets removed runs come back with the next answer: their removal was undone or refused. */
  unremove(ids: readonly string[]): void {
    for (const id of ids) this.#removed.delete(id);
  }

  async #fill(): Promise<void> {
    if (this.#reading || this.#error) return;
    this.#reading = true;
    try {
      while (this.#rows.length < this.#wanted && typeof this.#cursor === "string") {
        const limit = this.#wanted - this.#rows.length > 2 * STEP ? STRIDE : STEP;
        const page = await this.#read({ cursor: this.#cursor, limit });
        const known = new Set(this.#rows.map(({ id }) => id));
        const fresh = page.runs.filter(({ id }) => !known.has(id) && !this.#removed.has(id));
        this.#rows = [...this.#rows, ...fresh];
        this.#cursor = page.cursor;
        this.#publish();
      }
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#publish();
    } finally {
      this.#reading = false;
    }
  }

  #publish(): void {
    const complete = this.#cursor === null;
    this.#snapshot = {
      rows: this.#rows,
      // Counting and reading are two moments: once all is read, what was read is the truth.
      total: complete ? this.#rows.length : this.#total,
      complete,
      error: this.#error,
    };
    for (const listener of this.#listeners) listener();
  }
}
