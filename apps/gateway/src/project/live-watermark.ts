import { DAY_MS, type EpochMs, HOUR_MS } from "@ballast/core";

/** What a stream is known by. */
export interface StreamClock {
  watermark: EpochMs | null;
  /** A sender has posted a watermark: it knows its stream, and alone says from then on. */
  hasSender: boolean;
  /** Latest event time of a prediction since the start; null before the first. */
  newest: EpochMs | null;
}

/** How late an event may arrive and still be in its day. */
const LATENESS_MS = 15 * 60_000;

/**
 * The watermark that a live stream's gateway may say by itself: the start of the UTC day, a quarter of an hour into it. Live is what was
 * asked about within the last day; a replay of history is not, and waits for its sender. Null where there is nothing new to say. Pure.
 */
export function liveWatermark({ watermark, hasSender, newest }: StreamClock, now: EpochMs): EpochMs | null {
  if (hasSender || newest === null || newest < now - DAY_MS || newest > now + HOUR_MS) return null;
  const day = Math.floor((now - LATENESS_MS) / DAY_MS) * DAY_MS;
  return watermark === null || day > watermark ? day : null;
}
