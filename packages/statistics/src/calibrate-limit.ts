import { mergeProfiles } from "./build-profile.ts";
import type { ColumnProfile } from "./profile.ts";

/** How far a distance may stray before it is called drift, and what that rests on. */
export interface CalibratedLimit {
  /** Drift when the distance is above it. */
  limit: number;
  /** Reference blocks compared with all the others. */
  blocks: number;
  /** Share of further blocks that stay under the plain order statistic: the quantile asked for or, with too few blocks for it, B / (B + 1). */
  level: number;
  /** Largest and middle distance of a block from the others. */
  largest: number;
  median: number;
}

/** A limit for windows of a size. */
export interface SizedLimit extends CalibratedLimit {
  /** Rows of its blocks. 0 for a limit that holds whatever the size. */
  rows: number;
}

/** Fewer blocks than this tell nothing about spread. */
export const LEAST_BLOCKS = 5;

/**
 * A limit for a distance, learned from how much the reference differs from itself: `distances` are that of each block (a window
 * of the size that will be judged, such as a day) from all *other* blocks together ({@link leaveOneOut}). The rule: the order
 * statistic of rank ⌈quantile · (B + 1)⌉, the largest where B is too small for that rank, times `multiple`. For exchangeable
 * blocks a further block of the same kind exceeds the plain order statistic with probability at most 1 − level; real windows are
 * not exchangeable (season, trend), which is what `multiple` is for. Distances that are no numbers are no blocks; null with fewer than 5.
 * @throws RangeError for options out of range.
 */
export function calibrateLimit(distances: readonly number[], quantile = 0.95, multiple = 1.5): CalibratedLimit | null {
  if (!(quantile > 0 && quantile < 1)) throw new RangeError(`quantile must lie between 0 and 1, got ${quantile}`);
  if (!(multiple > 0)) throw new RangeError(`multiple must be above 0, got ${multiple}`);
  const sorted = distances.filter((distance) => Number.isFinite(distance)).sort((a, b) => a - b);
  const blocks = sorted.length;
  if (blocks < LEAST_BLOCKS) return null;
  const rank = Math.ceil(quantile * (blocks + 1) - 1e-9);
  return {
    limit: multiple * (sorted[Math.min(rank, blocks) - 1] as number),
    blocks,
    level: rank <= blocks ? quantile : blocks / (blocks + 1),
    largest: sorted[blocks - 1] as number,
    median: sorted[Math.floor(blocks / 2)] as number,
  };
}

/**
 * The limit for a window of `rows` rows, from limits of several sizes, ascending; null below the smallest size, where nothing is known.
 * Between two sizes the logarithm of the limit is linear in that of the rows; above the largest it stays, or grows as it grew on
 * the whole where the statistic is a sum over rows (chi-square). Errs towards "no drift": see `docs/algorithms/calibrated-limits.md`.
 */
export function limitAt(limits: readonly SizedLimit[], rows: number): number | null {
  const [first, last] = [limits[0], limits.at(-1)];
  if (first === undefined || last === undefined || rows < first.rows) return null;
  if (rows >= last.rows) {
    const grown = Math.min(growth(first, last), growth(limits.at(-2) ?? first, last));
    return last.limit + (rows - last.rows) * Math.max(0, grown);
  }
  const low = limits.findLast((sized) => sized.rows <= rows) ?? first;
  const high = limits.find((sized) => sized.rows > rows) ?? last;
  if (low.limit <= 0 || high.limit <= 0) return Math.max(low.limit, high.limit);
  return low.limit * (high.limit / low.limit) ** (Math.log(rows / low.rows) / Math.log(high.rows / low.rows));
}

/** Rise of the limit per row; none where there is one size only. */
const growth = (from: SizedLimit, to: SizedLimit) =>
  to.rows > from.rows ? (to.limit - from.limit) / (to.rows - from.rows) : 0;

/**
 * For each block the merge of all the others, by running merges from both ends: linear in the blocks. A reference that contained the
 * block it is compared with would be too near to it, and its limit too tight. Of one block alone nothing is left: empty.
 */
export function leaveOneOut(blocks: readonly ColumnProfile[]): ColumnProfile[] {
  if (blocks.length < 2) return [];
  const after: (ColumnProfile | undefined)[] = new Array(blocks.length).fill(undefined);
  for (let i = blocks.length - 2; i >= 0; i--) after[i] = merge(blocks[i + 1], after[i + 1]);
  let before: ColumnProfile | undefined;
  return blocks.map((block, i) => {
    const others = merge(before, after[i]);
    before = merge(before, block);
    return others as ColumnProfile;
  });
}

function merge(a: ColumnProfile | undefined, b: ColumnProfile | undefined): ColumnProfile | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : mergeProfiles(a, b);
}
