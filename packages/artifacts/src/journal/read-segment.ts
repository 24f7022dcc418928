import { readFileSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { walkFrames } from "./frame.ts";
import { decodeRecord, type JournalRecord, type RecordKind, recordKind } from "./records.ts";

export interface SegmentContents {
  records: JournalRecord[];
  /** Leading bytes that are whole frames. */
  validBytes: number;
  /** File size. */
  bytes: number;
}

/**
 * The records of a segment file up to the first damaged frame, in the order they were written.
 * @param kinds only these kinds are decoded; the others are checked and skipped.
 */
export function readSegment(path: string, kinds?: readonly RecordKind[]): SegmentContents {
  const bytes = readFileSync(path);
  const records: JournalRecord[] = [];
  const validBytes = walkFrames(bytes, (payload) => {
    if (kinds === undefined || kinds.includes(recordKind(payload))) records.push(decodeRecord(payload));
  });
  return { records, validBytes, bytes: bytes.length };
}

/** A piece of the journal that nobody writes any more. */
export interface SealedSegment {
  sequence: number;
  path: string;
  bytes: number;
  records: number;
  /** Highest watermark in it, epoch ms. */
  watermark: number | null;
}

/**
 * Counts a sealed segment's records and finds its watermark. `bytes` are those of whole frames: a power loss between sealing and
 * syncing may have taken or zeroed the end, and to promise it to readers would stop them there for ever.
 */
export function describeSegment(path: string, sequence: number): SealedSegment {
  const bytes = readFileSync(path);
  const segment: SealedSegment = { sequence, path, bytes: 0, records: 0, watermark: null };
  segment.bytes = walkFrames(bytes, (payload) => {
    segment.records++;
    const watermark = watermarkOf(payload);
    if (watermark !== null) segment.watermark = Math.max(segment.watermark ?? watermark, watermark);
  });
  return segment;
}

/** The watermark a payload carries; null for every other kind. */
export function watermarkOf(payload: Buffer): number | null {
  if (recordKind(payload) !== "w") return null;
  const record = decodeRecord(payload);
  return record.k === "w" ? record.t : null;
}

const SEALED = /^(\d{10})\.seg$/;

/** The sealed segments in a journal folder, oldest first. */
export async function listSegments(folder: string): Promise<{ sequence: number; path: string }[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const match = SEALED.exec(name);
      return match ? [{ sequence: Number(match[1]), path: join(folder, name) }] : [];
    })
    .sort((a, b) => a.sequence - b.sequence);
}

/** Puts a sealed segment and its name on the disk, so that it outlives a power loss. Blocks no thread that serves. */
export async function syncSegment(path: string): Promise<void> {
  for (const each of [path, dirname(path)]) {
    const file = await open(each, "r");
    await file.datasync().finally(() => file.close());
  }
}
