import type { Random } from "./random.ts";

/** The finite values of a column, ascending. NaN, null and ±∞ are left out: they belong to the null cell. */
export function sortedFinite(values: ArrayLike<number | null | undefined>): Float64Array {
  const out = new Float64Array(values.length);
  let n = 0;
  let ascending = true;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    if (value < last) ascending = false;
    last = value;
    out[n++] = value;
  }
  // References are kept in order, and sorting what is sorted costs as much as the test that asks for it.
  return ascending ? out.subarray(0, n) : out.subarray(0, n).sort();
}

/**
 * Quantile of an ascending sample with linear interpolation (Hyndman & Fan type 7, numpy's default).
 * p in [0, 1]; NaN for an empty sample.
 */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  const at = (n - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(n - 1, below + 1)] as number;
  return low + (high - low) * (at - below);
}

/** How many of an ascending sample are ≤ x. */
export function countAtMost(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `k` of the indexes 0 … n − 1, ascending, every choice equally likely (Knuth's algorithm S); all of them where k ≥ n. */
export function drawIndexes(n: number, k: number, random: Random): Uint32Array {
  const out = new Uint32Array(Math.min(n, k));
  let drawn = 0;
  for (let i = 0; drawn < out.length; i++) if ((n - i) * random.uniform() < out.length - drawn) out[drawn++] = i;
  return out;
}
