import { expect, it } from "vitest";
import { type Decision, guardsOf, type Rollout } from "./deployment-data.ts";
import { stepsOf } from "./steps-of.ts";

const steps = [1, 10, 50, 100].map((percent) => ({ percent, minDays: 1 }));
const alpha = { quality: 0.05, harm: 0.05, errors: 0.01, latency: 0.01, srm: 0.01 };
const arms = { e: 1, candidate: 1, champion: 24, exposedCandidate: 4_331, exposedChampion: 54_314 };

function rollout(over: object): Rollout {
  return {
    ...{ state: "canary", step: 1, stepSince: new Date(Date.UTC(2001, 2, 17)) },
    plan: { strategy: "shadow_then_canary", steps, minDays: 5, maxDays: 21, margin: 0.001, sloMs: 25, alpha },
    evidence: {
      days: [{ day: "2001-03-16" }, { day: "2001-03-17", candidateBrier: 0.1, championBrier: 0.2 }],
      ...{ errors: arms, latency: arms, srm: { e: 1, candidate: 0, champion: 0 }, stepExposures: 7 },
      quality: { eHarm: 20.8, eNonInferior: 0.26 },
    },
    ...over,
  } as unknown as Rollout;
}
const decision = (name: string, inputs: Record<string, number> = {}, date = 17) =>
  ({ decision: name, inputs, eventTime: new Date(Date.UTC(2001, 2, date)) }) as unknown as Decision;

it("shows where an open rollout stands, counting only the step's own days", () => {
  const shown = stepsOf(rollout({}), []);
  expect(shown.map(({ label, state }) => [label, state])).toEqual([
    ["0 %", "done"],
    ["1 %", "done"],
    ["10 %", "now"],
    ["50 %", "todo"],
    ["100 %", "todo"],
  ]);
  expect(shown[2]?.lines).toEqual(["7 exposed", "1 of 1 day", "matured"]);
});

it("shows where an ended rollout stopped, from its decisions", () => {
  const decisions = [
    decision("roll_back"),
    decision("advance", { percent: 10 }),
    decision("start_canary"),
    decision("start_shadow"),
  ];
  const states = (over: object, of: Decision[]) => stepsOf(rollout(over), of).map(({ state }) => state);
  expect(states({ state: "rolled_back", step: -1 }, decisions)).toEqual(["done", "done", "stopped", "todo", "todo"]);
  expect(states({ state: "refused", step: -1 }, [decision("start_shadow")])).toEqual([
    "stopped",
    "todo",
    "todo",
    "todo",
    "todo",
  ]);
  expect(states({ state: "promoted", step: -1 }, decisions)).toEqual(["done", "done", "done", "done", "done"]);
  expect(states({ state: "gating", step: -1 }, [])).toEqual(["todo", "todo", "todo", "todo", "todo"]);
});

it("holds every guard against its own boundary, with its history oldest first", () => {
  const past = [
    decision("hold", { errorsE: 0.8, eHarm: 3 }, 18),
    decision("hold", { errorsE: 1.2 }, 17),
    decision("start_shadow", {}, 16),
  ];
  const guards = guardsOf(rollout({}), past);
  const of = (id: string) => guards.find((guard) => guard.id === id);
  expect(of("errors")).toMatchObject({ candidate: "1 of 4,331", needed: 100, history: [1.2, 0.8], judged: true });
  expect(of("harm")).toMatchObject({ e: 20.8, needed: 20, history: [null, 3], candidate: "0.1000" });
  // A sticky split is not counted: the guard says so and does not claim that it holds.
  expect(of("split")?.judged).toBe(false);
});

it("shows what the candidate did alone, once it was, against what it is allowed", () => {
  const alone = (rate: number) => ({ e: 2_000, needed: 1_000, blocks: 2, events: 400, requests: 1_600, rate });
  const { evidence } = rollout({});
  const errors = { ...evidence.errors, alone: alone(0.05) };
  const latency = { ...evidence.latency, alone: alone(1) };
  const past = [decision("hold", { errorsE: 0.8, errorsAloneE: 7 }, 18), decision("hold", { errorsE: 1.2 }, 17)];
  const guards = guardsOf(rollout({ evidence: { ...evidence, errors, latency } }), past);
  expect(guards.map(({ id }) => id).slice(0, 4)).toEqual(["errors", "errorsAlone", "latency", "latencyAlone"]);
  expect(guards[1]).toMatchObject({
    ...{ name: "Errors, alone", candidate: "400 of 1,600", champion: "allowed 5.0 %", e: 2_000, needed: 1_000 },
    ...{ alpha: 0.001, history: [null, 7], judged: true },
  });
  expect(guards[3]?.judged).toBe(false);
});
