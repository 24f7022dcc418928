import { expect, it } from "vitest";
import { cropped, extentOf, nearestIndex, notOnLogAxis, oddPoints, type RunLine } from "./run-line.ts";

const line = (x: number[], y: number[], more: Partial<RunLine> = {}): RunLine => ({
  ...{ id: "a", label: "a", color: "s1", dash: "solid", exact: true, x, y, low: y, high: y },
  ...more,
});

it("finds NaN and infinities, also those that a bucket hides behind an ordinary last value", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const odd = line([1, 2, 3, 4], [1, nan, -inf, 2], { low: [1, nan, -inf, 2], high: [1, nan, 5, inf] });
  expect(oddPoints(odd)).toEqual([
    { x: 2, kind: "nan" },
    { x: 3, kind: "down" },
    { x: 4, kind: "up" },
  ]);
});

it("finds the closest position on either side", () => {
  const at = [-10, 0, 4, 100];
  expect([-99, -4, 1.9, 2.1, 60, 1_000].map((x) => at[nearestIndex(at, x)])).toEqual([-10, 0, 0, 4, 100, 100]);
  expect(nearestIndex([], 1)).toBe(-1);
});

it("counts what a log axis leaves out, and spans all lines", () => {
  const lines = [line([0, 1, 2], [1, -1, 0]), line([-3, 5], [1, 1])];
  expect([notOnLogAxis(lines, "x"), notOnLogAxis(lines, "y")]).toEqual([2, 2]);
  expect(extentOf(lines)).toEqual([-3, 5]);
  expect(extentOf([])).toBeUndefined();
});

it("keeps what a range shows and one position beyond each end", () => {
  const whole = line([0, 10, 20, 30, 40], [5, 6, 7, 8, 9]);
  expect(cropped(whole, [11, 29])).toMatchObject({ x: [10, 20, 30], y: [6, 7, 8], low: [6, 7, 8], high: [6, 7, 8] });
  expect(cropped(whole, [20, 20]).x).toEqual([10, 20, 30]);
  expect(cropped(whole, [-5, 99])).toBe(whole);
  expect(cropped(whole, [90, 99]).x).toEqual([40]);
  expect(cropped(whole, [-9, -5]).x).toEqual([0]);
});
