import { expect, test } from "vitest";
import { monitoringVerdict, type VerdictInput } from "./verdict.ts";

const calm: VerdictInput = {
  deployment: "flight-late",
  incidents: [],
  window: {
    day: "2001-06-05",
    predictions: 1_728,
    duplicates: 0,
    errors: 0,
    rowsChecked: 1_728,
    mismatches: 0,
    tooFewFor: null,
  },
  backlog: { windows: 0, attempts: 0 },
  drifted: [],
  champion: { days: 7, n: 11_600, gap: 0.012, brierSkill: 0.08 },
};

test("healthy says what was looked at", () => {
  expect(monitoringVerdict(calm)).toEqual({
    state: "healthy",
    headline: "flight-late is healthy",
    reasons: [
      "1,728 predictions on 2001-06-05, no column over its limit; predicted and realised rates differ by 1.2 points over 7 days.",
    ],
    remedies: [],
  });
});

test("a day of too few rows is not called free of drift", () => {
  const window = { ...(calm.window as object), predictions: 12, tooFewFor: 30 } as VerdictInput["window"];
  expect(monitoringVerdict({ ...calm, window })).toMatchObject({
    state: "healthy",
    reasons: [
      "12 predictions on 2001-06-05, too few for a verdict on drift, which needs 30 rows of a column; predicted and realised rates differ by 1.2 points over 7 days.",
    ],
  });
});

test.each([
  [
    "an incident",
    { incidents: [{ id: "inc_1", title: "distance is now in kilometres", hasProposal: true }] },
    "broken",
  ],
  ["rows that differ", { window: { ...(calm.window as object), mismatches: 1 } as VerdictInput["window"] }, "broken"],
  ["failing requests", { window: { ...(calm.window as object), errors: 20 } as VerdictInput["window"] }, "broken"],
  [
    "a few failing requests",
    { window: { ...(calm.window as object), errors: 2 } as VerdictInput["window"] },
    "healthy",
  ],
  ["a few retries", { window: { ...(calm.window as object), duplicates: 17 } as VerdictInput["window"] }, "healthy"],
  [
    "ids that repeat",
    { window: { ...(calm.window as object), duplicates: 18 } as VerdictInput["window"] },
    "attention",
  ],
  [
    "one retry of a quiet day",
    { window: { ...(calm.window as object), predictions: 20, duplicates: 4 } as VerdictInput["window"] },
    "healthy",
  ],
  ["a window that cannot be processed", { backlog: { windows: 1, attempts: 3 } }, "broken"],
  ["drift", { drifted: [{ column: "hour", ratio: 1.3, days: 1 }] }, "attention"],
  ["a calibration gap", { champion: { days: 7, n: 900, gap: -0.08, brierSkill: 0.02 } }, "attention"],
  ["no skill", { champion: { days: 7, n: 900, gap: 0, brierSkill: -0.01 } }, "attention"],
  ["no labels yet", { champion: null }, "healthy"],
  ["nothing yet", { window: null, champion: null }, "waiting"],
  ["nothing yet, but on its way", { window: null, backlog: { windows: 2, attempts: 0 } }, "waiting"],
] as const)("%s: %#", (_, change, state) => {
  const verdict = monitoringVerdict({ ...calm, ...(change as Partial<VerdictInput>) });
  expect(verdict.state).toBe(state);
  expect(verdict.reasons.length).toBeGreaterThan(0);
});

test("a caller that gives every request the same id is told what that costs", () => {
  const window = { ...(calm.window as object), predictions: 1, duplicates: 1_727 } as VerdictInput["window"];
  const verdict = monitoringVerdict({ ...calm, window });
  expect(verdict.reasons[0]).toBe(
    "1,727 of 1,728 answers on 2001-06-05 reused a request id: of one id and row only the last counts.",
  );
  expect(verdict.remedies.map((remedy) => remedy.kind)).toEqual(["mend_request_ids"]);
});

test("a day without requests does not read as health", () => {
  const window = { ...(calm.window as object), predictions: 0, rowsChecked: 0 } as VerdictInput["window"];
  expect(monitoringVerdict({ ...calm, window })).toMatchObject({
    headline: "flight-late is ready; nobody asks",
    reasons: ["No prediction was asked for on 2001-06-05; nothing else is wrong."],
  });
});

test("an incident comes before drift, in reasons and in what to do", () => {
  const verdict = monitoringVerdict({
    ...calm,
    incidents: [{ id: "inc_1", title: "distance is now in kilometres", hasProposal: true }],
    drifted: [{ column: "distance", ratio: 2.9, days: 3 }],
    champion: { days: 7, n: 11_600, gap: 0.07, brierSkill: 0.08 },
  });
  expect(verdict.headline).toBe("flight-late needs you: 1 thing");
  expect(verdict.reasons).toEqual([
    "distance is now in kilometres.",
    "distance has drifted: 2.9 × its limit, 3 days in a row.",
    "Over 7 days the outcome came 7.0 points more often than predicted (n 11,600).",
  ]);
  expect(verdict.remedies.map((remedy) => remedy.kind)).toEqual([
    "accept_conversion",
    "look_at_column",
    "look_at_performance",
  ]);
});
