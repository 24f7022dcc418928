import { BucketBuilder, type Buckets, type PackedPoints, powerOfTwo, widen } from "./buckets.ts";

/** Points per bucket that the lowest level aims at, and how much coarser each further level is. */
const POINTS_PER_BUCKET = 16;
const COARSER = 4;
/** A level of no more buckets than this is the last. */
const COARSEST = 64;
/** The newest points stay outside of a pyramid: what comes a little out of order there does not make it late. */
export const LEFT_RAW = 256;
/** Buckets per stored part. */
export const PART_BUCKETS = 512;

/**
 * Steps per bucket of the lowest level, by the usual gap between the first points. The usual and not the mean, as one jump ahead would make
 * that coarse for good.
 */
export function lowestWidth(points: PackedPoints): number {
  const gaps = new Float64Array(Math.max(points.length - 1, 0));
  for (let i = 0; i < gaps.length; i++) gaps[i] = points.step(i + 1) - points.step(i);
  gaps.sort();
  const usual = gaps.length === 0 ? 1 : (gaps[gaps.length >> 1] as number);
  return usual === 0 ? 1 : powerOfTwo(usual * POINTS_PER_BUCKET);
}

/** The levels above `lowest`: each has at most half of the buckets of the one below, the last at most {@link COARSEST}. */
export function levelsAbove(lowest: Buckets): Buckets[] {
  const levels: Buckets[] = [];
  let below = lowest;
  let width = lowest.width;
  while (below.length > COARSEST && width < 2 ** 52) {
    width *= COARSER;
    const level = widen(below, width);
    // Steps with wide holes between them: a level that saves nothing is not kept.
    if (level.length * 2 > below.length) continue;
    levels.push(level);
    below = level;
  }
  return levels;
}

/** Whether a top level has outgrown its place. */
export const needsLevelAbove = (top: Buckets): boolean => top.length > 2 * COARSEST;

/** `tail` with `added` behind it, in the tail's width. */
export function appended(tail: Buckets, added: Buckets): Buckets {
  const builder = new BucketBuilder(tail.width);
  builder.addBuckets(tail);
  builder.addBuckets(added);
  return builder.finish();
}

/** What a stored level holds of a range, by estimate. */
export interface LevelSize {
  level: number;
  width: number;
  buckets: number;
  points: number;
}

/** Up to so many points are read as they are, whatever was asked. */
const ALWAYS_RAW = 2_048;

/**
 * Which level to read so that about `wanted` buckets come of it; null: the points themselves. Between the level chosen and `wanted` lies a
 * factor of at most two upwards, and of four downwards.
 */
export function chooseLevel(levels: readonly LevelSize[], wanted: number, mostExact = wanted): LevelSize | null {
  const sorted = [...levels].sort((a, b) => a.level - b.level);
  const lowest = sorted[0];
  if (!lowest || lowest.points <= Math.max(ALWAYS_RAW, 2 * wanted, mostExact)) return null;
  return sorted.find(({ buckets }) => buckets <= 2 * wanted) ?? sorted.at(-1) ?? null;
}
