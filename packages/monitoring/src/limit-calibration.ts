/** How far a statistic may stray before it is called drift, and what that rests on. */
export interface CalibratedStatistic {
  /** Drift when the statistic is above it. */
  limit: number;
  /** Reference blocks (days) compared with all the others. */
  blocks: number;
  /** Share of reference-like days that stay under the plain order statistic: the quantile asked for, or B / (B + 1). */
  level: number;
  /** Largest and middle distance of a block from the others. */
  largest: number;
  median: number;
}

/** Fewer blocks than this tell nothing about spread. */
export const LEAST_BLOCKS = 5;
const QUANTILE = 0.95;
/** Days of another season are not exchangeable with the reference's. */
const MULTIPLE = 1.5;

/**
 * A limit for a statistic from its own spread on the reference: `distances` are the statistic of each reference block
 * (a day, of about a window's size) against all other blocks. The rule is `calibrateLimit`'s of `@ballast/statistics`: the order
 * statistic of rank ⌈0.95 · (B + 1)⌉ (the largest, where B is too small), times 1.5. null with fewer than 5 finite distances.
 */
export function limitOf(distances: readonly number[]): CalibratedStatistic | null {
  const sorted = distances.filter((distance) => Number.isFinite(distance)).sort((a, b) => a - b);
  const blocks = sorted.length;
  if (blocks < LEAST_BLOCKS) return null;
  const rank = Math.ceil(QUANTILE * (blocks + 1) - 1e-9);
  const plain = sorted[Math.min(rank, blocks) - 1] as number;
  return {
    limit: MULTIPLE * plain,
    blocks,
    level: rank <= blocks ? QUANTILE : blocks / (blocks + 1),
    largest: sorted[blocks - 1] as number,
    median: sorted[Math.floor(blocks / 2)] as number,
  };
}
