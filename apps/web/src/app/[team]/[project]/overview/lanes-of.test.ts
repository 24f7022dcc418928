import { expect, it } from "vitest";
import { lanesOf } from "./lanes-of.ts";
import { brierLevel, daysOf, eventsShown, newestTraffic, type ServingOverview } from "./overview-data.ts";

const at = (date: number) => Date.UTC(2001, 5, date);
const event = (id: number, name: string, date: number, data: object = {}, subject = "s") => ({
  ...{ id, name, subject, summary: "", data, eventTime: new Date(at(date)), at: new Date() },
});

it("draws each activity's news once, with the time a candidate spent in shadow and canary", () => {
  const overview = {
    deployment: { versions: [{ id: "mv_5", version: 5 }] },
    rollouts: [
      {
        id: "rol_1",
        candidateId: "mv_5",
        candidateVersion: 5,
        state: "rolled_back",
        startedEventTime: new Date(at(2)),
        endedEventTime: new Date(at(14)),
      },
    ],
    happenings: [
      event(1, "training.requested", 2),
      event(2, "training.succeeded", 2, { version: 5 }),
      event(3, "rollout.advanced", 2, { rolloutId: "rol_1", decision: "start_shadow", candidateId: "mv_5" }),
      event(4, "rollout.advanced", 9, {
        rolloutId: "rol_1",
        decision: "start_canary",
        candidateId: "mv_5",
        percent: 1,
      }),
      event(5, "rollout.held", 10, { rolloutId: "rol_1", decision: "hold" }),
      event(6, "drift.detected", 11, { columns: ["hour", "origin"] }),
      event(7, "rollout.rolled_back", 14, { rolloutId: "rol_1", candidateId: "mv_5" }),
    ],
  } as unknown as ServingOverview;
  const lanes = lanesOf(overview, { from: at(5), to: at(20) });
  expect(lanes.map((lane) => [lane.name, lane.events.map(({ label }) => label)])).toEqual([
    ["Integrate", []],
    ["Deliver", ["v5 shadow", "v5 1 %", "v5 rolled back"]],
    ["Monitor", ["hour + 1"]],
    ["Train", ["v5 trained"]],
  ]);
  expect(lanes[1]?.spans).toEqual([
    { from: at(5), to: at(9), color: "s8", label: "v5 in shadow" },
    { from: at(9), to: at(14), color: "s2", label: "v5 in canary" },
  ]);
});

it("measures the champion against what the base rate alone would score on the same rows", () => {
  const days = [
    { n: 100, brier: 0.1, meanOutcome: 0.2 },
    { n: 300, brier: 0.2, meanOutcome: 0.4 },
    { n: 50, brier: null, meanOutcome: 0.1 },
  ] as unknown as ServingOverview["championDays"];
  const level = brierLevel(days, 7);
  // p̄ = (20 + 120) / 400 = 0.35
  expect(level?.brier).toBeCloseTo(0.35 * 0.65, 12);
  expect(level?.champion).toBeCloseTo(0.175, 12);
  expect(level?.n).toBe(400);
  expect(brierLevel([], 7)).toBeUndefined();
});

it("finds the newest day with a request", () => {
  const windows = [
    { from: new Date(at(1)), tally: { predictions: 5, errors: 0 } },
    { from: new Date(at(2)), tally: { predictions: 0, errors: 0 } },
    { from: new Date(at(3)), tally: null },
  ] as unknown as ServingOverview["windows"];
  expect(newestTraffic({ windows })).toMatchObject({ silentDays: 1, day: { from: new Date(at(1)) } });
  expect(newestTraffic({ windows: [] })).toBeUndefined();
});

it("takes only ranges that exist from the address", () => {
  expect(daysOf(new URLSearchParams("days=7"))).toBe(7);
  expect(daysOf(new URLSearchParams("days=1000000"))).toBe(30);
  expect(eventsShown(new URLSearchParams("events=9999"))).toBe(200);
  expect(eventsShown(new URLSearchParams("events=x"))).toBe(12);
});
