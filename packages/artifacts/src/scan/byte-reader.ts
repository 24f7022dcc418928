import type { FileHandle } from "node:fs/promises";

const CHUNK = 64 * 1024;

/** Bytes of a file, at any place or as a stream. */
export interface ByteReader {
  size: number;
  /** Up to `length` bytes from `position`; fewer at the end. */
  at(position: number, length: number): Promise<Buffer>;
  stream(position: number, length: number): AsyncIterable<Buffer>;
}

export function fileReader(file: FileHandle, size: number): ByteReader {
  const at = async (position: number, length: number): Promise<Buffer> => {
    const wanted = Math.max(0, Math.min(length, size - position));
    const bytes = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await file.read(bytes, filled, wanted - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  };
  return {
    size,
    at,
    async *stream(position, length) {
      const end = Math.min(size, position + length);
      for (let from = position; from < end; ) {
        const chunk = await at(from, Math.min(CHUNK, end - from));
        if (chunk.length === 0) return;
        from += chunk.length;
        yield chunk;
      }
    },
  };
}
