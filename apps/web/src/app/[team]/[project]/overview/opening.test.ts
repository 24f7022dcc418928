import { describe, expect, it } from "vitest";
import { openingOf } from "./opening.ts";
import type { ServingOverview } from "./overview-data.ts";

const day = (date: number) => new Date(Date.UTC(2001, 5, date));
const tally = (over: object = {}) => ({
  ...{ predictions: 1_000, errors: 0, p99Ms: 4, rowsChecked: 1_000, mismatches: 0, versions: { a: { overSlo: 30 } } },
  ...over,
});
const healthy = { state: "healthy", headline: "flight-late is healthy", reasons: ["all well"], remedies: [] };

/** The parts of an overview that the opening reads. */
function overview(over: object = {}): ServingOverview {
  return {
    counts: { versions: 1 },
    deployment: {
      ...{ name: "flight-late", sloMs: 25, rollout: null, queued: [], versions: [{ id: "a", version: 3 }] },
      routing: { champion: "a", candidate: null, shadows: [] },
    },
    monitoring: {
      verdict: healthy,
      drifted: [],
      columns: 10,
      openIncidents: 0,
      champion: { gap: 0.01, brierSkill: 0.2, days: 7, n: 9 },
      window: { day: "2001-06-19" },
    },
    windows: [
      { from: day(18), tally: tally() },
      { from: day(19), tally: tally() },
    ],
    stuck: [],
    incidents: [],
    openIncidents: 0,
    jobs: [],
    policies: [],
    ...over,
  } as unknown as ServingOverview;
}

describe("the opening of the home page", () => {
  it("is healthy with nothing to do, and says what would start a training", () => {
    const opening = openingOf(overview(), "/t/p");
    expect(opening).toMatchObject({
      tone: "healthy",
      headline: "flight-late is healthy.",
      why: ["all well"],
      actions: [],
    });
    expect(opening.act).toContain("training starts by hand");
  });

  it("puts an open incident first, with its decision one press away and what it holds up", () => {
    const incident = {
      ...{
        id: "inc_1",
        title: "`distance` is now in kilometres (declared: miles)",
        since: day(5),
        openedEventTime: day(6),
      },
      proposal: { factor: 0.621371, column: "distance" },
    };
    const jobs = [{ state: "refused", eventTime: day(8), reason: "rows break the contract" }];
    const opening = openingOf(overview({ incidents: [incident], openIncidents: 1, jobs }), "/t/p");
    expect(opening.tone).toBe("breach");
    expect(opening.why.join(" ")).toContain("Training was refused: rows break the contract");
    expect(opening.act).toContain("0.621371");
    expect(opening.actions[0]).toEqual({ label: "Review conversion", href: "/t/p/incidents/inc_1", primary: true });
    expect(opening.actions[1]?.href).toBe("/t/p/monitoring?deployment=flight-late&column=distance&day=2001-06-05");
  });

  it("says what else is wrong while an incident is open, and the incident once", () => {
    const title = "`distance` is now in kilometres (declared: miles)";
    const incident = { id: "inc_1", title, since: day(5), openedEventTime: day(6), proposal: null };
    const failed = "90 requests of 1,090 failed on 2001-06-19.";
    const monitoring = {
      ...{ verdict: { ...healthy, state: "broken", reasons: [`${title}.`, failed] }, openIncidents: 1, drifted: [] },
      window: { day: "2001-06-19", predictions: 1_000, errors: 90 },
    };
    const opening = openingOf(overview({ incidents: [incident], openIncidents: 34, monitoring }), "/t/p");
    expect(opening.headline).toBe("Requests fail, and one input is in the wrong unit.");
    expect(opening.why).toEqual([`${title}. 33 more are open.`, failed]);
    const elsewhere = openingOf(overview({ incidents: [incident], openIncidents: 1 }), "/t/p");
    expect(elsewhere.why).toEqual([`${title}.`]);
  });

  it("never calls silence health", () => {
    const windows = [
      { from: day(18), tally: tally() },
      { from: day(19), tally: tally({ predictions: 0, p99Ms: 0 }) },
    ];
    const opening = openingOf(overview({ windows }), "/t/p");
    expect(opening.headline).toBe("flight-late is ready; nobody asks.");
    expect(opening.why).toEqual([
      "The last prediction was asked for on 18 Jun 2001; 1 complete day without a request since.",
    ]);
  });

  it("agrees with a red latency figure", () => {
    const opening = openingOf(overview({ windows: [{ from: day(19), tally: tally({ p99Ms: 36.4 }) }] }), "/t/p");
    expect(opening.tone).toBe("warning");
    expect(opening.why[0]).toContain("30 of 1,000 answers took longer");
  });

  it("counts drifted columns and leads to the worst", () => {
    const monitoring = {
      ...{
        verdict: { ...healthy, state: "attention", reasons: ["hour has drifted"] },
        columns: 10,
        window: { day: "2001-06-19" },
      },
      ...{ drifted: [{ column: "hour", ratio: 3, days: 1 }], champion: { gap: 0, brierSkill: 0.1, days: 7, n: 100 } },
    };
    const opening = openingOf(overview({ monitoring }), "/t/p");
    expect(opening).toMatchObject({ tone: "warning", headline: "Serving is healthy. 1 of 10 columns has drifted." });
    expect(opening.actions.at(-1)?.href).toContain("column=hour&day=2001-06-19");
  });

  it("does not speak of health before anything serves", () => {
    const deployment = { ...overview().deployment, routing: { champion: null, candidate: null, shadows: [] } };
    expect(openingOf(overview({ deployment }), "/t/p")).toMatchObject({
      tone: "running",
      headline: "flight-late does not serve yet.",
    });
  });
});

it("work that stands still comes before everything else, with the reason of its last attempt", () => {
  const stuck = [
    { kind: "segment", id: "gw/p/4", what: "No day closes.", attempts: 5, reason: "torn", since: new Date() },
  ] as ServingOverview["stuck"];
  expect(openingOf(overview({ stuck }), "/t/p")).toMatchObject({
    tone: "breach",
    headline: "Serving goes on. The log stands still.",
    why: ["No day closes.", "The last of 5 attempts said: torn"],
  });
});
