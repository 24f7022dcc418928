import type { CalibrationPolicy } from "@ballast/db";
import { expect, test } from "vitest";
import { decideCalibration, type MaturedDay } from "./trigger-policy.ts";

const DAY = 86_400_000;
const through = Date.UTC(2001, 1, 20);
const spec: CalibrationPolicy = { kind: "calibration", days: 3, limit: 0.05, cooldownDays: 7, trainDays: 21 };
const free = { through, lastFired: null, busy: null };
/** `ago` days before `through`. */
const day = (ago: number, meanPrediction: number, meanOutcome: number, n = 1_000): MaturedDay => ({
  day: through - ago * DAY,
  ...{ n, meanPrediction, meanOutcome },
});
const storm = [day(4, 0.21, 0.2), day(3, 0.21, 0.29), day(2, 0.21, 0.3), day(1, 0.21, 0.31)];

test("a storm breaches: the newest days decide, with the numbers in the sentence", () => {
  const decision = decideCalibration(spec, storm, free);
  expect(decision).toMatchObject({ fire: true, outcome: "fired", days: 3, n: 3_000 });
  expect(decision.gap).toBeCloseTo(0.09, 12);
  expect(decision.summary).toBe(
    "predicted 21.0 %, realised 30.0 % over 3 matured days (n = 3000): gap +9.0 points, limit ±5.0.",
  );
});

test("saying too much breaches as saying too little does", () => {
  const spring = [1, 2, 3].map((ago) => day(ago, 0.21, 0.12));
  expect(decideCalibration(spec, spring, free)).toMatchObject({ fire: true, gap: expect.closeTo(-0.09, 9) });
});

test.each([
  ["exactly at the limit", [1, 2, 3].map((ago) => day(ago, 0.25, 0.3 - 1e-12)), free, "within_limit"],
  ["a day short", storm.slice(2), free, "too_few_days"],
  ["days too long ago", [10, 11, 12].map((ago) => day(ago, 0.1, 0.4)), free, "too_few_days"],
  ["days without labels", [1, 2, 3].map((ago) => day(ago, 0.1, 0.4, 0)), free, "too_few_days"],
  ["days not matured at that time", [0, -1, -2].map((ago) => day(ago, 0.1, 0.4)), free, "too_few_days"],
  ["asked six days ago", storm, { ...free, lastFired: through - 6 * DAY }, "cooldown"],
  ["asked seven days ago", storm, { ...free, lastFired: through - 7 * DAY }, "fired"],
  ["asked in this very window", storm, { ...free, lastFired: through }, "cooldown"],
  ["a rollout under way", storm, { ...free, busy: "rollout rol_1 is in shadow" }, "busy"],
] as const)("%s", (_case, days, state, outcome) => {
  expect(decideCalibration(spec, [...days], state).outcome).toBe(outcome);
});

test("rows weigh equally, not days", () => {
  const uneven = [day(1, 0.2, 0.6, 10), day(2, 0.2, 0.21, 1_000), day(3, 0.2, 0.21, 1_000)];
  expect(decideCalibration(spec, uneven, free)).toMatchObject({ outcome: "within_limit" });
});
