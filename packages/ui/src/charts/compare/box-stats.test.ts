import { expect, it } from "vitest";
import { boxStats } from "./box-stats.ts";

it("agrees with numpy.percentile and Tukey's whiskers", () => {
  // numpy.percentile([2.5, 9, 1, 4, 100, 7, 3.5], [25, 50, 75]) == [3.0, 4.0, 8.0]; 8 + 1.5 · 5 = 15.5 leaves 100 outside.
  expect(boxStats([2.5, 9, 1, 4, 100, 7, 3.5])).toEqual({ q1: 3, median: 4, q3: 8, low: 1, high: 9, n: 7 });
  expect(boxStats([5])).toEqual({ q1: 5, median: 5, q3: 5, low: 5, high: 5, n: 1 });
});

it("leaves out what is no finite number", () => {
  expect(boxStats([Number.NaN, 1, Number.POSITIVE_INFINITY, 3])).toMatchObject({ median: 2, n: 2 });
  expect(boxStats([Number.NaN])).toBeUndefined();
});
