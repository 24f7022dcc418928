import { mergeProfiles } from "./build-profile.ts";
import type { ColumnProfile } from "./profile.ts";

export interface CalibratedLimit {
  /** Drift when distance > limit. */
  limit: number;
  /** The level really reached: `quantile` or, with too few blocks for it, B / (B + 1). */
  level: number;
  /** Distance of each block from all the other blocks together, in the order given. */
  distances: number[];
  /** Whether `floor` and not the reference's own spread set the limit. */
  floored: boolean;
}

/**
 * A limit for a distance, learned from how much the reference differs from itself.
 *
 * Each block (a window of the size that will be judged, such as a day) is compared with the *other* blocks merged, never
 * with a reference that contains it: that would make the limit too tight. The rule: the order statistic of rank
 * ⌈quantile · (B + 1)⌉ of the B distances, the largest where B is too small for that rank, times `multiple`, and at
 * least `floor`. For exchangeable blocks a further block of the same kind exceeds the plain order statistic with
 * probability at most 1 − level; real windows are not exchangeable (season, trend), which is what `multiple`
 * (default 1.5) and the effect-size `floor` (default 0) are for. Cost: one merge and one distance a block.
 * @throws RangeError with fewer than 3 blocks, or options out of range, or blocks that cannot be merged.
 */
export function calibrateLimit(
  referenceBlocks: readonly ColumnProfile[],
  distance: (reference: ColumnProfile, current: ColumnProfile) => number,
  quantile = 0.95,
  options: { multiple?: number; floor?: number } = {},
): CalibratedLimit {
  const { multiple = 1.5, floor = 0 } = options;
  const blocks = referenceBlocks.length;
  if (blocks < 3) throw new RangeError(`a limit needs at least 3 reference blocks, got ${blocks}`);
  if (!(quantile > 0 && quantile < 1)) throw new RangeError(`quantile must lie between 0 and 1, got ${quantile}`);
  if (!(multiple > 0)) throw new RangeError(`multiple must be above 0, got ${multiple}`);
  const distances = leaveOneOut(referenceBlocks).map((others, i) =>
    distance(others, referenceBlocks[i] as ColumnProfile),
  );
  const sorted = [...distances].sort((a, b) => a - b);
  const rank = Math.ceil(quantile * (blocks + 1) - 1e-9);
  const raw = multiple * (sorted[Math.min(rank, blocks) - 1] as number);
  const level = rank <= blocks ? quantile : blocks / (blocks + 1);
  return { limit: Math.max(raw, floor), level, distances, floored: raw < floor };
}

/** For each block the merge of all the others, by running merges from both ends: linear in the blocks. */
function leaveOneOut(blocks: readonly ColumnProfile[]): ColumnProfile[] {
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
