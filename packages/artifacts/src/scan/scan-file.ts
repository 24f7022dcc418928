import { open } from "node:fs/promises";
import { createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { type ByteReader, fileReader } from "./byte-reader.ts";
import { findOutsideData, looksLikeOnnx } from "./onnx-locations.ts";
import { type PickleReport, PickleScanner } from "./pickle-scanner.ts";
import { endsAsZip, entryStream, zipEntries } from "./zip-entries.ts";

/** What a look into a file found. */
export interface FileScan {
  verdict: "clean" | "refused";
  /** What it was looked into as: `pickle`, `zip`, `npy`, `onnx`, … */
  kind: string;
  /** Why it is refused; of a clean file what is worth knowing. */
  findings: string[];
}

type Findings = { refused: string[]; notes: string[] };
const MOST_ENTRIES = 100_000;
const MOST_NOTES = 1_000;
const HEAD_BYTES = 512;
const LEAST_BUDGET = 1024 ** 3;
const MOST_GROWTH = 50;
const UNSEEN_KIND = "compressed, not looked into";
const UNSEEN_NOTE = "is compressed in a way that is not looked into";
const TOO_MUCH = "unpacks to far more than its size";

/** Unpacked bytes that may still be looked into: the time of a scan is bounded by them. */
type Budget = { left: number };
class TooMuch extends Error {}

/**
 * Looks into a received file for what would run code or read foreign files when it is opened: pickles (also within joblib's
 * compression, zip archives such as torch's and numpy's, and npy files) and ONNX models with data elsewhere. By content, not by
 * name. Streams with bounded memory. Null for a file of another kind. What unpacks to more than `leastBudget` bytes (a gibibyte) and
 * more than fifty times its size is refused, so that time is bounded too.
 */
export async function scanFile(path: string, name: string, leastBudget = LEAST_BUDGET): Promise<FileScan | null> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = fileReader(file, size);
    const head = await bytes.at(0, HEAD_BYTES);
    const kind = kindOf(head, name);
    const budget: Budget = { left: Math.max(leastBudget, MOST_GROWTH * size) };
    if (kind === "zip") return await scanZip(bytes, budget);
    // Some readers look at a file's beginning, others at its end.
    if (await endsAsZip(bytes)) {
      const scan = await scanZip(bytes, budget);
      if (scan.verdict === "refused") return scan;
    }
    if (kind === "onnx") return verdict("onnx", { refused: await findOutsideData(bytes), notes: [] });
    if (kind === "unseen") return verdict(UNSEEN_KIND, { refused: [], notes: [UNSEEN_NOTE] });
    const found: Findings = { refused: [], notes: [] };
    const isPickle = await scanStream(bytes.stream(0, size), kind, found, budget);
    return isPickle ? verdict(kind === "plain" ? "pickle" : kind, found) : null;
  } finally {
    await file.close();
  }
}

type Kind = "zip" | "npy" | "gzip" | "zlib" | "zstd" | "unseen" | "onnx" | "plain";

function kindOf(head: Buffer, name: string): Kind {
  if (head.length >= 4 && (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32LE(0) === 0x06054b50)) return "zip";
  if (head.length >= 8 && head.subarray(0, 6).equals(NPY)) return "npy";
  if (head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  const start = head.toString("latin1", 0, 6);
  if (UNSEEN.some((magic) => start.startsWith(magic))) return "unseen";
  if (head.length >= 2 && head[0] === 0x78 && head.readUInt16BE(0) % 31 === 0) return "zlib";
  if (/\.onnx$/i.test(name) || looksLikeOnnx(head)) return "onnx";
  return "plain";
}

const NPY = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
/** bzip2, xz, lzma and lz4, which nothing here unpacks. */
const UNSEEN = ["BZh", "\u00fd7zXZ\u0000", "]\u0000\u0000", "\u0004\u0022\u004d\u0018"];

/** True where the stream is, or holds, a pickle. */
async function scanStream(
  source: AsyncIterable<Buffer>,
  kind: Kind,
  found: Findings,
  budget: Budget,
): Promise<boolean> {
  if (kind === "npy") return scanNpy(source, found);
  if (kind === "plain") return note(await scanPickle(source), found);
  if (kind !== "gzip" && kind !== "zlib" && kind !== "zstd") return false;
  const unpack = kind === "gzip" ? createGunzip() : kind === "zlib" ? createInflate() : createZstdDecompress();
  const inner = metered(pumped(source, unpack), budget);
  try {
    return note(await scanPickle(inner), found);
  } catch (error) {
    // Compressed by its first bytes only, or cut: nobody can unpack it.
    if (error instanceof Error && "code" in error) return false;
    if (!(error instanceof TooMuch)) throw error;
    found.refused.push(TOO_MUCH);
    return true;
  } finally {
    unpack.destroy();
  }
}

function note(report: PickleReport, found: Findings, where = ""): boolean {
  found.refused.push(...report.findings.map((finding) => `${where}${finding}`));
  found.notes.push(...report.notes.map((one) => `${where}${one}`));
  return report.isPickle;
}

async function scanPickle(source: AsyncIterable<Buffer>): Promise<PickleReport> {
  const scanner = new PickleScanner();
  for await (const chunk of source) {
    scanner.push(chunk);
    if (scanner.isOver) break;
  }
  return scanner.end();
}

/** An npy file holds a pickle where its elements are objects. */
async function scanNpy(source: AsyncIterable<Buffer>, found: Findings): Promise<boolean> {
  const scanner = new PickleScanner();
  let head: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of source) {
    if (begun) {
      scanner.push(chunk);
      if (scanner.isOver) break;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < 12) continue;
    const wide = (head[6] as number) >= 2;
    const start = wide ? 12 : 10;
    const end = start + (wide ? head.readUInt32LE(8) : head.readUInt16LE(8));
    if (end > 1024 * 1024) {
      found.refused.push("is an npy file with a header of more than a mebibyte");
      return true;
    }
    if (head.length < end) continue;
    if (!hasObjects(head.toString("latin1", start, end))) return false;
    begun = true;
    scanner.push(head.subarray(end));
  }
  return begun && note(scanner.end(), found);
}

/** The first `descr` decides: what follows a later one follows the first too, and to try each would take quadratic time. */
function hasObjects(header: string): boolean {
  const descr = /['"]descr['"]\s*:/.exec(header);
  return descr !== null && header.includes("O", descr.index + descr[0].length);
}

async function scanZip(bytes: ByteReader, budget: Budget): Promise<FileScan> {
  const found: Findings = { refused: [], notes: [] };
  let entries = 0;
  try {
    for await (const entry of zipEntries(bytes)) {
      if (++entries > MOST_ENTRIES) {
        found.refused.push(`holds more than ${MOST_ENTRIES} files`);
        break;
      }
      const where = `${entry.name.slice(0, 200)}: `;
      const inner: Findings = { refused: [], notes: [] };
      const stream = entryStream(bytes, entry);
      await scanEntry(stream && metered(stream, budget), inner, budget);
      found.refused.push(...inner.refused.map((finding) => `${where}${finding}`));
      if (found.notes.length < MOST_NOTES) found.notes.push(...inner.notes.map((one) => `${where}${one}`));
      if (found.refused.length > 100 || budget.left < 0) break;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Not an archive for us: whoever opens it must not be able to read more of it than we could.
    found.refused.push(
      error instanceof TooMuch ? TOO_MUCH : `is an archive and cannot be read as one (${error.message})`,
    );
  }
  return verdict("zip", found);
}

async function scanEntry(stream: AsyncIterable<Buffer> | null, found: Findings, budget: Budget): Promise<void> {
  if (stream === null) {
    found.notes.push("is packed in a way that is not looked into");
    return;
  }
  const iterator = stream[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const kind = kindOf(head, "");
  if (kind === "zip") found.notes.push("is an archive within an archive, which is not looked into");
  else if (kind === "unseen") found.notes.push(UNSEEN_NOTE);
  else if (kind !== "onnx") await scanStream(joined(head, iterator), kind, found, budget);
  await iterator.return?.();
}

/** @throws TooMuch beyond the budget */
async function* metered(source: AsyncIterable<Buffer>, budget: Budget): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    budget.left -= chunk.length;
    if (budget.left < 0) throw new TooMuch(TOO_MUCH);
    yield chunk;
  }
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (;;) {
    const next = await rest.next();
    if (next.done) return;
    yield next.value;
  }
}

/** A stream through a decompressor, never more than a buffer ahead of its reader. */
async function* pumped(
  source: AsyncIterable<Buffer>,
  through: NodeJS.ReadWriteStream & AsyncIterable<unknown>,
): AsyncGenerator<Buffer> {
  let failure: unknown = null;
  const feeding = (async () => {
    for await (const chunk of source) {
      if (!through.writable) return;
      if (!through.write(chunk))
        await new Promise<void>((resolve) => {
          through.once("drain", resolve);
          through.once("close", resolve);
        });
    }
    through.end();
  })().catch((error: unknown) => {
    failure = error;
    through.end();
  });
  for await (const chunk of through) yield chunk as Buffer;
  await feeding;
  if (failure !== null) throw failure;
}

function verdict(kind: string, found: Findings): FileScan {
  const refused = [...new Set(found.refused)];
  return refused.length > 0
    ? { verdict: "refused", kind, findings: refused }
    : { verdict: "clean", kind, findings: [...new Set(found.notes)] };
}
