import { open, readFile, rename, writeFile } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Bytes that share a sum: small enough to read for a range of one byte, large enough that sums are 1/262144 of the file. */
export const CHUNK_BYTES = 1024 * 1024;

/** Where the sums of a file lie: beside it. */
export function sumsPath(file: string): string {
  return `${file}.crc`;
}

/** CRC-32 of every {@link CHUNK_BYTES} of a stream, as it passes. */
export class ChunkSums {
  readonly #sums: number[] = [];
  #sum = 0;
  #filled = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const taken = Math.min(CHUNK_BYTES - this.#filled, bytes.byteLength - at);
      this.#sum = crc32(bytes.subarray(at, at + taken), this.#sum);
      this.#filled += taken;
      at += taken;
      if (this.#filled === CHUNK_BYTES) this.#close();
    }
  }

  end(): Uint32Array {
    if (this.#filled > 0) this.#close();
    return Uint32Array.from(this.#sums);
  }

  #close(): void {
    this.#sums.push(this.#sum);
    this.#sum = 0;
    this.#filled = 0;
  }
}

/** Writes sums beside a file whose bytes were verified; replaced at once, so a reader sees all of them or none. */
export async function writeSums(file: string, sums: Uint32Array): Promise<void> {
  const bytes = Buffer.alloc(sums.length * 4);
  sums.forEach((sum, i) => {
    bytes.writeUInt32LE(sum, i * 4);
  });
  const temporary = `${sumsPath(file)}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  await writeFile(temporary, bytes);
  await rename(temporary, sumsPath(file));
}

/** The sums of a file of so many bytes; null where there are none, or not as many as it has chunks. */
export async function readSums(file: string, size: number): Promise<Uint32Array | null> {
  const bytes = await readFile(sumsPath(file)).catch(() => null);
  const chunks = Math.ceil(size / CHUNK_BYTES);
  if (bytes === null || bytes.byteLength !== chunks * 4) return null;
  return Uint32Array.from({ length: chunks }, (_, i) => bytes.readUInt32LE(i * 4));
}

/** The bytes of a range, each chunk checked before any of it is given out. Calls `damaged` and throws its error on a mismatch. */
export async function* readChecked(
  file: string,
  range: { start: number; end: number },
  sums: Uint32Array,
  damaged: () => Error,
): AsyncGenerator<Buffer> {
  const handle = await open(file, "r");
  try {
    const last = Math.floor(range.end / CHUNK_BYTES);
    for (let chunk = Math.floor(range.start / CHUNK_BYTES); chunk <= last; chunk++) {
      const from = chunk * CHUNK_BYTES;
      const bytes = Buffer.allocUnsafe(CHUNK_BYTES);
      let filled = 0;
      while (filled < CHUNK_BYTES) {
        const { bytesRead } = await handle.read(bytes, filled, CHUNK_BYTES - filled, from + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      const whole = bytes.subarray(0, filled);
      if (crc32(whole) !== sums[chunk]) throw damaged();
      const wanted = whole.subarray(Math.max(0, range.start - from), range.end - from + 1);
      if (wanted.byteLength > 0) yield wanted;
    }
  } finally {
    await handle.close();
  }
}
