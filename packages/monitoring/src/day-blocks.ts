import { DAY_MS, dayStart } from "@ballast/core";
import { createRandom, drawIndexes } from "@ballast/statistics";

/** A reference that is longer than this is cut to its newest days: limits are about how days differ, not about years. */
export const MOST_REFERENCE_DAYS = 31;
/** Rows of one day that are kept: limits for larger windows follow from these. */
export const MOST_BLOCK_ROWS = 2_000;
/** A day with fewer rows than this share of the middle day's is the ragged end of a range, not a day. */
const LEAST_BLOCK_SHARE = 0.25;

/** Indexes of one UTC day's rows. */
export interface DayBlock {
  day: number;
  index: Uint32Array;
}

/**
 * Groups rows by the UTC day of their time and draws at most 2,000 rows of each day, the same ones every time. At random: rows at even steps
 * repeat the day's clock too well, and a limit learned from them would call every real window's hours drift. Days with less than a quarter
 * of the middle day's rows are left out.
 */
export function dayBlocks(times: ArrayLike<number>, mostRows = MOST_BLOCK_ROWS): DayBlock[] {
  const byDay = new Map<number, number[]>();
  for (let i = 0; i < times.length; i++) {
    const day = dayStart(times[i] as number);
    const rows = byDay.get(day);
    if (rows) rows.push(i);
    else byDay.set(day, [i]);
  }
  const sizes = [...byDay.values()].map((rows) => rows.length).sort((a, b) => a - b);
  const least = LEAST_BLOCK_SHARE * (sizes[Math.floor(sizes.length / 2)] ?? 0);
  const newest = Math.max(...byDay.keys(), Number.NEGATIVE_INFINITY);
  return [...byDay]
    .filter(([day, rows]) => rows.length >= least && day > newest - MOST_REFERENCE_DAYS * DAY_MS)
    .sort(([a], [b]) => a - b)
    .map(([day, rows]) => ({ day, index: drawn(day, rows, mostRows) }));
}

function drawn(day: number, rows: readonly number[], most: number): Uint32Array {
  const random = createRandom(day / DAY_MS);
  return drawIndexes(rows.length, most, random).map((k) => rows[k] as number);
}
