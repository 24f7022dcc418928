import { DAY_MS, type EpochMs, HOUR_MS } from "@ballast/core";

/** What a stream is known by. */
export interface StreamClock {
  watermark: EpochMs | null;
  /** A sender has posted a watermark: it knows its stream, and alone says from then on. */
  hasSender: boolean;
  /** Latest event time of a prediction since the start, as {@link newestAsked} tells; null before the first. */
  newest: EpochMs | null;
}

/** How late an event may arrive and still be in its day. */
const LATENESS_MS = 15 * 60_000;
/** How far a caller's clock may be ahead. */
const AHEAD_MS = HOUR_MS;

/**
 * The latest event time asked about after a request for `t` at the time `now`. A time further ahead is a caller's mistake: it
 * counts for nothing, or the stream would not look live again before that time has come. Pure.
 */
export function newestAsked(newest: EpochMs | null, t: EpochMs, now: EpochMs): EpochMs | null {
  return t > now + AHEAD_MS || (newest !== null && t <= newest) ? newest : t;
}

/**
 * The watermark that a live stream's gateway may say by itself: the start of the UTC day, a quarter of an hour into it. Live is what was
 * asked about within the last day; a replay of history is not, and waits for its sender. Null where there is nothing new to say. Pure.
 */
export function liveWatermark({ watermark, hasSender, newest }: StreamClock, now: EpochMs): EpochMs | null {
  if (hasSender || newest === null || newest < now - DAY_MS) return null;
  const day = Math.floor((now - LATENESS_MS) / DAY_MS) * DAY_MS;
  return watermark === null || day > watermark ? day : null;
}
