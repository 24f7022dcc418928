import { expect, it } from "vitest";
import { decadeRange, evidenceRange } from "./evidence-range.ts";

it("cuts the first bounds of a confidence sequence and keeps everything decided on", () => {
  const points = Array.from({ length: 8 }, (_, index) => ({
    x: index,
    y: -0.003,
    low: -1 / (index + 1) ** 3,
    high: 1 / (index + 1) ** 3,
  }));
  const [low, high] = evidenceRange(points, [0.005]) ?? [Number.NaN, Number.NaN];
  expect(low).toBeLessThanOrEqual(-1 / 27);
  expect(high).toBeGreaterThanOrEqual(1 / 27);
  expect(high).toBeLessThan(0.2);
});

it("has no range for nothing but zero", () => {
  expect(evidenceRange([], [])).toBeUndefined();
  expect(evidenceRange([{ x: 0, y: null }], [0.005])).toEqual([0, expect.closeTo(0.006)]);
});

it("shows whole decades and leaves air over the boundary", () => {
  expect(decadeRange([0.37, 100])).toEqual([0.1, 1000]);
  expect(decadeRange([0.004, 2e4])).toEqual([0.001, 1e5]);
  expect(decadeRange([0, Number.POSITIVE_INFINITY])).toEqual([0.1, 100]);
});
