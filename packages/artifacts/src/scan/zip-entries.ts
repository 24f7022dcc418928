import { createInflateRaw } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";

export interface ZipEntry {
  name: string;
  method: number;
  packed: number;
  /** Where its local header begins. */
  offset: number;
}

const END_BYTES = Buffer.from("PK\u0005\u0006", "latin1");
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_COMMENT = 65_535;
const ALL_ONES = 0xffffffff;

/**
 * The files of a zip archive by its central directory, as zipfile and torch read it. Flags that say "encrypted" are not believed: readers
 * ignore them too. @throws Error for what is no archive
 */
export async function* zipEntries(bytes: ByteReader): AsyncGenerator<ZipEntry> {
  const { entries, end, offset } = await directoryOf(bytes);
  let at = offset;
  let read = 0;
  let packed = 0;
  // By the directory's size, as zipfile reads: the count is only compared.
  while (at < end) {
    const head = await bytes.at(at, 46);
    if (head.length < 46 || head.readUInt32LE(0) !== CENTRAL) throw new Error("its directory is damaged");
    const nameBytes = head.readUInt16LE(28);
    const extraBytes = head.readUInt16LE(30);
    const rest = await bytes.at(at + 46, nameBytes + extraBytes);
    const extra = wide(rest.subarray(nameBytes), head);
    at += 46 + nameBytes + extraBytes + head.readUInt16LE(32);
    read += 1;
    packed += extra.packed;
    if (packed > bytes.size) throw new Error("its files lie over one another");
    yield { name: rest.toString("utf8", 0, nameBytes), method: head.readUInt16LE(10), ...extra };
  }
  if (at !== end) throw new Error("its directory is longer than it says");
  if (read !== entries) throw new Error(`it says that it has ${entries} files, and has ${read}`);
}

/** The unpacked bytes of an entry; null for a method that is not known here. */
export function entryStream(bytes: ByteReader, entry: ZipEntry): AsyncIterable<Buffer> | null {
  if (entry.method !== 0 && entry.method !== 8) return null;
  return (async function* () {
    const head = await bytes.at(entry.offset, 30);
    if (head.length < 30 || head.readUInt32LE(0) !== LOCAL)
      throw new Error(`its file ${entry.name} is not where it says`);
    const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    const packed = bytes.stream(start, entry.packed);
    if (entry.method === 0) yield* packed;
    else yield* inflated(packed);
  })();
}

async function* inflated(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  const feeding = (async () => {
    for await (const chunk of source) {
      if (inflate.destroyed) return;
      if (!inflate.write(chunk)) {
        await new Promise<void>((resolve) => {
          inflate.once("drain", resolve);
          inflate.once("close", resolve);
        });
      }
    }
    inflate.end();
  })().catch((error: unknown) => void inflate.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } finally {
    inflate.destroy();
    await feeding;
  }
}

/** True where a file that does not begin as an archive ends as one: zipfile opens it all the same. */
export async function endsAsZip(bytes: ByteReader): Promise<boolean> {
  const { tail, at } = await endRecord(bytes);
  return at >= 0 && at + 22 + tail.readUInt16LE(at + 20) === tail.length && tail.readUInt32LE(at + 12) > 0;
}

/** The last end record; `at` is -1 where there is none. */
async function endRecord(bytes: ByteReader): Promise<{ tail: Buffer; tailAt: number; at: number }> {
  const tailAt = Math.max(0, bytes.size - MOST_COMMENT - 22);
  const tail = await bytes.at(tailAt, MOST_COMMENT + 22);
  return { tail, tailAt, at: tail.length < 22 ? -1 : tail.lastIndexOf(END_BYTES, tail.length - 22) };
}

/**
 * zipfile takes the directory right before the end record, whatever offset it names; other readers go by the offset. Both must mean
 * the same bytes, so that nobody reads another archive than was looked into.
 */
async function directoryOf(bytes: ByteReader): Promise<{ entries: number; end: number; offset: number }> {
  const { tail, tailAt, at } = await endRecord(bytes);
  if (at < 0) throw new Error("its directory is missing");
  if (at + 22 + tail.readUInt16LE(at + 20) !== tail.length) throw new Error("something stands behind the archive");
  const found = {
    entries: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const end = tailAt + at;
  const locator = end >= 20 ? await bytes.at(end - 20, 20) : Buffer.alloc(0);
  if (locator.length === 20 && locator.readUInt32LE(0) === LOCATOR_64) return directory64(bytes, end - 20, found);
  const shift = end - found.size - found.offset;
  if (shift > 0) throw new Error("something stands before the archive, which shifts its files");
  if (shift < 0) throw new Error("its directory is not where it says");
  return { entries: found.entries, end, offset: found.offset };
}

async function directory64(
  bytes: ByteReader,
  locatorAt: number,
  found: { entries: number; size: number; offset: number },
): Promise<{ entries: number; end: number; offset: number }> {
  const end = locatorAt - 56;
  const locator = await bytes.at(locatorAt, 20);
  const record = await bytes.at(Math.max(0, end), 56);
  if (end < 0 || record.readUInt32LE(0) !== END_64 || Number(locator.readBigUInt64LE(8)) !== end)
    throw new Error("its record of a large archive is not where it says");
  const wide = {
    entries: Number(record.readBigUInt64LE(32)),
    size: Number(record.readBigUInt64LE(40)),
    offset: Number(record.readBigUInt64LE(48)),
  };
  if (wide.offset + wide.size !== end) throw new Error("its directory is not where it says");
  const agrees = (short: number, most: number, long: number) => short === most || short === long;
  if (
    !agrees(found.entries, 0xffff, wide.entries) ||
    !agrees(found.size, ALL_ONES, wide.size) ||
    !agrees(found.offset, ALL_ONES, wide.offset)
  )
    throw new Error("its two end records differ");
  return { entries: wide.entries, end, offset: wide.offset };
}

/** Sizes and offset, which a large archive keeps in an extra field. Readers differ on damaged and repeated ones. */
function wide(extra: Buffer, head: Buffer): { packed: number; offset: number } {
  const result = { packed: head.readUInt32LE(20), offset: head.readUInt32LE(42) };
  let seen = false;
  let at = 0;
  for (; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) throw new Error("an extra field of its directory is damaged");
    if (extra.readUInt16LE(at) !== 1) continue;
    if (seen) throw new Error("its directory gives the sizes of a file twice");
    seen = true;
    let field = at + 4;
    const next = () => {
      if (field + 8 > end) throw new Error("an extra field of its directory is damaged");
      field += 8;
      return Number(extra.readBigUInt64LE(field - 8));
    };
    if (head.readUInt32LE(24) === ALL_ONES) next();
    if (result.packed === ALL_ONES) result.packed = next();
    if (result.offset === ALL_ONES) result.offset = next();
  }
  return result;
}
