import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import {
  decodeRecord,
  encodeRecord,
  JournalWriter,
  type JournalWriterOptions,
  listSegments,
  recordKind,
  type SealedSegment,
  type SourceRowsRecord,
  type WatermarkRecord,
  walkFrames,
} from "@ballast/artifacts";
import { type AppError, createLogger, DAY_MS, toAppError } from "@ballast/core";
import { newestAsked } from "./live-watermark.ts";

const log = createLogger("gateway");

/** A segment file that is still here. */
export interface LocalSegment {
  sequence: number;
  path: string;
  /** A restart reads it: it holds pushed rows or a watermark. */
  rebuilds: boolean;
  /** Moment up to which the project's rows were known when it was sealed: it is needed while that lies in a window. */
  knownUntil: number;
  /** Latest known moment among its rows, where views say which column tells it. */
  rowsUntil: number;
  /** Push keys in it. */
  pushes: string[];
}

/** A project's journal with what must be remembered of it: push keys, the watermark, and which files are still needed. */
export class ProjectJournal {
  readonly #writer: JournalWriter;
  #failure: AppError | null = null;
  readonly #segments = new Map<number, LocalSegment>();
  readonly #pushes = new Set<string>();
  #openPushes: string[] = [];
  #openKnownUntil = Number.NEGATIVE_INFINITY;
  #openHasWatermark = false;
  #watermark: number | null = null;
  #hasSender = false;
  #newest: number | null = null;
  #readers = 0;
  /** Records appended since the start. */
  records = 0;

  constructor(folder: string, onSealed: (segment: SealedSegment) => void, options: JournalWriterOptions) {
    this.#writer = new JournalWriter(folder, {
      ...options,
      onSealed: (segment) => {
        this.#sealed(segment);
        onSealed(segment);
      },
    });
  }

  get folder(): string {
    return this.#writer.folder;
  }

  /** Why the last append failed; null while appends succeed. */
  get failure(): AppError | null {
    return this.#failure;
  }

  get watermark(): number | null {
    return this.#watermark;
  }

  /** True once a sender has posted a watermark. */
  get hasSender(): boolean {
    return this.#hasSender;
  }

  /** Latest event time asked about since the start; times ahead of the clock do not count. */
  get newest(): number | null {
    return this.#newest;
  }

  /** Notes an event time asked about at the wall time `at`. */
  noteAsked(t: number, at: number): void {
    this.#newest = newestAsked(this.#newest, t, at);
  }

  get segments(): LocalSegment[] {
    return [...this.#segments.values()];
  }

  /** Local files that no restart needs any more; `retentionMs` is how far behind the watermark features reach. */
  dispensable(retentionMs: number): LocalSegment[] {
    const horizon = (this.#watermark ?? Number.NEGATIVE_INFINITY) - retentionMs;
    return this.segments.filter((segment) => !segment.rebuilds || segment.knownUntil < horizon);
  }

  hasPush(key: string): boolean {
    return this.#pushes.has(key);
  }

  /** Appends, all or none. `storage_full` where the disk is full. */
  append(payloads: readonly string[], watermark: number | null = null): void {
    try {
      this.#writer.append(payloads, watermark);
    } catch (error) {
      throw this.#failed(error);
    }
    this.#works();
    this.records += payloads.length;
  }

  /** Appends pushed rows; `knownUntil` is the latest moment at which one of them was known, where that can be told. */
  appendPush(key: string, payload: string, knownUntil: number): void {
    this.append([payload]);
    this.#notePush(key, knownUntil);
  }

  /** Appends a watermark and seals the segment that ends with it. */
  appendWatermark(record: WatermarkRecord): void {
    this.append([encodeRecord(record)], record.t);
    this.#noteWatermark(record);
    this.seal();
  }

  /** Seals what is written. Where that fails (no room for a file name) the records stay, and the timer tries again. */
  seal(): void {
    try {
      this.#writer.seal();
    } catch (error) {
      this.#failed(error);
    }
  }

  sealIfDue(): void {
    this.#writer.sealIfDue();
  }

  /** Looks whether there is room again after a failure. Callers may not come by themselves: a balancer sees "not ready". */
  probe(): void {
    if (this.#failure === null) return;
    try {
      this.#writer.probe();
      this.#works();
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * Reads every local segment and the open one, oldest first: rebuilds what is remembered and hands out pushed rows.
   * Gives other work a turn after each file.
   * @param knownUntil the latest known moment among the rows, or null where no view says which column tells it.
   */
  async replay(visit: (record: SourceRowsRecord) => void, knownUntil: (record: SourceRowsRecord) => number | null) {
    for (const { sequence, path } of await listSegments(this.folder)) {
      this.#replayBytes(await readFile(path), visit, knownUntil);
      this.#sealed({ sequence, path });
    }
    const { path, bytes } = this.#writer.current;
    this.#replayBytes((await readFile(path)).subarray(0, bytes), visit, knownUntil);
  }

  /**
   * The pushed rows in the local files, oldest first, up to what is written when the first is asked for. No file is
   * forgotten while it is read.
   */
  async *pushedRows(): AsyncGenerator<SourceRowsRecord> {
    this.seal();
    // All of this before the first pause: what is pushed and sealed from here on is not among these rows.
    const sealed = this.segments.filter((segment) => segment.pushes.length > 0);
    const { path, bytes } = this.#writer.current;
    // Only where sealing failed. Read at once, for the file is renamed when sealing works again.
    const open = bytes > 0 ? readFileSync(path).subarray(0, bytes) : null;
    this.#readers++;
    try {
      for (const segment of sealed) yield* pushedIn(await readFile(segment.path));
      if (open !== null) yield* pushedIn(open);
    } finally {
      this.#readers--;
    }
  }

  /** Deletes a local file that is neither needed nor waited for; its push keys go with it. */
  async forget(sequence: number): Promise<void> {
    const segment = this.#segments.get(sequence);
    if (!segment || this.#readers > 0) return;
    this.#segments.delete(sequence);
    for (const key of segment.pushes) this.#pushes.delete(key);
    await rm(segment.path, { force: true });
  }

  close(): void {
    this.#writer.close();
  }

  #failed(error: unknown): AppError {
    const failure = toAppError(error);
    if (this.#failure === null) log.error("the journal cannot be written", { folder: this.folder, error: failure });
    this.#failure = failure;
    return failure;
  }

  #works(): void {
    if (this.#failure !== null) log.info("the journal can be written again", { folder: this.folder });
    this.#failure = null;
  }

  #replayBytes(
    bytes: Buffer,
    visit: (record: SourceRowsRecord) => void,
    knownUntil: (record: SourceRowsRecord) => number | null,
  ): void {
    walkFrames(bytes, (payload) => {
      const kind = recordKind(payload);
      if (kind !== "f" && kind !== "w") return;
      const record = decodeRecord(payload);
      if (record.k === "w") this.#noteWatermark(record);
      if (record.k !== "f" || this.#pushes.has(record.push)) return;
      this.#notePush(record.push, knownUntil(record) ?? Number.NEGATIVE_INFINITY);
      visit(record);
    });
  }

  #noteWatermark({ t, by }: WatermarkRecord): void {
    this.#hasSender ||= by !== "clock";
    if (this.#watermark === null) {
      for (const segment of this.#segments.values()) segment.knownUntil = Math.max(segment.rowsUntil, t + DAY_MS);
    }
    this.#watermark = Math.max(this.#watermark ?? t, t);
    this.#openHasWatermark = true;
  }

  #notePush(key: string, knownUntil: number): void {
    this.#pushes.add(key);
    this.#openPushes.push(key);
    this.#openKnownUntil = Math.max(this.#openKnownUntil, knownUntil);
  }

  #sealed({ sequence, path }: { sequence: number; path: string }): void {
    // Rows of a source that no view reads yet carry no known time; a day beyond the watermark stands in for it.
    const assumed = this.#watermark === null ? Number.POSITIVE_INFINITY : this.#watermark + DAY_MS;
    const rowsUntil = this.#openKnownUntil;
    const knownUntil = Math.max(rowsUntil, assumed);
    const rebuilds = this.#openPushes.length > 0 || this.#openHasWatermark;
    this.#segments.set(sequence, { sequence, path, rebuilds, knownUntil, rowsUntil, pushes: this.#openPushes });
    this.#openPushes = [];
    this.#openHasWatermark = false;
    this.#openKnownUntil = Number.NEGATIVE_INFINITY;
  }
}

function pushedIn(bytes: Buffer): SourceRowsRecord[] {
  const rows: SourceRowsRecord[] = [];
  walkFrames(bytes, (payload) => {
    if (recordKind(payload) === "f") rows.push(decodeRecord(payload) as SourceRowsRecord);
  });
  return rows;
}
