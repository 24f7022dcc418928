/** Milliseconds since the epoch, UTC. Decisions take a clock, never `Date.now`. */
export type EpochMs = number;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** 1973-03-03: an integer below it is a count, a code, or a moment in seconds; none is a moment in milliseconds. */
export const LEAST_EPOCH_MS: EpochMs = 1e11;

/** The start of the UTC day that holds `t`. */
export function dayStart(t: EpochMs): EpochMs {
  return Math.floor(t / DAY_MS) * DAY_MS;
}

/** `2001-06-20` for an epoch time, in UTC. */
export function isoDay(t: EpochMs): string {
  return new Date(t).toISOString().slice(0, 10);
}
