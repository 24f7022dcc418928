import { DAY_MS } from "@ballast/core";
import type { RolloutEvidence } from "@ballast/db";
import { expect, test } from "vitest";
import { emptyEvidence } from "./evidence.ts";
import { DEFAULT_PLAN, planFor } from "./plan.ts";
import type { RolloutFacts } from "./rollout-facts.ts";
import { nextRolloutStep } from "./rollout-state.ts";

const START = Date.UTC(2001, 1, 1);
const NOW = START + 20 * DAY_MS;
const passed = { passed: true, summary: "all 5 gates passed." };
const iso = (index: number) => new Date(START + index * DAY_MS).toISOString().slice(0, 10);

const base: RolloutFacts = {
  state: "shadow",
  step: -1,
  stepSince: START,
  plan: DEFAULT_PLAN,
  hasChampion: true,
  cause: "manual",
  gates: null,
  paused: false,
};
const canary = (step: number, more: Partial<RolloutFacts> = {}): RolloutFacts => ({
  ...base,
  state: "canary",
  step,
  ...more,
});

type Quality = NonNullable<RolloutEvidence["quality"]>;
interface Given {
  days?: number;
  mean?: number;
  eNonInferior?: number;
  eHarm?: number;
  errors?: number;
  errorsAlone?: number;
  latency?: number;
  srm?: number;
  exposures?: number;
  stepExposures?: number;
  trafficDays?: number;
  stepTrafficDays?: number;
  shadowed?: RolloutEvidence["shadowed"];
}

/** Evidence with the numbers that a rule reads. */
function evidence(given: Given = {}): RolloutEvidence {
  const held = emptyEvidence();
  const days = given.days ?? 10;
  const quality: Quality = {
    days,
    rows: days * 1500,
    mean: given.mean ?? -0.004,
    lower: -0.01,
    upper: 0.0005,
    eNonInferior: given.eNonInferior ?? 50,
    eHarm: given.eHarm ?? 0.1,
    verdict: "",
  };
  const alone = given.errorsAlone
    ? { alone: { e: given.errorsAlone, needed: 1000, blocks: 2, events: 900, requests: 3200, rate: 0.05 } }
    : {};
  return {
    ...held,
    days: Array.from({ length: days }, (_, i) => ({
      day: iso(i),
      n: 1500,
      meanDiff: quality.mean,
      candidateBrier: 0.15,
      championBrier: 0.15,
    })),
    quality: days === 0 ? null : quality,
    errors: { ...held.errors, e: given.errors ?? 1, ...alone },
    latency: { ...held.latency, e: given.latency ?? 1 },
    srm: { ...held.srm, e: given.srm ?? 1 },
    exposures: given.exposures ?? 0,
    stepExposures: given.stepExposures ?? given.exposures ?? 0,
    ...(given.trafficDays ? { trafficDays: given.trafficDays } : {}),
    ...(given.stepTrafficDays ? { stepTrafficDays: given.stepTrafficDays } : {}),
    ...(given.shadowed ? { shadowed: given.shadowed } : {}),
  };
}

const table: [string, RolloutFacts, Given, string | null, string | null, string | null][] = [
  // name, facts, evidence, decision, state after, rule
  ["queued waits", { ...base, state: "queued" }, {}, null, null, null],
  ["ended stays ended", { ...base, state: "refused" }, {}, null, null, null],
  ["gates still running", { ...base, state: "gating" }, {}, null, null, null],
  [
    "a gate failed",
    { ...base, state: "gating", gates: { passed: false, summary: "no" } },
    {},
    "refuse",
    "refused",
    "gates.failed",
  ],
  [
    "first version",
    { ...base, state: "gating", gates: passed, hasChampion: false },
    {},
    "promote",
    "promoted",
    "plan.first_version",
  ],
  [
    "all at once",
    { ...base, state: "gating", gates: passed, plan: planFor("all_at_once", 25) },
    {},
    "promote",
    "promoted",
    "plan.all_at_once",
  ],
  ["shadow first", { ...base, state: "gating", gates: passed }, {}, "start_shadow", "shadow", "plan.shadow"],
  [
    "canary first",
    { ...base, state: "gating", gates: passed, plan: planFor("canary", 25) },
    {},
    "start_canary",
    "canary",
    "plan.canary",
  ],
  ["shadow, nothing matured", base, { days: 0 }, "hold", "shadow", "no_data"],
  ["shadow, nothing matured in three weeks", base, { days: 0, trafficDays: 22 }, "hold", "shadow", "no_data"],
  [
    "traffic for longer than the plan gives, and no pair",
    base,
    { days: 0, trafficDays: 23 },
    "refuse",
    "refused",
    "quality.unproven",
  ],
  ["long traffic, proven", base, { trafficDays: 40 }, "start_canary", "canary", "plan.canary"],
  [
    "no day of the step matures, whatever the traffic",
    canary(3, { stepSince: START + 19 * DAY_MS }),
    { exposures: 50, trafficDays: 40, stepTrafficDays: 23 },
    "roll_back",
    "rolled_back",
    "step.unresolved",
  ],
  ["shadow, not proven", base, { eNonInferior: 19 }, "hold", "shadow", "quality.collecting"],
  ["shadow, proven on too few days", base, { days: 6 }, "hold", "shadow", "quality.collecting"],
  ["shadow, proven", base, {}, "start_canary", "canary", "plan.canary"],
  ["shadow, proven but paused", { ...base, paused: true }, {}, "hold", "shadow", "paused"],
  ["retrain proven and better", { ...base, cause: "policy:calibration" }, {}, "start_canary", "canary", "plan.canary"],
  [
    "retrain not worse but no better",
    { ...base, cause: "policy:calibration" },
    { mean: 0.0002 },
    "hold",
    "shadow",
    "quality.no_gain",
  ],
  [
    "retrain harmful in shadow",
    { ...base, cause: "policy:calibration" },
    { eNonInferior: 0.1, eHarm: 200, mean: 0.006 },
    "refuse",
    "refused",
    "quality.harm",
  ],
  [
    "by hand, harmful in shadow",
    base,
    { eNonInferior: 0.1, eHarm: 200, mean: 0.006 },
    "roll_back",
    "rolled_back",
    "quality.harm",
  ],
  [
    "harm within the stated margin is acceptable",
    base,
    { eHarm: 200, mean: 0.0003 },
    "start_canary",
    "canary",
    "plan.canary",
  ],
  ["time is up in shadow", base, { days: 21, eNonInferior: 3 }, "refuse", "refused", "quality.unproven"],
  [
    "time is up for a retrain without gain",
    { ...base, cause: "policy:calibration" },
    { days: 21, mean: 0.0001 },
    "refuse",
    "refused",
    "quality.unproven",
  ],
  [
    "time is up in canary",
    canary(1),
    { days: 21, eNonInferior: 3, exposures: 50 },
    "roll_back",
    "rolled_back",
    "quality.unproven",
  ],
  ["errors breach", canary(0), { errors: 100, exposures: 50 }, "roll_back", "rolled_back", "guard.errors"],
  ["latency breach", canary(3), { latency: 100, exposures: 50 }, "roll_back", "rolled_back", "guard.latency"],
  [
    "errors alone at 100 %",
    canary(3),
    { errorsAlone: 1000, exposures: 50 },
    "roll_back",
    "rolled_back",
    "guard.errors_alone",
  ],
  ["few errors alone at 100 %", canary(3), { errorsAlone: 999, exposures: 50 }, "promote", "promoted", "steps.passed"],
  [
    "a breach comes before a pause",
    canary(0, { paused: true }),
    { errors: 100, exposures: 50 },
    "roll_back",
    "rolled_back",
    "guard.errors",
  ],
  [
    "a breach comes before a wrong split",
    canary(0),
    { errors: 100, srm: 1e9, exposures: 50 },
    "roll_back",
    "rolled_back",
    "guard.errors",
  ],
  [
    "gross harm in canary",
    canary(0, { cause: "policy:calibration" }),
    { eNonInferior: 0, eHarm: 200, exposures: 9 },
    "roll_back",
    "rolled_back",
    "quality.harm",
  ],
  ["wrong split", canary(0), { srm: 100, exposures: 50 }, "hold", "canary", "srm.mismatch"],
  [
    "split wrong for too long",
    canary(0, { stepSince: NOW - 21 * DAY_MS }),
    { srm: 100, exposures: 50 },
    "roll_back",
    "rolled_back",
    "srm.unresolved",
  ],
  ["nobody met it at this step", canary(1), { exposures: 50, stepExposures: 0 }, "hold", "canary", "no_data"],
  [
    "no day of the step matured",
    canary(0, { stepSince: START + 10 * DAY_MS }),
    { exposures: 50 },
    "hold",
    "canary",
    "step.min_days",
  ],
  ["1 % to 10 % without proof", canary(0), { eNonInferior: 1, exposures: 50 }, "advance", "canary", "step.passed"],
  ["10 % to 50 % needs proof", canary(1), { eNonInferior: 1, exposures: 50 }, "hold", "canary", "quality.collecting"],
  ["10 % to 50 % with proof", canary(1), { exposures: 50 }, "advance", "canary", "step.passed"],
  ["paused", canary(1, { paused: true }), { exposures: 50 }, "hold", "canary", "paused"],
  ["past the last step", canary(3), { exposures: 50 }, "promote", "promoted", "steps.passed"],
  [
    "the last step needs proof too",
    canary(3),
    { eNonInferior: 10, exposures: 50 },
    "hold",
    "canary",
    "quality.collecting",
  ],
];

test.each(table)("%s", (_name, facts, given, decision, toState, rule) => {
  const next = nextRolloutStep(facts, evidence(given), NOW);
  expect(next?.decision ?? null).toBe(decision);
  expect(next?.toState ?? null).toBe(toState);
  expect(next?.ruleId ?? null).toBe(rule);
  if (!next) return;
  expect(next.rule).not.toBe("");
  expect(Object.values(next.inputs).every((value) => typeof value === "string" || Number.isFinite(value))).toBe(true);
});

test("a refusal says what was found, in numbers", () => {
  const facts = { ...base, cause: "policy:calibration" };
  const next = nextRolloutStep(facts, evidence({ days: 12, mean: 0.00612, eNonInferior: 0.01, eHarm: 321 }), NOW);
  expect(next?.summary).toBe(
    "Refused: retraining does not help; the candidate is worse, mean Brier difference +0.00612 over 12 matured days, 18,000 pairs, e = 321.",
  );
  expect(next?.inputs).toMatchObject({ maturedDays: 12, meanBrierDifference: 0.00612, eHarm: 321, eHarmNeeded: 20 });
});

test("a candidate that fails in shadow is told of with how often", () => {
  const shadowed = { rows: 4_800, scored: 0 };
  const waits = nextRolloutStep(base, evidence({ days: 0, trafficDays: 3, shadowed }), NOW);
  expect(waits?.summary).toBe(
    "Waiting: no matured day with pairs yet; the candidate failed to score 4,800 of 4,800 rows in shadow.",
  );
  const ends = nextRolloutStep(base, evidence({ days: 0, trafficDays: 23, shadowed }), NOW);
  expect(ends?.summary).toBe(
    "Refused: not proven to be within 0.001 of the champion, no matured day yet; the candidate failed to score 4,800 of 4,800 rows in shadow.",
  );
});

test("steps go up one by one", () => {
  const steps = [0, 1, 2].map((step) => nextRolloutStep(canary(step), evidence({ exposures: 9 }), NOW));
  expect(steps.map((next) => [next?.step, next?.inputs.percent])).toEqual([
    [1, 10],
    [2, 50],
    [3, 100],
  ]);
});
