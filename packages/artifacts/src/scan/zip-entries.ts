import { createInflateRaw } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";

export interface ZipEntry {
  name: string;
  method: number;
  packed: number;
  /** Where its local header begins. */
  offset: number;
}

const END = 0x06054b50;
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
  const { entries, size, offset } = await directoryOf(bytes);
  let at = offset;
  const end = offset + size;
  for (let i = 0; i < entries && at < end; i++) {
    const head = await bytes.at(at, 46);
    if (head.length < 46 || head.readUInt32LE(0) !== CENTRAL) throw new Error("its directory is damaged");
    const nameBytes = head.readUInt16LE(28);
    const extraBytes = head.readUInt16LE(30);
    const rest = await bytes.at(at + 46, nameBytes + extraBytes);
    const extra = wide(rest.subarray(nameBytes), head);
    at += 46 + nameBytes + extraBytes + head.readUInt16LE(32);
    yield { name: rest.toString("utf8", 0, nameBytes), method: head.readUInt16LE(10), ...extra };
  }
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

async function directoryOf(bytes: ByteReader): Promise<{ entries: number; size: number; offset: number }> {
  const tailAt = Math.max(0, bytes.size - MOST_COMMENT - 22);
  const tail = await bytes.at(tailAt, MOST_COMMENT + 22);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END) continue;
    const found = {
      entries: tail.readUInt16LE(at + 10),
      size: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
    const locator = at >= 20 ? tail.subarray(at - 20, at) : Buffer.alloc(0);
    if (locator.length === 20 && locator.readUInt32LE(0) === LOCATOR_64) {
      const record = await bytes.at(Number(locator.readBigUInt64LE(8)), 56);
      if (record.length === 56 && record.readUInt32LE(0) === END_64) {
        return {
          entries: Number(record.readBigUInt64LE(32)),
          size: Number(record.readBigUInt64LE(40)),
          offset: Number(record.readBigUInt64LE(48)),
        };
      }
    }
    // Bytes before the archive shift everything; zipfile allows for them.
    const shift = tailAt + at - found.size - found.offset;
    if (shift > 0) throw new Error("something stands before the archive");
    return found;
  }
  throw new Error("its directory is missing");
}

/** Sizes and offset, which a large archive keeps in an extra field. */
function wide(extra: Buffer, head: Buffer): { packed: number; offset: number } {
  const result = { packed: head.readUInt32LE(20), offset: head.readUInt32LE(42) };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    if (head.readUInt32LE(24) === ALL_ONES) field += 8;
    if (result.packed === ALL_ONES && field + 8 <= extra.length) {
      result.packed = Number(extra.readBigUInt64LE(field));
      field += 8;
    }
    if (result.offset === ALL_ONES && field + 8 <= extra.length) result.offset = Number(extra.readBigUInt64LE(field));
  }
  return result;
}
