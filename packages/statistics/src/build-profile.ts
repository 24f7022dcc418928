import type { CategoricalProfile, ColumnProfile, NumericProfile } from "./profile.ts";
import { sortedFinite } from "./samples.ts";

/**
 * Inner bin edges at the reference quantiles i / (k + 1), i = 1 … k: at most `k` of them, ascending, ties removed.
 *
 * Every edge is a value of the sample, because cells close on the right: a frequent value then fills a cell of its own.
 * Where the smallest value is itself an edge, the next number below it becomes one too, so that values under the
 * reference's minimum have a cell that the reference never used (a constant column gets three cells). Hence up to k + 1
 * edges. An empty sample has no edges: one cell.
 * @throws RangeError when k is not a whole number of at least 1.
 */
export function quantileEdges(sample: ArrayLike<number | null>, k = 19): number[] {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k must be a whole number of at least 1, got ${k}`);
  const sorted = sortedFinite(sample);
  if (sorted.length === 0) return [];
  const edges: number[] = [];
  for (let i = 1; i <= k; i++) {
    const rank = Math.max(1, Math.ceil((sorted.length * i) / (k + 1)));
    const value = sorted[rank - 1] as number;
    if (edges.length === 0 || value > (edges.at(-1) as number)) edges.push(value);
  }
  if (edges[0] === sorted[0]) edges.unshift(nextBelow(edges[0] as number));
  return edges;
}

/** The largest double below a finite x. */
function nextBelow(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** Index of the cell (e[i-1], e[i]] that holds x, in 0 … edges.length. */
export function cellOf(edges: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Profile of a numeric column over given edges (from {@link quantileEdges} of the reference).
 * null, undefined, NaN and ±∞ count as null: they have no place among finite values and must not poison the sums.
 * @throws RangeError when the edges are not finite and strictly ascending.
 */
export function profileNumeric(values: ArrayLike<number | null | undefined>, edges: readonly number[]): NumericProfile {
  checkEdges(edges);
  const counts = new Array<number>(edges.length + 1).fill(0);
  let n = 0;
  let sum = 0;
  let sumSquares = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const cell = cellOf(edges, value);
    counts[cell] = (counts[cell] as number) + 1;
    n++;
    sum += value;
    sumSquares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const nulls = values.length - n;
  const ends = n === 0 ? { min: null, max: null } : { min, max };
  return { kind: "numeric", n, nulls, edges: [...edges], counts, sum, sumSquares, ...ends };
}

function checkEdges(edges: readonly number[]): void {
  edges.forEach((edge, i) => {
    if (!Number.isFinite(edge) || (i > 0 && edge <= (edges[i - 1] as number))) {
      throw new RangeError(`edges must be finite and strictly ascending; edge ${i} is ${edge}`);
    }
  });
}

/** Profile of a categorical column. null and undefined count as null; any other value is its string form. */
export function profileCategorical(
  values: ArrayLike<string | number | boolean | null | undefined>,
): CategoricalProfile {
  const counts = new Map<string, number>();
  let nulls = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) nulls++;
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return { kind: "categorical", n: values.length - nulls, nulls, counts: Object.fromEntries(counts) };
}

/**
 * The profile of both windows together; equals the profile of the joined rows (sums up to rounding).
 * @throws RangeError when the kinds or the edges differ: such profiles cannot be added.
 */
export function mergeProfiles<P extends ColumnProfile>(a: P, b: P): P;
export function mergeProfiles(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  if (a.kind === "numeric" && b.kind === "numeric") return mergeNumeric(a, b);
  if (a.kind === "categorical" && b.kind === "categorical") return mergeCategorical(a, b);
  throw new RangeError(`cannot merge a ${a.kind} profile with a ${b.kind} one`);
}

function mergeNumeric(a: NumericProfile, b: NumericProfile): NumericProfile {
  requireSameEdges(a, b);
  return {
    kind: "numeric",
    n: a.n + b.n,
    nulls: a.nulls + b.nulls,
    edges: [...a.edges],
    counts: a.counts.map((count, i) => count + (b.counts[i] as number)),
    sum: a.sum + b.sum,
    sumSquares: a.sumSquares + b.sumSquares,
    min: a.min === null ? b.min : b.min === null ? a.min : Math.min(a.min, b.min),
    max: a.max === null ? b.max : b.max === null ? a.max : Math.max(a.max, b.max),
  };
}

function mergeCategorical(a: CategoricalProfile, b: CategoricalProfile): CategoricalProfile {
  const counts = new Map(Object.entries(a.counts));
  for (const [category, count] of Object.entries(b.counts)) counts.set(category, (counts.get(category) ?? 0) + count);
  return { kind: "categorical", n: a.n + b.n, nulls: a.nulls + b.nulls, counts: Object.fromEntries(counts) };
}

/** @throws RangeError when two numeric profiles do not share their edges, naming the first difference. */
export function requireSameEdges(a: NumericProfile, b: NumericProfile): void {
  if (a.edges.length !== b.edges.length) {
    throw new RangeError(
      `profiles have ${a.edges.length} and ${b.edges.length} edges; build both over the reference's edges`,
    );
  }
  const at = a.edges.findIndex((edge, i) => edge !== b.edges[i]);
  if (at >= 0) {
    throw new RangeError(
      `profiles differ at edge ${at} (${a.edges[at]} and ${b.edges[at]}); build both over the reference's edges`,
    );
  }
}

/** Mean of the non-null values; null when there are none. */
export function meanOf(profile: NumericProfile): number | null {
  return profile.n === 0 ? null : profile.sum / profile.n;
}

/** Share of rows that are null; null when the window has no rows. */
export function nullShare(profile: ColumnProfile): number | null {
  const rows = profile.n + profile.nulls;
  return rows === 0 ? null : profile.nulls / rows;
}
