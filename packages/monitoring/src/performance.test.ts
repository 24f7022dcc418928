import { expect, test } from "vitest";
import { dayPerformance } from "./performance.ts";
import { mergeReliability } from "./performance-series.ts";

test("a day's figures, by hand", () => {
  const day = dayPerformance([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
  // The usual example: 3 of 4 pairs in order; (0.01 + 0.16 + 0.4225 + 0.04) / 4; base rate one half.
  expect(day).toMatchObject({ n: 4, auc: 0.75, meanOutcome: 0.5 });
  expect(day?.brier).toBeCloseTo(0.158125, 12);
  expect(day?.brierSkill).toBeCloseTo(1 - 0.158125 / 0.25, 12);
  expect(day?.meanPrediction).toBeCloseTo(0.4125, 12);
  expect(day?.reliability.reduce((sum, bin) => sum + bin.n, 0)).toBe(4);
});

test("one class has no AUC; labels that are no labels and predictions that are no probabilities are left out", () => {
  const day = dayPerformance([0.2, 0.4, 7, 0.5], [0, 0, 1, 12.5]);
  expect(day).toMatchObject({ n: 2, meanOutcome: 0 });
  expect(day?.auc).toBeNaN();
  expect(dayPerformance([3], [2.5])).toBeNull();
  expect(dayPerformance([], [])).toBeNull();
});

test("reliability of several days is weighted by rows", () => {
  const merged = mergeReliability([
    { reliability: [{ p: 0.12, y: 0.1, n: 100 }] },
    {
      reliability: [
        { p: 0.16, y: 0.2, n: 300 },
        { p: 1, y: 1, n: 2 },
      ],
    },
  ]);
  expect(merged).toEqual([
    { p: expect.closeTo(0.15, 12), y: expect.closeTo(0.175, 12), n: 400 },
    { p: 1, y: 1, n: 2 },
  ]);
});
