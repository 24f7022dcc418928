/** Milliseconds since the epoch, UTC. Decisions take a clock, never `Date.now`. */
export type EpochMs = number;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** 1973-03-03: an integer below it is a count, a code, or a moment in seconds; none is a moment in milliseconds. */
export const LEAST_EPOCH_MS: EpochMs = 1e11;

/** In seconds since the epoch, 1973 on. */
const LEAST_SECONDS = 1e8;
/** From the year 5138 on in milliseconds. */
const MICROSECONDS = 1e14;

/** Why an integer is no moment in milliseconds since the epoch, in words; null for one. */
export function notEpochMs(t: number): string | null {
  if (t >= MICROSECONDS) return "looks like microseconds since the epoch";
  if (t >= LEAST_EPOCH_MS) return null;
  return t >= LEAST_SECONDS ? "looks like seconds since the epoch" : "lies before 1973-03-03";
}

/** The start of the UTC day that holds `t`. */
export function dayStart(t: EpochMs): EpochMs {
  return Math.floor(t / DAY_MS) * DAY_MS;
}

/** `2001-06-20` for an epoch time, in UTC. */
export function isoDay(t: EpochMs): string {
  return new Date(t).toISOString().slice(0, 10);
}
