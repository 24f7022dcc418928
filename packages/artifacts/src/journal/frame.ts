import { crc32 } from "node:zlib";

/** 4-byte little-endian payload length, 4-byte CRC-32 of the payload (zlib's polynomial). */
const FRAME_HEADER_BYTES = 8;
/** A longer payload is taken for damage. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** Frames payloads one after another into a buffer that is kept from batch to batch. */
export class FrameBuffer {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The framed bytes; valid until the next {@link clear}. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  clear(): void {
    this.#length = 0;
  }

  add(payload: string): void {
    // A UTF-16 unit becomes at most three bytes of UTF-8.
    const needed = this.#length + FRAME_HEADER_BYTES + payload.length * 3;
    if (needed > this.#bytes.length) this.#grow(needed);
    const start = this.#length + FRAME_HEADER_BYTES;
    const size = this.#bytes.write(payload, start, "utf8");
    if (size === 0 || size > MAX_PAYLOAD_BYTES)
      throw new RangeError(`A journal payload of ${size} bytes is not allowed.`);
    this.#bytes.writeUInt32LE(size, this.#length);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(start, start + size)), this.#length + 4);
    this.#length = start + size;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/**
 * Walks the frames of a segment and calls `visit` with each payload until the bytes end or a frame is damaged.
 *
 * A frame is damaged if its length is 0 (zeroed blocks after a power loss must not read as empty records), larger than
 * what is left, or its CRC differs. Nothing behind the first damaged frame is read: its length can't be trusted.
 * @returns the number of leading bytes that are whole frames.
 */
export function walkFrames(bytes: Buffer, visit: (payload: Buffer) => void, from = 0): number {
  let offset = from;
  while (offset + FRAME_HEADER_BYTES <= bytes.length) {
    const size = bytes.readUInt32LE(offset);
    const start = offset + FRAME_HEADER_BYTES;
    if (size === 0 || size > MAX_PAYLOAD_BYTES || start + size > bytes.length) break;
    const payload = bytes.subarray(start, start + size);
    if (crc32(payload) !== bytes.readUInt32LE(offset + 4)) break;
    visit(payload);
    offset = start + size;
  }
  return offset;
}
