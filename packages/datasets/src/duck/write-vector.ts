import { DuckDBBigIntVector, type DuckDBVector } from "@duckdb/node-api";

const HALF = 2 ** 32;

/** Writes values [from, from + count) of a column into a new chunk's vector. A BIGINT may be given as a number. */
export function writeVector(vector: DuckDBVector, values: readonly unknown[], from: number, count: number): void {
  if (vector instanceof DuckDBBigIntVector) writeIntegers(vector, values, from, count);
  else for (let i = 0; i < count; i++) vector.setItem(i, values[from + i] as never);
  vector.flush();
}

function writeIntegers(vector: DuckDBBigIntVector, values: readonly unknown[], from: number, count: number): void {
  const { items } = vector as unknown as { items: BigInt64Array };
  // Two 32-bit halves: making a bigint of each would allocate.
  const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
  for (let i = 0; i < count; i++) {
    const value = values[from + i] as number | bigint | null;
    if (typeof value !== "number") {
      vector.setItem(i, value);
      continue;
    }
    const integer = Math.round(value);
    if (!Number.isSafeInteger(integer)) {
      vector.setItem(i, BigInt(integer));
      continue;
    }
    const high = Math.floor(integer / HALF);
    halves[2 * i] = integer - high * HALF;
    halves[2 * i + 1] = high;
  }
}
