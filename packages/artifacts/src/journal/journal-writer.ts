import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { AppError } from "@ballast/core";
import { toStorageError } from "../storage-error.ts";
import { FolderLock } from "./folder-lock.ts";
import { FrameBuffer, walkFrames } from "./frame.ts";
import { type SealedSegment, watermarkOf } from "./read-segment.ts";

export interface JournalWriterOptions {
  /** Bytes at which a segment is full: the next append or {@link JournalWriter.sealIfDue} seals it; 1 MiB. */
  maxSegmentBytes?: number;
  /** Wall time after the first record of a segment at which it is sealed, milliseconds; 2,000. */
  maxSegmentAgeMs?: number;
  /**
   * `process`: an appended record survives the process being killed. `power`: each append (a group) also waits for
   * fdatasync, about 150 µs, and survives a power loss.
   */
  durability?: "process" | "power";
  /** Called after a segment was sealed. */
  onSealed?: (segment: SealedSegment) => void;
  now?: () => number;
  /** The write system call; a seam for tests of a full disk. */
  write?: (fd: number, bytes: Buffer, offset: number, length: number, position: number) => number;
}

const OPEN_SEGMENT = /^(\d{10})\.open$/;
const ANY_SEGMENT = /^(\d{10})\.(?:open|seg)$/;

/** Room that is asked for before a full disk counts as mended. Zeros: left behind by a crash, they read as no record. */
const PROBE = Buffer.alloc(64 * 1024);

function fileName(sequence: number, state: "open" | "seg"): string {
  return `${String(sequence).padStart(10, "0")}.${state}`;
}

/**
 * Appends framed payloads to numbered segment files in a folder it owns alone (see `docs/architecture.md`, "The journal").
 * Everything here is synchronous: when {@link append} returns, the operating system has the bytes.
 */
export class JournalWriter {
  readonly folder: string;
  readonly #options: Required<JournalWriterOptions>;
  readonly #lock: FolderLock;
  readonly #frames = new FrameBuffer();
  #fd = -1;
  #sequence = 0;
  #size = 0;
  #records = 0;
  #watermark: number | null = null;
  #openedAt = 0;
  /** Bytes of a failed write may lie behind `#size`; they must be cut before anything else is written. */
  #dirty = false;
  #closed = false;

  /** Opens or creates the folder, takes its lock (`conflict` if it is held) and cuts a torn tail. */
  constructor(folder: string, options: JournalWriterOptions = {}) {
    this.folder = folder;
    this.#options = {
      maxSegmentBytes: 1024 * 1024,
      maxSegmentAgeMs: 2_000,
      durability: "process",
      onSealed: () => {},
      now: Date.now,
      write: writeSync,
      ...options,
    };
    mkdirSync(folder, { recursive: true });
    this.#lock = new FolderLock(folder);
    try {
      this.#resume();
    } catch (error) {
      this.#lock.release();
      throw toStorageError(error, `The journal in ${folder} could not be opened`);
    }
  }

  /** The segment being written. */
  get current(): { sequence: number; path: string; bytes: number; records: number } {
    const path = join(this.folder, fileName(this.#sequence, "open"));
    return { sequence: this.#sequence, path, bytes: this.#size, records: this.#records };
  }

  /**
   * Appends payloads, all or none, in one write. `storage_full` where the disk is full: then the segment ends where it
   * ended before, and the next append tries again.
   * @param watermark the highest watermark among the payloads, epoch ms.
   */
  append(payloads: readonly string[], watermark: number | null = null): void {
    if (payloads.length === 0) return;
    if (this.#closed) throw new AppError("unavailable", "The journal is closed.");
    // Not after the append that filled it: its caller has yet to note what the segment now holds.
    if (this.#isFull) this.#sealQuietly();
    this.#frames.clear();
    for (const payload of payloads) this.#frames.add(payload);
    try {
      if (this.#dirty) this.#cut();
      this.#writeAll();
    } catch (error) {
      this.#undo();
      throw toStorageError(error, "The journal was not written");
    }
    if (this.#records === 0) this.#openedAt = this.#options.now();
    this.#size += this.#frames.length;
    this.#records += payloads.length;
    if (watermark !== null) this.#watermark = Math.max(this.#watermark ?? watermark, watermark);
  }

  /** Throws what {@link append} would throw now: writes behind the end and cuts it off again. */
  probe(): void {
    try {
      if (this.#dirty) this.#cut();
      const length = PROBE.length;
      for (let written = 0; written < length; ) {
        written += this.#options.write(this.#fd, PROBE, written, length - written, this.#size + written);
      }
    } catch (error) {
      throw toStorageError(error, "The journal can't be written");
    } finally {
      this.#undo();
    }
  }

  /** Seals the current segment if it is full or old enough. Call it from a timer. */
  sealIfDue(): void {
    const isOld = this.#records > 0 && this.#options.now() - this.#openedAt >= this.#options.maxSegmentAgeMs;
    if (isOld || this.#isFull) this.#sealQuietly();
  }

  /**
   * Seals what has been written, if anything; returns the sealed segment. Under `process` durability its bytes may not be
   * on the disk yet: who tells others of the segment calls {@link syncSegment} first.
   */
  seal(): SealedSegment | null {
    if (this.#records === 0 || this.#closed) return null;
    if (this.#dirty) this.#cut();
    if (this.#options.durability === "power") fdatasyncSync(this.#fd);
    const sequence = this.#sequence;
    const path = join(this.folder, fileName(sequence, "seg"));
    const sealed = { sequence, path, bytes: this.#size, records: this.#records, watermark: this.#watermark };
    // The next file first: a folder always holds its highest number, also after sealed files were deleted.
    const next = openSync(join(this.folder, fileName(sequence + 1, "open")), "w");
    renameSync(join(this.folder, fileName(sequence, "open")), path);
    closeSync(this.#fd);
    this.#syncFolder();
    this.#start(next, sequence + 1);
    this.#options.onSealed(sealed);
    return sealed;
  }

  /** Seals and lets the folder go. */
  close(): void {
    if (this.#closed) return;
    try {
      this.seal();
    } finally {
      this.#closed = true;
      closeSync(this.#fd);
      this.#lock.release();
    }
  }

  get #isFull(): boolean {
    return this.#size >= this.#options.maxSegmentBytes;
  }

  /** The records are safe where they are; a seal that fails (a full disk has no room for a file name) is tried again later. */
  #sealQuietly(): void {
    try {
      this.seal();
    } catch {
      this.#openedAt = this.#options.now();
    }
  }

  #writeAll(): void {
    const { bytes, length } = this.#frames;
    let written = 0;
    while (written < length) {
      written += this.#options.write(this.#fd, bytes, written, length - written, this.#size + written);
    }
    if (this.#options.durability === "power") fdatasyncSync(this.#fd);
  }

  #undo(): void {
    this.#dirty = true;
    try {
      this.#cut();
    } catch {
      // Stays dirty: cut before the next write, or as a torn tail on start.
    }
  }

  #cut(): void {
    ftruncateSync(this.#fd, this.#size);
    this.#dirty = false;
  }

  #start(fd: number, sequence: number): void {
    this.#fd = fd;
    this.#sequence = sequence;
    this.#size = 0;
    this.#records = 0;
    this.#watermark = null;
    this.#dirty = false;
  }

  #resume(): void {
    const names = readdirSync(this.folder);
    const numbers = names.flatMap((name) => Number(ANY_SEGMENT.exec(name)?.[1] ?? Number.NaN)).filter(Number.isFinite);
    const open = names.flatMap((name) => Number(OPEN_SEGMENT.exec(name)?.[1] ?? Number.NaN)).filter(Number.isFinite);
    const last = Math.max(0, ...numbers);
    // A crash between creating the next file and renaming the sealed one leaves two open files: finish the rename.
    for (const sequence of open.filter((n) => n < last)) this.#finishSeal(sequence);
    const sequence = open.includes(last) ? last : last + 1;
    const path = join(this.folder, fileName(sequence, "open"));
    // Not "a": in append mode Linux ignores the position of a write.
    this.#start(openSync(path, open.includes(last) ? "r+" : "w"), sequence);
    this.#recover(path);
    this.#syncFolder();
  }

  #finishSeal(sequence: number): void {
    const path = join(this.folder, fileName(sequence, "open"));
    const valid = walkFrames(readFileSync(path), () => {});
    const fd = openSync(path, "r+");
    ftruncateSync(fd, valid);
    closeSync(fd);
    renameSync(path, join(this.folder, fileName(sequence, "seg")));
  }

  #recover(path: string): void {
    const bytes = readFileSync(path);
    this.#size = walkFrames(bytes, (payload) => {
      this.#records++;
      const watermark = watermarkOf(payload);
      if (watermark !== null) this.#watermark = Math.max(this.#watermark ?? watermark, watermark);
    });
    if (this.#size < bytes.length) this.#cut();
    this.#openedAt = this.#options.now();
  }

  #syncFolder(): void {
    if (this.#options.durability !== "power") return;
    const fd = openSync(this.folder, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
