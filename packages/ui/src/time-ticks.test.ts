import { expect, it } from "vitest";
import { durationTicks, tickLabel, timeTicks } from "./time-ticks.ts";

const at = (day: number, hour = 0): number => Date.UTC(2001, 5, day, hour);

it("steps evenly over days, from the first midnight, within the count", () => {
  expect(timeTicks(at(1), at(20), 6).map(tickLabel)).toEqual(["1 Jun", "6 Jun", "11 Jun", "16 Jun"]);
  expect(timeTicks(at(1, 5), at(4), 6).map(tickLabel)).toEqual(["12:00", "2 Jun", "12:00", "3 Jun", "12:00", "4 Jun"]);
  for (const days of [1, 9, 40, 200, 3000]) {
    const ticks = timeTicks(at(1), at(1 + days), 6);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(6);
  }
});

it("names hours within a day, and one instant alone", () => {
  expect(timeTicks(at(1, 1), at(1, 5), 6).map(tickLabel)).toEqual(["01:00", "02:00", "03:00", "04:00", "05:00"]);
  expect(timeTicks(at(1), at(1), 6)).toEqual([at(1)]);
});

it("steps over durations as clocks do", () => {
  const minutes = (from: number, to: number) => durationTicks(from * 60_000, to * 60_000, 6).map((ms) => ms / 60_000);
  expect(minutes(0, 10)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(minutes(7, 55)).toEqual([10, 20, 30, 40, 50]);
  expect(durationTicks(0, 0, 6)).toEqual([0]);
  for (const span of [3, 900, 70_000, 5_400_000, 9e9, 1e13]) {
    expect(durationTicks(0, span, 6).length).toBeGreaterThan(2);
    expect(durationTicks(0, span, 6).length).toBeLessThanOrEqual(7);
  }
});
