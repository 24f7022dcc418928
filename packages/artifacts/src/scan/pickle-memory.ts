/** What a pickle's machine knows of a value; null for all that cannot matter. */
export type Value =
  | null
  | number
  | { kind: "text"; text: string; memo: number }
  | { kind: "global"; name: string }
  | { kind: "tuple"; items: readonly Value[]; depth: number }
  | Made
  | { kind: "dict"; entries: Map<string, Value> | null };

/** What a call made. */
interface Made {
  kind: "made";
  by: string;
  /** The first argument, where it is a text. */
  text: string | null;
}

export const MARK = Symbol("mark");
export type Cell = Value | typeof MARK;

/** Strings of a pickle that are kept, twice over; then the older half goes, but for those that named something already. */
const MOST_TEXTS = 50_000;
const MOST_KEPT = 200_000;
/** What calls made that is needed again: a type of several arrays, a class that travels by value and its instances. */
const REMEMBERED = /^numpy\.dtype$|^types\.|_make_skeleton_(class|enum)$/;
/** Python's own unpickler would need gigabytes for more. */
const MOST_INDICES = 2 ** 26;

/** The memo of a pickle, of bounded size: what is forgotten reads back as unknown, which nobody may call. */
export class Memo {
  /** Two generations: to drop the oldest of one map, one by one, takes a time that grows with all that were dropped before. */
  #texts = new Map<number, Value>();
  #olderTexts = new Map<number, Value>();
  readonly #kept = new Map<number, Value>();
  #used = new Uint8Array(1024);
  /** How many indices are in use: the next that MEMOIZE takes. */
  size = 0;

  /** False where the index, or what is to be kept, is beyond all reason. */
  put(index: number, value: Value): boolean {
    if (index >= MOST_INDICES) return false;
    if (this.#take(index)) {
      this.#texts.delete(index);
      this.#olderTexts.delete(index);
      this.#kept.delete(index);
    }
    if (value === null || typeof value === "number" || value.kind === "dict" || value.kind === "tuple") return true;
    if (value.kind === "text") {
      value.memo = index;
      this.#texts.set(index, value);
      if (this.#texts.size >= MOST_TEXTS) {
        this.#olderTexts = this.#texts;
        this.#texts = new Map();
      }
      return true;
    }
    if (value.kind === "made" && !REMEMBERED.test(value.by)) return true;
    this.#kept.set(index, value);
    return this.#kept.size <= MOST_KEPT;
  }

  get(index: number): Value {
    return this.#texts.get(index) ?? this.#olderTexts.get(index) ?? this.#kept.get(index) ?? null;
  }

  /** Keeps a string for good: it named a module or a class, and will again. */
  keep(value: Value): void {
    if (value === null || typeof value === "number" || value.kind !== "text" || value.memo < 0) return;
    if (this.get(value.memo) !== value) return;
    this.#texts.delete(value.memo);
    this.#olderTexts.delete(value.memo);
    this.#kept.set(value.memo, value);
  }

  /** Marks an index used; true where it was already. */
  #take(index: number): boolean {
    const byte = index >> 3;
    if (byte >= this.#used.length) {
      const grown = new Uint8Array(Math.max(this.#used.length * 2, byte + 1));
      grown.set(this.#used);
      this.#used = grown;
    }
    const bit = 1 << (index & 7);
    const before = (this.#used[byte] as number) & bit;
    if (before !== 0) return true;
    this.#used[byte] = (this.#used[byte] as number) | bit;
    this.size += 1;
    return false;
  }
}

/** Bytes of one element of a numpy type by its short name (`f8`, `U10`, `<M8[ns]`); null where the name does not say. */
function itemBytes(dtype: string): number | null {
  const found = /^[<>=|]?([a-zA-Z])(\d+)(\[[^\]]*\])?$/.exec(dtype);
  if (!found) return dtype === "?" ? 1 : null;
  const [, letter, digits] = found;
  const bytes = Number(digits);
  return letter === "U" ? bytes * 4 : bytes;
}

/** What follows a joblib array wrapper in the stream: so many raw bytes, or a pickle of its own for an array of objects. */
export interface RawArray {
  objects: boolean;
  bytes: number;
  /** A byte that says how many more to pass over comes first. */
  padded: boolean;
}

/** Reads a wrapper's state. Null where it does not say how long the array is. */
export function rawArray(state: Value): RawArray | null {
  if (state === null || typeof state === "number" || state.kind !== "dict") return null;
  const shape = state.entries?.get("shape") ?? null;
  const dtype = state.entries?.get("dtype") ?? null;
  if (shape === null || typeof shape === "number" || shape.kind !== "tuple") return null;
  if (dtype === null || typeof dtype === "number" || dtype.kind !== "made" || dtype.by !== "numpy.dtype") return null;
  if (dtype.text === null) return null;
  const each = itemBytes(dtype.text);
  if (each === null) return null;
  let count = 1;
  for (const length of shape.items) {
    if (typeof length !== "number") return null;
    count *= length;
  }
  const padded = typeof (state.entries?.get("numpy_array_alignment_bytes") ?? null) === "number";
  return { objects: /^[|]?O/.test(dtype.text), bytes: count * each, padded };
}
