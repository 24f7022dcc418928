import { expect, it } from "vitest";
import type { ServingOverview } from "./overview-data.ts";
import { edgesOf, stationsOf } from "./stations.ts";

const rollout = (over: object) => ({
  ...{ state: "canary", step: 0, candidateId: "b" },
  plan: { alpha: { errors: 0.01, latency: 0.01, srm: 0.01, harm: 0.05 }, minDays: 5, steps: [{ percent: 10 }] },
  evidence: { errors: { e: 1 }, latency: { e: 1 }, srm: { e: 1 }, quality: null, exposures: 40, days: [] },
  ...over,
});

/** The parts of an overview that the stations read. */
const overview = (over: object = {}): ServingOverview =>
  ({
    ...{ incidents: [], openIncidents: 0, jobs: [], policies: [], windows: [], championDays: [], happenings: [] },
    ...{ rollouts: [], rolloutCounts: {}, rollout: null, dataset: null, monitoring: null },
    deployment: {
      ...{ name: "flight-late", routing: { champion: "a" }, rollout: null, queued: [] },
      versions: [
        { id: "a", version: 3 },
        { id: "b", version: 4 },
      ],
    },
    ...over,
  }) as unknown as ServingOverview;
const withRollout = (over: object) => overview({ deployment: { ...overview().deployment, rollout: rollout(over) } });

it("counts rollouts and incidents as the database does, not the few that are listed", () => {
  const rollouts = Array.from({ length: 20 }, () => ({ state: "promoted", endedAt: new Date(), candidateVersion: 2 }));
  const counted = overview({
    ...{ rollouts, rolloutCounts: { promoted: 31, refused: 9, rolled_back: 4, aborted: 1 } },
    ...{ incidents: [{ title: "x, since y" }], openIncidents: 23 },
  });
  const { deliver, integrate } = stationsOf(counted, "/t/p");
  expect(deliver.facts.map(([, value]) => value)).toEqual(["45", "31", "13"]);
  expect(integrate.state).toBe("23 contracts broken");
  expect(edgesOf(counted).monitorToTrain).toMatchObject({ count: "23 incidents", word: "hold training" });
});

it("does not call monitoring healthy because no column drifted", () => {
  const watch = (state: string, reasons: string[]) => ({
    ...{ verdict: { state, reasons }, drifted: [], columns: 9, openIncidents: 0, window: { day: "2001-06-19" } },
  });
  const station = (seen: object) => stationsOf(overview({ monitoring: seen }), "/t/p").monitor;
  expect(station(watch("healthy", ["all well"]))).toMatchObject({ tone: "healthy", state: "0 of 9 drifted" });
  const few = { ...watch("healthy", ["all well"]), window: { day: "2001-06-19", tooFewFor: 30 } };
  expect(station(few)).toMatchObject({
    ...{ tone: "idle", state: "Too few rows", sentence: "A verdict on drift needs 30 rows of a column" },
  });
  expect(station(watch("broken", ["90 requests failed."]))).toMatchObject({
    ...{ tone: "breach", state: "Needs you", sentence: "90 requests failed." },
  });
});

it("calls a rollout safe only while no guard has evidence of harm", () => {
  expect(stationsOf(withRollout({}), "/t/p").deliver).toMatchObject({
    tone: "running",
    sentence: "v4 safe so far; Brier not yet proven",
  });
  const evidence = { ...rollout({}).evidence, latency: { e: 30 } };
  const { tone, sentence, facts } = stationsOf(withRollout({ evidence }), "/t/p").deliver;
  expect({ tone, sentence }).toEqual({
    ...{ tone: "warning", sentence: "v4 shows some evidence of harm; Brier not yet proven" },
  });
  expect(facts[1]).toEqual(["Strongest harm evidence", "E = 30.0 of 100"]);
});
