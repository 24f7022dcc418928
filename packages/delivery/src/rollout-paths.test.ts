import { readFileSync } from "node:fs";
import { DAY_MS } from "@ballast/core";
import { createRandom } from "@ballast/statistics";
import { expect, test } from "vitest";
import { beginStep, emptyEvidence, foldWindow, type WindowEvidence } from "./evidence.ts";
import { DEFAULT_PLAN, planFor } from "./plan.ts";
import type { RolloutFacts } from "./rollout-facts.ts";
import { nextRolloutStep } from "./rollout-state.ts";

const START = Date.UTC(2001, 0, 1);
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

/** One rollout on random data, decided day by day as the platform does; returns what it saw on the way. */
function simulate(seed: number) {
  const random = createRandom(seed);
  const plan = planFor(random.uniform() < 0.5 ? "shadow_then_canary" : "canary", 25);
  const pick = (values: readonly number[]) => values[random.integer(values.length)] as number;
  const errorFactor = pick([1, 1, 2, 10]);
  const shareFactor = pick([1, 1, 1, 3]);
  const effect = pick([-0.01, -0.002, 0, 0.002, 0.01]);
  let facts: RolloutFacts = {
    ...base,
    plan,
    cause: random.uniform() < 0.5 ? "policy:calibration" : "manual",
    state: plan.strategy === "canary" ? "canary" : "shadow",
    step: plan.strategy === "canary" ? 0 : -1,
  };
  let held = emptyEvidence();
  for (let i = 0; i < 120; i++) {
    const percent = facts.state === "canary" ? (plan.steps[facts.step]?.percent ?? 0) : 0;
    const traffic = random.uniform() < 0.1 ? 0 : 1600;
    const candidate = random.binomial(traffic, Math.min(1, (percent / 100) * shareFactor));
    const counts = (requests: number, rate: number) => ({
      requests,
      failed: random.binomial(requests, rate),
      slow: random.binomial(requests, 0.01),
    });
    const from = START + i * DAY_MS;
    const window = {
      from,
      to: from + DAY_MS,
      blocks: [
        {
          routing: 1,
          candidate: counts(candidate, 0.003 * errorFactor),
          champion: counts(traffic - candidate, 0.003),
        },
      ],
      routing: 1,
      exposures: candidate,
      traffic: traffic > 0,
      shadowed: null,
      intendedShare: percent > 0 ? percent / 100 : null,
      pairs:
        i < 1 || traffic === 0
          ? []
          : [
              {
                day: iso(i - 1),
                n: traffic,
                meanDiff: effect + 0.004 * random.normal(),
                candidateBrier: 0,
                championBrier: 0,
              },
            ],
    };
    held = foldWindow(held, window, plan);
    const next = nextRolloutStep(facts, held, window.to);
    if (!next) throw new Error("an open rollout always has a decision");
    if (!["shadow", "canary"].includes(next.toState)) return { next, held, facts, effect };
    if (next.toState !== facts.state || next.step !== facts.step) {
      expect(next.decision === "advance" ? next.step : 0).toBe(next.decision === "advance" ? facts.step + 1 : 0);
      held = beginStep(held);
      facts = { ...facts, state: next.toState, step: next.step, stepSince: window.to };
    }
  }
  return { next: null, held, facts, effect };
}

test("no sequence of evidence promotes past a breached guard, a wrong split or an unproven quality", () => {
  const ends = new Map<string, number>();
  for (let seed = 1; seed <= 400; seed++) {
    const { next, held, facts, effect } = simulate(seed);
    const end = next?.toState ?? "open";
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (end !== "promoted") continue;
    expect(held.errors.e).toBeLessThan(1 / facts.plan.alpha.errors);
    expect(held.latency.e).toBeLessThan(1 / facts.plan.alpha.latency);
    expect(held.errors.alone?.e).toBeLessThan(10 / facts.plan.alpha.errors);
    expect(held.srm.e).toBeLessThan(1 / facts.plan.alpha.srm);
    expect(held.quality?.eNonInferior).toBeGreaterThanOrEqual(1 / facts.plan.alpha.quality);
    expect(held.exposures).toBeGreaterThan(0);
    expect(effect, `seed ${seed}`).toBeLessThan(0.01);
  }
  // Every kind of end was met, so the property above was not vacuous, and none stays open for ever.
  expect([...ends.keys()].sort()).toEqual(["promoted", "refused", "rolled_back"]);
  expect(ends.get("promoted")).toBeGreaterThan(20);
});

/** Daily mean Brier differences on 2001's flights by candidate and start day; see `fixtures/paired-days.py`. */
const REAL = JSON.parse(readFileSync(new URL("./fixtures/paired-days.json", import.meta.url), "utf8")) as Record<
  string,
  number[]
>;

/** Runs a rollout under the default plan on real daily differences; 1,650 requests a day that never fail. */
function replay(differences: number[], start: number, cause: string) {
  let facts: RolloutFacts = { ...base, cause, stepSince: START + start * DAY_MS };
  let held = emptyEvidence();
  for (let i = 1; i <= differences.length; i++) {
    const percent = facts.state === "canary" ? (facts.plan.steps[facts.step]?.percent ?? 0) : 0;
    const candidate = Math.round((1650 * percent) / 100);
    const from = START + (start + i) * DAY_MS;
    const window: WindowEvidence = {
      from,
      to: from + DAY_MS,
      blocks: [
        {
          routing: 1,
          candidate: { requests: candidate, failed: 0, slow: 0 },
          champion: { requests: 1650 - candidate, failed: 0, slow: 0 },
        },
      ],
      routing: 1,
      exposures: candidate,
      traffic: true,
      shadowed: null,
      intendedShare: percent > 0 ? percent / 100 : null,
      pairs: [
        {
          day: iso(start + i - 1),
          n: 1650,
          meanDiff: differences[i - 1] as number,
          candidateBrier: 0,
          championBrier: 0,
        },
      ],
    };
    held = foldWindow(held, window, facts.plan);
    const next = nextRolloutStep(facts, held, window.to);
    if (!next) throw new Error("an open rollout always has a decision");
    if (next.toState !== "shadow" && next.toState !== "canary") {
      const after = differences.slice(i + 1, i + 15);
      const hindsight = after.reduce((sum, value) => sum + value, 0) / after.length;
      return { end: next.toState, days: i + 1, rule: next.ruleId, hindsight, exposures: held.exposures };
    }
    if (next.toState !== facts.state || next.step !== facts.step) {
      held = beginStep(held);
      facts = { ...facts, state: next.toState, step: next.step, stepSince: window.to };
    }
  }
  return { end: "open", days: differences.length, rule: "", hindsight: 0, exposures: held.exposures };
}

const real = Object.entries(REAL).map(([name, differences]) => {
  const [kind = "", start = "0"] = name.split(" ");
  const cause = kind === "congestion" || kind === "swapped" ? "manual" : "policy:calibration";
  return { kind, ...replay(differences, Number(start), cause) };
});
const ofKind = (kind: string) => real.filter((run) => run.kind === kind);

test("on real flights, better features are promoted within four weeks", () => {
  expect(ofKind("congestion")).toHaveLength(4);
  for (const run of ofKind("congestion")) {
    expect(run.end).toBe("promoted");
    expect(run.days).toBeLessThanOrEqual(28);
    expect(run.hindsight).toBeLessThan(-0.005);
  }
});

test("on real flights, a silently harmed version is rolled back before a caller meets it", () => {
  expect(ofKind("swapped")).toHaveLength(4);
  for (const run of ofKind("swapped")) {
    expect(run).toMatchObject({ end: "rolled_back", rule: "quality.harm", exposures: 0 });
    expect(run.days).toBeLessThanOrEqual(25);
  }
});

test("on real flights, no promoted retrain turns out worse by more than 0.002 over the fortnight after it", () => {
  const retrains = ["static", "full", "growing"].flatMap(ofKind);
  expect(retrains).toHaveLength(17);
  expect(retrains.every((run) => run.end !== "open")).toBe(true);
  const promoted = retrains.filter((run) => run.end === "promoted");
  for (const run of promoted) expect(run.hindsight).toBeLessThan(0.002);
  // Retraining the weather-blind model never helps, retraining the full one sometimes does; neither is scripted.
  expect(ofKind("static").filter((run) => run.end === "promoted")).toHaveLength(0);
  expect(promoted.length).toBeGreaterThanOrEqual(3);
});
