import { expect, test } from "vitest";
import { heldOutMetrics } from "./held-out-metrics.ts";

test("binary metrics of a worked example", () => {
  const p = Float32Array.from([0.125, 0.5, 0.25, 0.75]);
  const y = Float32Array.from([0, 0, 1, 1]);
  const m = heldOutMetrics("binary", p, y, 0.25);
  // Always answering 0.25: (2 × 0.25² + 2 × 0.75²) / 4 = 0.3125.
  // Pairs (positive, negative): .25 > .125, .25 < .5, .75 > both: 3 of 4.
  expect(m).toMatchObject({ n: 4, auc: 0.75, base_brier: 0.3125, mean_outcome: 0.5, mean_prediction: 0.40625 });
  expect(m.brier).toBeCloseTo((0.125 ** 2 + 0.5 ** 2 + 0.75 ** 2 + 0.25 ** 2) / 4, 12);
  expect(m.brier_skill).toBeCloseTo(1 - (m.brier as number) / 0.3125, 12);
  expect(m.calibration_gap).toBeCloseTo(0.09375, 12);
});

test("what one class cannot define is left out, not NaN", () => {
  const m = heldOutMetrics("binary", Float32Array.from([0.25, 0.5]), Float32Array.from([0, 0]), 0);
  expect(m).not.toHaveProperty("auc");
  expect(m).not.toHaveProperty("brier_skill");
  expect(Object.values(m).every(Number.isFinite)).toBe(true);
});

test("regression metrics of a worked example", () => {
  const m = heldOutMetrics("regression", Float32Array.from([1, 2, 4]), Float32Array.from([1, 3, 5]), 0);
  expect(m.rmse).toBeCloseTo(Math.sqrt(2 / 3), 12);
  expect(m.mae).toBeCloseTo(2 / 3, 12);
  expect(m.r2).toBeCloseTo(1 - 2 / 8, 12);
});
