import type { ByteReader } from "./byte-reader.ts";

/** Messages of onnx.proto that can hold a tensor: field number → what lies in it. Others are passed over. */
const SCHEMA = {
  model: { 7: "graph", 20: "training", 25: "function" },
  training: { 1: "graph", 2: "graph" },
  function: { 7: "node", 11: "attribute" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  tensor: { 13: "entry" },
  entry: {},
} as const satisfies Record<string, Record<number, string>>;
type Message = keyof typeof SCHEMA;

const DEEPEST = 200;
const MOST_TEXT = 4_096;
const MOST_FINDINGS = 50;

/** True for bytes that begin as ModelProto does: a small ir_version, then another field of the model. */
export function looksLikeOnnx(head: Buffer): boolean {
  if (head.length < 4 || head[0] !== 0x08) return false;
  const version = head[1] as number;
  return version >= 1 && version <= 30 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(head[2] as number);
}

/**
 * Where an ONNX file's tensors keep their data outside it in places that nobody may name: absolute paths, drive letters, `..`, URLs.
 * Walks the file in place; raw data is passed over, so memory does not grow with it. A file that is no ONNX gives nothing.
 */
export async function findOutsideData(bytes: ByteReader): Promise<string[]> {
  const found: string[] = [];
  await walk(new Window(bytes), "model", 0, bytes.size, 0, found);
  return found;
}

/** Reads of a few bytes each, out of one piece that moves along. */
class Window {
  readonly #bytes: ByteReader;
  #start = 0;
  #piece: Buffer = Buffer.alloc(0);

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  async at(position: number, length: number): Promise<Buffer> {
    if (position < this.#start || position + length > this.#start + this.#piece.length) {
      this.#start = position;
      this.#piece = await this.#bytes.at(position, Math.max(length, 64 * 1024));
    }
    return this.#piece.subarray(position - this.#start, position - this.#start + length);
  }
}

async function walk(
  bytes: Window,
  message: Message,
  start: number,
  end: number,
  depth: number,
  found: string[],
): Promise<void> {
  if (depth > DEEPEST) {
    found.push("is nested deeper than any model");
    return;
  }
  const schema: Readonly<Record<number, string>> = SCHEMA[message];
  const texts = new Map<number, string>();
  for (let at = start; at < end && found.length < MOST_FINDINGS; ) {
    const head = await bytes.at(at, 20);
    const tag = varint(head, 0);
    if (tag === null) return;
    // Readers drop the bits beyond, and would see another field than we do.
    if (tag.next > 5 || tag.value >= 2 ** 32) {
      found.push("holds a field whose number is out of range");
      return;
    }
    const field = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    if (wire === 2) {
      const length = varint(head, tag.next);
      if (length === null) return;
      if (length.next - tag.next > 5) {
        found.push("holds a length that is spelt longer than any writer does");
        return;
      }
      const from = at + length.next;
      const to = from + length.value;
      if (to > end) return;
      const inner = schema[field];
      if (inner !== undefined) await walk(bytes, inner as Message, from, to, depth + 1, found);
      else if (message === "entry" && length.value <= MOST_TEXT)
        texts.set(field, (await bytes.at(from, length.value)).toString("utf8"));
      else if (message === "entry") texts.set(field, "/a location of more than 4096 bytes");
      at = to;
    } else if (wire === 3 || wire === 4) {
      // No field of onnx.proto is one; readers pass over it and go on, past what was looked into.
      found.push("holds a protobuf group, which no ONNX model has");
      return;
    } else {
      const next =
        wire === 0 ? varint(head, tag.next)?.next : wire === 5 ? tag.next + 4 : wire === 1 ? tag.next + 8 : null;
      if (next === null || next === undefined) return;
      at += next;
    }
  }
  if (message === "entry" && texts.get(1) === "location") {
    const location = texts.get(2) ?? "";
    if (isOutside(location)) found.push(`keeps data of a tensor outside its folder ("${location.slice(0, 200)}")`);
  }
}

function isOutside(location: string): boolean {
  return /^([a-z]+:|[\\/~])/i.test(location) || location.includes("\u0000") || location.split(/[\\/]/).includes("..");
}

function varint(bytes: Buffer, at: number): { value: number; next: number } | null {
  let value = 0;
  let scale = 1;
  for (let i = at; i < bytes.length && i < at + 10; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: i + 1 };
    scale *= 128;
  }
  return null;
}
