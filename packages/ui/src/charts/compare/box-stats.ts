export interface BoxStats {
  /** Quartiles by linear interpolation between order statistics (Hyndman and Fan's type 7, as NumPy and R have it). */
  q1: number;
  median: number;
  q3: number;
  /** The furthest values within 1.5 interquartile ranges of the box (Tukey's whiskers). */
  low: number;
  high: number;
  n: number;
}

function quantile(sorted: readonly number[], p: number): number {
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/** Box and whiskers of some values; NaN and ±∞ are left out. Undefined without a finite value. */
export function boxStats(values: readonly number[]): BoxStats | undefined {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const [q1, median, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  const reach = 1.5 * (q3 - q1);
  const low = sorted.find((value) => value >= q1 - reach) ?? q1;
  const high = sorted.findLast((value) => value <= q3 + reach) ?? q3;
  return { q1, median, q3, low, high, n: sorted.length };
}
