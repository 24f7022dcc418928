import { DAY_MS, isoDay } from "@ballast/core";
import { mean, quantile } from "simple-statistics";

export interface DayCost {
  /** Start of the event day, epoch ms. */
  day: number;
  amountMicros: number;
}
/** When the budget runs out at the present pace. A projection, not a promise: the basis says what it was made from. */
export interface RunRateForecast {
  /** Mean daily cost over the basis; null without any day. */
  perDayMicros: number | null;
  /** Days until committed reaches the limit; null when nothing is spent. */
  daysLeft: number | null;
  /** Event day on which that happens. */
  exhaustedOn: string | null;
  /** Committed cost after 30 more days at this pace. */
  in30DaysMicros: number | null;
  /** The same at the 10 % and 90 % quantile of the basis's days; null without any day. */
  in30DaysRangeMicros: { low: number; high: number } | null;
  /** What it was made from, in words. */
  basis: string;
}

/** Most days looked back. */
const BASIS_DAYS = 7;
/** Farther than this nobody should read a date off a run rate. */
const FARTHEST_DAYS = 3_650;

/** First event day of a forecast whose newest day with cost begins at `newest`. */
export const basisFrom = (newest: number): number => newest - (BASIS_DAYS - 1) * DAY_MS;

/**
 * Simple daily run rate: the mean of the newest seven event days, days without cost counting as 0. `days` holds each day at most once; of
 * those before the newest seven only the first matters, and not what it cost.
 * The budget lasts until committed reaches the limit.
 */
export function forecastRunRate(
  days: readonly DayCost[],
  committedMicros: number,
  limitMicros: number,
): RunRateForecast {
  if (days.length === 0) {
    return {
      perDayMicros: null,
      daysLeft: null,
      exhaustedOn: null,
      in30DaysMicros: null,
      in30DaysRangeMicros: null,
      basis: "no metered day yet",
    };
  }
  const newest = Math.max(...days.map((d) => d.day));
  const oldest = Math.min(...days.map((d) => d.day));
  const from = Math.max(oldest, basisFrom(newest));
  const span = Math.round((newest - from) / DAY_MS) + 1;
  const amounts = new Map(days.map((d) => [d.day, d.amountMicros]));
  const daily = Array.from({ length: span }, (_, i) => amounts.get(from + i * DAY_MS) ?? 0);
  const perDay = mean(daily);
  const [low = perDay, high = perDay] = quantile(daily, [0.1, 0.9]);
  const left = limitMicros - committedMicros;
  const daysLeft = perDay > 0 ? Math.max(0, left) / perDay : null;
  const reachable = daysLeft !== null && daysLeft <= FARTHEST_DAYS;
  return {
    perDayMicros: Math.round(perDay),
    daysLeft: daysLeft === null ? null : Math.round(daysLeft * 10) / 10,
    exhaustedOn: reachable ? isoDay(newest + DAY_MS + daysLeft * DAY_MS) : null,
    in30DaysMicros: Math.round(committedMicros + 30 * perDay),
    in30DaysRangeMicros: { low: Math.round(committedMicros + 30 * low), high: Math.round(committedMicros + 30 * high) },
    basis: `mean daily cost of ${span} event ${span === 1 ? "day" : "days"}, ${isoDay(from)} to ${isoDay(newest)}, serving and training`,
  };
}
