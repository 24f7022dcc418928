import { DAY_MS, dayStart, type EpochMs } from "@ballast/core";

/** One UTC event day, end exclusive. */
interface DayWindow {
  from: EpochMs;
  to: EpochMs;
}

/** Windows closed in one go. A watermark that leaps years (seconds sent as milliseconds) closes no more than this. */
export const MOST_WINDOWS = 400;

/**
 * UTC days that the watermark has fully passed and that are not closed yet, oldest first: from the day that holds `firstEvent` or
 * from `closedThrough`, whichever is later, to the last whole day before `watermark`. At most `most`; the rest follows with the
 * next watermark.
 */
export function windowsToClose(input: {
  /** Event time of the deployment's first prediction; null when it has none. */
  firstEvent: EpochMs | null;
  /** End of its last closed window; null before the first. */
  closedThrough: EpochMs | null;
  watermark: EpochMs;
  most?: number;
}): DayWindow[] {
  const { firstEvent, closedThrough, watermark, most = MOST_WINDOWS } = input;
  const start = closedThrough ?? (firstEvent === null ? null : dayStart(firstEvent));
  if (start === null || !Number.isFinite(watermark)) return [];
  const windows: DayWindow[] = [];
  for (let from = start; from + DAY_MS <= watermark && windows.length < most; from += DAY_MS) {
    windows.push({ from, to: from + DAY_MS });
  }
  return windows;
}
