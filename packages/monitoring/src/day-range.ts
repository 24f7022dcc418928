import { DAY_MS, dayStart, type EpochMs } from "@ballast/core";
import { type DayRange, DEFAULT_DAYS, MOST_DAYS } from "./index.ts";

/** Event-time range of whole days, end exclusive. */
interface DaySpan {
  from: EpochMs;
  to: EpochMs;
}

/**
 * The days a page asked for: its range, or the newest 60 before `newest` (the end of the newest window). A longer range than 200
 * days is cut at its older end; the page asks for the rest with another range.
 */
export function daySpan(range: DayRange, newest: EpochMs): DaySpan {
  const to = range.to === undefined ? dayStart(newest - 1) + DAY_MS : Date.parse(range.to) + DAY_MS;
  const wanted = range.from === undefined ? to - DEFAULT_DAYS * DAY_MS : Date.parse(range.from);
  return { from: Math.max(wanted, to - MOST_DAYS * DAY_MS), to };
}
