import { sortedFinite, sortedQuantile } from "./samples.ts";

/** What a Wasserstein distance was divided by. */
export interface RobustScale {
  value: number;
  /** `iqr` unless the column is so tied that its quartiles are equal. */
  basis: "iqr" | "p05-p95" | "range" | "magnitude" | "unit";
}

/** First-order Wasserstein distance ∫ |F − G|, in the column's own unit; exact. Non-finite values are left out. */
export function wasserstein1(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  return sortedWasserstein(sortedFinite(reference), sortedFinite(current));
}

function sortedWasserstein(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  let i = 0;
  let j = 0;
  let total = 0;
  let at = Math.min(a[0] as number, b[0] as number);
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    total += Math.abs(i / a.length - j / b.length) * (next - at);
    at = next;
    while (a[i] === next) i++;
    while (b[j] === next) j++;
  }
  return total;
}

export interface WassersteinPerIqr {
  /** W1 divided by the reference's inter-quartile range: a pure number. */
  value: number;
  scale: RobustScale;
  /** Values moved to a fence, as a share of each sample. */
  clipped: { reference: number; current: number };
  n: { reference: number; current: number };
}

/**
 * W1 / IQR(reference), from samples. The quartiles are numpy's default (type 7).
 *
 * Both samples are first clipped to the reference's quartiles ∓ `fence` · IQR, so that one wild value cannot set the
 * distance by itself: unclipped W1 adds (size of the outlier) / n. `fence: 0` clips nothing and gives the exact W1 / IQR.
 * A column whose quartiles are equal is scaled by the next of: its 5–95 % range, its range, its magnitude, 1.
 * 0 when either sample is empty.
 */
export function wassersteinPerIqr(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  options: { fence?: number } = {},
): WassersteinPerIqr {
  const fence = options.fence ?? 10;
  const a = sortedFinite(reference);
  const b = sortedFinite(current);
  const n = { reference: a.length, current: b.length };
  const scale = robustScale(a);
  if (a.length === 0 || b.length === 0) return { value: 0, scale, clipped: { reference: 0, current: 0 }, n };
  if (!(fence > 0))
    return { value: sortedWasserstein(a, b) / scale.value, scale, clipped: { reference: 0, current: 0 }, n };
  const low = sortedQuantile(a, 0.25) - fence * scale.value;
  const high = sortedQuantile(a, 0.75) + fence * scale.value;
  const clipped = { reference: clipSorted(a, low, high), current: clipSorted(b, low, high) };
  return { value: sortedWasserstein(a, b) / scale.value, scale, clipped, n };
}

/** Moves values outside [low, high] to the ends, in place; returns the share moved. Keeps the order. */
function clipSorted(values: Float64Array, low: number, high: number): number {
  let moved = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value >= low && value <= high) continue;
    values[i] = value < low ? low : high;
    moved++;
  }
  return moved / values.length;
}

function robustScale(sorted: Float64Array): RobustScale {
  const iqr = sortedQuantile(sorted, 0.75) - sortedQuantile(sorted, 0.25);
  if (iqr > 0) return { value: iqr, basis: "iqr" };
  const wide = sortedQuantile(sorted, 0.95) - sortedQuantile(sorted, 0.05);
  if (wide > 0) return { value: wide, basis: "p05-p95" };
  const first = sorted[0] ?? 0;
  const range = (sorted.at(-1) ?? 0) - first;
  if (range > 0) return { value: range, basis: "range" };
  return first !== 0 ? { value: Math.abs(first), basis: "magnitude" } : { value: 1, basis: "unit" };
}
