import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { JournalWriter } from "./journal-writer.ts";
import { describeSegment, listSegments, readSegment, type SealedSegment } from "./read-segment.ts";
import { encodeRecord, type JournalRecord } from "./records.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Park and Miller's generator: the same bytes on every machine. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function outcome(i: number, text = ""): JournalRecord {
  return { k: "o", id: `prd_${i}${text}`, rev: 0, label: i % 2, t: i, at: i };
}

function openFile(): string {
  const name = readdirSync(folder).find((each) => each.endsWith(".open"));
  if (!name) throw new Error("no open segment");
  return join(folder, name);
}

test("what was appended is read back in order, whatever characters it holds", async () => {
  const writer = new JournalWriter(folder);
  const records = ["", "機場", "\u{1f6eb}\ud800", '"\\\n'].map((text, i) => outcome(i, text));
  writer.append(records.map(encodeRecord));
  writer.append([encodeRecord(outcome(9))]);
  writer.close();
  const [segment] = await listSegments(folder);
  const read = readSegment(segment?.path ?? "").records;
  expect(read).toEqual([...records, outcome(9)]);
});

test("random truncation and corruption never lose an earlier record nor yield a wrong one", () => {
  const u = uniform(20_261_123);
  const writer = new JournalWriter(folder, { maxSegmentAgeMs: 1e9 });
  const ends: number[] = [];
  for (let i = 0; i < 200; i++) {
    writer.append([encodeRecord(outcome(i, "x".repeat(Math.floor(u() * 60))))]);
    ends.push(writer.current.bytes);
  }
  const path = writer.current.path;
  const whole = readFileSync(path);
  const all = readSegment(path).records;
  expect(all).toHaveLength(200);
  for (let round = 0; round < 600; round++) {
    const bytes = Buffer.from(whole);
    const at = Math.floor(u() * bytes.length);
    const kind = Math.floor(u() * 4);
    let damaged: Buffer = bytes;
    if (kind === 0) damaged = bytes.subarray(0, at);
    if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(u() * 8));
    if (kind === 2) bytes.fill(0, at);
    if (kind === 3) for (let j = at; j < Math.min(at + 32, bytes.length); j++) bytes[j] = Math.floor(u() * 256);
    const copy = join(folder, "damaged");
    writeFileSync(copy, damaged);
    const { records, validBytes } = readSegment(copy);
    const intact = ends.filter((end) => end <= at).length;
    expect(records.length).toBeGreaterThanOrEqual(intact);
    expect(records).toEqual(all.slice(0, records.length));
    expect(validBytes).toBe(records.length === 0 ? 0 : ends[records.length - 1]);
  }
  writer.close();
});

test("a torn tail is cut on start and writing goes on behind the last whole record", () => {
  const first = new JournalWriter(folder);
  first.append([encodeRecord(outcome(1)), encodeRecord(outcome(2))]);
  const path = openFile();
  const left = readFileSync(path);
  first.close();
  rmSync(folder, { recursive: true });
  // As a killed process leaves it: no seal, half a frame at the end.
  new JournalWriter(folder).close();
  writeFileSync(openFile(), Buffer.concat([left, left.subarray(0, 11)]));
  const second = new JournalWriter(folder);
  expect(second.current).toMatchObject({ bytes: left.length, records: 2 });
  second.append([encodeRecord(outcome(3))]);
  expect(readSegment(openFile()).records).toEqual([outcome(1), outcome(2), outcome(3)]);
  second.close();
});

test("segments are sealed by size, by age and by close, and numbers are never used twice", async () => {
  let now = 0;
  const sealed: SealedSegment[] = [];
  const options = {
    maxSegmentBytes: 300,
    maxSegmentAgeMs: 2_000,
    now: () => now,
    onSealed: (s: SealedSegment) => sealed.push(s),
  };
  const writer = new JournalWriter(folder, options);
  for (let i = 0; i < 8; i++) writer.append([encodeRecord(outcome(i))]);
  expect(sealed.length).toBeGreaterThan(0);
  writer.append([encodeRecord({ k: "w", t: 77, at: 1 })], 77);
  const before = sealed.length;
  now = 1_999;
  writer.sealIfDue();
  expect(sealed.length).toBe(before);
  now = 2_000;
  writer.sealIfDue();
  expect(sealed.length).toBe(before + 1);
  expect(sealed.at(-1)?.watermark).toBe(77);
  for (const segment of sealed) expect(describeSegment(segment.path, segment.sequence)).toEqual(segment);
  writer.close();
  const last = sealed.at(-1)?.sequence ?? 0;
  for (const { path } of await listSegments(folder)) rmSync(path);
  const again = new JournalWriter(folder, options);
  expect(again.current.sequence).toBeGreaterThan(last);
  again.close();
});

test("a crash between making the next file and renaming the sealed one is finished on start", async () => {
  const writer = new JournalWriter(folder);
  writer.append([encodeRecord(outcome(1))]);
  const bytes = readFileSync(openFile());
  writer.close();
  rmSync(folder, { recursive: true });
  new JournalWriter(folder).close();
  const open = openFile();
  appendFileSync(open, bytes);
  writeFileSync(join(folder, "0000000002.open"), "");
  const again = new JournalWriter(folder);
  expect(again.current).toMatchObject({ sequence: 2, records: 0 });
  expect((await listSegments(folder)).map((s) => readSegment(s.path).records)).toEqual([[outcome(1)]]);
  again.close();
});

test("a full disk refuses the whole append, leaves nothing of it, and the next append works when there is room", () => {
  let room = 1e9;
  const write = (fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
    // As the kernel does: what fits is written, then ENOSPC.
    const fits = Math.min(length, room);
    if (fits === 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    room -= fits;
    return writeSync(fd, bytes, offset, fits, position);
  };
  const writer = new JournalWriter(folder, { write });
  writer.append([encodeRecord(outcome(1))]);
  room = 100;
  const batch = Array.from({ length: 50 }, (_, i) => encodeRecord(outcome(100 + i)));
  expect(() => writer.append(batch)).toThrowError(expect.objectContaining({ code: "storage_full" }));
  expect(readFileSync(openFile()).length).toBe(writer.current.bytes);
  expect(() => writer.append(batch)).toThrowError(expect.objectContaining({ status: 507 }));
  expect(() => writer.probe()).toThrowError(expect.objectContaining({ code: "storage_full" }));
  room = 1e9;
  writer.probe();
  expect(readFileSync(openFile()).length).toBe(writer.current.bytes);
  writer.append([encodeRecord(outcome(2))]);
  expect(readSegment(openFile()).records).toEqual([outcome(1), outcome(2)]);
  writer.close();
});

test("a folder has one owner; a dead owner's lock is taken over", () => {
  const writer = new JournalWriter(folder);
  expect(() => new JournalWriter(folder)).toThrowError(expect.objectContaining({ code: "conflict" }));
  writer.close();
  // The highest process id there can be is never alive here.
  writeFileSync(join(folder, "lock"), JSON.stringify({ pid: 4_194_303, birth: null, nonce: "gone" }));
  new JournalWriter(folder).close();
  // Same id as ours, from before a restart of the container: not us.
  writeFileSync(join(folder, "lock"), JSON.stringify({ pid: process.pid, birth: null, nonce: "earlier" }));
  new JournalWriter(folder).close();
  // A live process with that id, born at another time.
  writeFileSync(join(folder, "lock"), JSON.stringify({ pid: process.ppid, birth: "another boot/1", nonce: "earlier" }));
  new JournalWriter(folder).close();
  // Half a lock file.
  writeFileSync(join(folder, "lock"), "{");
  const last = new JournalWriter(folder);
  expect(readdirSync(folder).filter((name) => name.startsWith("lock"))).toEqual(["lock"]);
  last.close();
  expect(readdirSync(folder)).not.toContain("lock");
});

test("a sealed segment whose end was lost with the power is described by what is left of it", () => {
  const writer = new JournalWriter(folder);
  writer.append([encodeRecord(outcome(1))]);
  const { bytes } = writer.current;
  writer.append([encodeRecord(outcome(2))]);
  const sealed = writer.seal();
  writer.close();
  const { path, sequence } = sealed as SealedSegment;
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.concat([whole.subarray(0, bytes), Buffer.alloc(whole.length - bytes)]));
  expect(describeSegment(path, sequence)).toMatchObject({ bytes, records: 1 });
});

test("zeroed blocks behind the last record read as its end", () => {
  const writer = new JournalWriter(folder);
  writer.append([encodeRecord(outcome(1))]);
  const { path, bytes } = writer.current;
  truncateSync(path, bytes + 4_096);
  expect(readSegment(path)).toMatchObject({ records: [outcome(1)], validBytes: bytes, bytes: bytes + 4_096 });
  writer.close();
});
