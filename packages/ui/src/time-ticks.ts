import { formatDay } from "./format.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const STEPS = [1, 2, 3, 6, 12, 24, 48, 120, 168, 240, 336, 720, 1_440, 2_880, 4_320, 8_760].map(
  (hours) => hours * HOUR_MS,
);

/**
 * At most `count` evenly spaced instants in [from, to], on whole hours or UTC days: 1, 2, 3, 6, 12 hours, then 1, 2, 5, 7,
 * 10, 14, 30 days and more. The first is the first whole step after `from`; days start at the first midnight.
 */
export function timeTicks(from: number, to: number, count: number): number[] {
  if (!(to > from)) return Number.isFinite(from) ? [from] : [];
  const span = to - from;
  const step = STEPS.find((candidate) => span / candidate < count) ?? Math.ceil(span / (count * YEAR_MS)) * YEAR_MS;
  const grid = step >= DAY_MS ? DAY_MS : step;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / grid) * grid; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** "20 Jun" at midnight UTC, "14:00" within a day. */
export function tickLabel(at: number): string {
  return at % DAY_MS === 0 ? formatDay(at) : new Date(at).toISOString().slice(11, 16);
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DURATION_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((days) => days * DAY_MS),
];

/** At most `count` + 1 durations in [from, to], milliseconds, on whole steps as clocks have them: 1, 2, 5, 10, 15, 30 of a unit. */
export function durationTicks(from: number, to: number, count: number): number[] {
  if (!(to > from)) return Number.isFinite(from) ? [from] : [];
  const step = DURATION_STEPS.find((candidate) => (to - from) / candidate <= count) ?? (to - from) / count;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}
