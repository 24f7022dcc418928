import { DAY_MS } from "@ballast/core";
import { expect, test } from "vitest";
import { forecastRunRate } from "./run-rate.ts";

const start = Date.UTC(2001, 1, 1);
const days = (...amounts: number[]) => amounts.map((amountMicros, i) => ({ day: start + i * DAY_MS, amountMicros }));

test("the newest seven days set the pace", () => {
  const forecast = forecastRunRate(days(900, 900, 10, 10, 10, 10, 10, 10, 10), 1_860, 2_000);
  expect(forecast.perDayMicros).toBe(10);
  expect(forecast.daysLeft).toBe(14);
  expect(forecast.exhaustedOn).toBe("2001-02-24");
  expect(forecast.basis).toContain("7 event days, 2001-02-03 to 2001-02-09");
});

test("days without cost count as zero, a lone day counts as one", () => {
  const gap = [
    { day: start, amountMicros: 70 },
    { day: start + 6 * DAY_MS, amountMicros: 70 },
  ];
  expect(forecastRunRate(gap, 140, 1_000).perDayMicros).toBe(20);
  expect(forecastRunRate(days(42), 42, 1_000).perDayMicros).toBe(42);
});

test("nothing metered, nothing forecast; an exhausted budget has 0 days left", () => {
  expect(forecastRunRate([], 0, 10)).toMatchObject({ perDayMicros: null, daysLeft: null });
  expect(forecastRunRate(days(5), 10, 10)).toMatchObject({ daysLeft: 0, exhaustedOn: "2001-02-02" });
});

// numpy.quantile([10, 10, 10, 10, 100], [0.1, 0.9]) is [10, 64].
test("the range spans the quiet and the costly days of the basis", () => {
  const day = Date.UTC(2001, 5, 1);
  const days = [10, 10, 10, 10, 100].map((amountMicros, i) => ({ day: day + i * 86_400_000, amountMicros }));
  const { in30DaysMicros, in30DaysRangeMicros: range } = forecastRunRate(days, 1_000, 10_000);
  expect(in30DaysMicros).toBe(1_000 + 30 * 28);
  expect(range).toEqual({ low: 1_000 + 30 * 10, high: 1_000 + 30 * 64 });
});
