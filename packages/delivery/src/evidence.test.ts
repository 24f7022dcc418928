import { DAY_MS } from "@ballast/core";
import { createRandom } from "@ballast/statistics";
import { expect, test } from "vitest";
import {
  beginStep,
  daysSince,
  emptyEvidence,
  foldWindow,
  maturedDays,
  qualityVerdict,
  type WindowEvidence,
} from "./evidence.ts";
import { DEFAULT_PLAN } from "./plan.ts";

const START = Date.UTC(2001, 1, 1);
const iso = (t: number) => new Date(t).toISOString().slice(0, 10);
const none = { requests: 0, failed: 0, slow: 0 };
/** Revision of the routes that every block of these tests met. */
const ROUTING = 7;

function day(index: number, more: Partial<WindowEvidence> = {}): WindowEvidence {
  const from = START + index * DAY_MS;
  return {
    ...{ from, to: from + DAY_MS, blocks: [], routing: ROUTING, intendedShare: null, exposures: 0, pairs: [] },
    ...{ traffic: true, shadowed: null },
    ...more,
  };
}
const pair = (index: number, meanDiff: number, n = 1500) => ({
  day: iso(START + index * DAY_MS),
  n,
  meanDiff,
  candidateBrier: 0.15 + meanDiff,
  championBrier: 0.15,
});
const canaryDay = (
  index: number,
  candidate: Partial<typeof none>,
  champion: Partial<typeof none>,
  intendedShare = 0.1,
) =>
  day(index, {
    blocks: [{ routing: ROUTING, candidate: { ...none, ...candidate }, champion: { ...none, ...champion } }],
    intendedShare,
    exposures: candidate.requests ?? 0,
  });

test("a window counts once, whoever delivers it again", () => {
  const window = canaryDay(0, { requests: 101, failed: 1 }, { requests: 909, failed: 9 });
  const once = foldWindow(emptyEvidence(), window, DEFAULT_PLAN);
  expect(once.exposures).toBe(101);
  expect(foldWindow(once, window, DEFAULT_PLAN)).toBe(once);
  expect(foldWindow(once, day(-1), DEFAULT_PLAN)).toBe(once);
});

test("replaying any prefix of a sequence gives the same evidence", () => {
  const random = createRandom(11);
  const windows = Array.from({ length: 30 }, (_, i) => ({
    ...canaryDay(
      i,
      { requests: 10 + random.integer(200), failed: random.integer(3), slow: random.integer(5) },
      { requests: 1000 + random.integer(500), failed: random.integer(9), slow: random.integer(30) },
    ),
    pairs: i > 1 ? [pair(i - 1, 0.002 * random.normal())] : [],
  }));
  const straight = windows.reduce((held, window) => foldWindow(held, window, DEFAULT_PLAN), emptyEvidence());
  const repeated = windows.reduce((held, window, i) => {
    const next = foldWindow(held, window, DEFAULT_PLAN);
    return windows.slice(0, i + 1).reduce((again, old) => foldWindow(again, old, DEFAULT_PLAN), next);
  }, emptyEvidence());
  expect(repeated).toEqual(straight);
  // The evidence lives in a JSON column: what is stored is what was decided on.
  expect(JSON.parse(JSON.stringify(straight))).toEqual(straight);
});

test("shadow copies are no exposure", () => {
  const blocks = [{ routing: ROUTING, candidate: none, champion: { ...none, requests: 1600 } }];
  const shadow = foldWindow(emptyEvidence(), day(0, { blocks }), DEFAULT_PLAN);
  expect(shadow).toMatchObject({ exposures: 0, errors: { e: 1, exposedChampion: 0 }, srm: { e: 1 } });
});

test("a caller who named the candidate met it, and is no part of the comparison", () => {
  const named = foldWindow(emptyEvidence(), day(0, { exposures: 30, intendedShare: 0.1 }), DEFAULT_PLAN);
  expect(named).toMatchObject({ exposures: 30, stepExposures: 0, srm: { e: 1 }, errors: { exposedCandidate: 0 } });
});

test("a day that began under other routes: each part is judged at the share it was assigned at", () => {
  // Live, 200,000 requests a day: the step from 10 to 50 % came at 00:15.
  const block = (routing: number, requests: number, share: number, failed: number) => ({
    routing,
    candidate: { ...none, requests: requests * share, failed: failed * share },
    champion: { ...none, requests: requests * (1 - share), failed: failed * (1 - share) },
  });
  const parts = [block(ROUTING - 1, 2_000, 0.1, 0), block(ROUTING, 198_000, 0.5, 4_000)];
  const split = foldWindow(emptyEvidence(), day(0, { blocks: parts, intendedShare: 0.5 }), DEFAULT_PLAN);
  expect(split).toMatchObject({ srm: { candidate: 99_000, champion: 99_000 }, stepExposures: 99_000 });
  expect(split.srm.e).toBeLessThan(1);
  // All failures fell under the new routes, in equal parts: over the whole day the candidate has 50.0 % of them at a share of 49.6 %.
  expect(split.errors).toMatchObject({ exposedCandidate: 99_200, candidate: 2_000 });
  const alone = foldWindow(emptyEvidence(), day(0, { blocks: [block(ROUTING, 198_000, 0.5, 4_000)] }), DEFAULT_PLAN);
  expect(split.errors.e).toBe(alone.errors.e);
});

test("a candidate that fails far more often breaches; equal rates through a ramp do not", () => {
  let bad = emptyEvidence();
  let equal = emptyEvidence();
  const random = createRandom(5);
  const shares = [0.01, 0.01, 0.1, 0.1, 0.5, 0.5];
  shares.forEach((share, i) => {
    const n = { candidate: Math.round(20_000 * share), champion: Math.round(20_000 * (1 - share)) };
    const errors = (rate: number, count: number) => random.binomial(count, rate);
    const window = (factor: number) =>
      canaryDay(
        i,
        { requests: n.candidate, failed: errors(0.002 * factor, n.candidate) },
        { requests: n.champion, failed: errors(0.002, n.champion) },
      );
    bad = foldWindow(bad, window(8), DEFAULT_PLAN);
    equal = foldWindow(equal, window(1), DEFAULT_PLAN);
  });
  expect(bad.errors.e).toBeGreaterThan(1 / DEFAULT_PLAN.alpha.errors);
  expect(equal.errors.e).toBeLessThan(1 / DEFAULT_PLAN.alpha.errors);
});

test("guards alarm falsely in fewer than alpha of A/A rollouts, looked at every day", () => {
  const random = createRandom(2001);
  const runs = 1500;
  const alarms = { errors: 0, latency: 0, srm: 0 };
  for (let run = 0; run < runs; run++) {
    let evidence = emptyEvidence();
    const seen = { errors: false, latency: false, srm: false };
    for (let i = 0; i < 40; i++) {
      const share = i < 10 ? 0.01 : i < 20 ? 0.1 : 0.5;
      if (i === 10 || i === 20) evidence = beginStep(evidence);
      const n = 1600;
      const candidate = random.binomial(n, share);
      const draw = (count: number, rate: number) => random.binomial(count, rate);
      const counts = (requests: number) => ({ requests, failed: draw(requests, 0.004), slow: draw(requests, 0.02) });
      evidence = foldWindow(evidence, canaryDay(i, counts(candidate), counts(n - candidate), share), DEFAULT_PLAN);
      for (const name of ["errors", "latency", "srm"] as const)
        seen[name] ||= evidence[name].e >= 1 / DEFAULT_PLAN.alpha[name];
    }
    for (const name of ["errors", "latency", "srm"] as const) if (seen[name]) alarms[name]++;
  }
  const allowed = 0.01 + 3 * Math.sqrt((0.01 * 0.99) / runs);
  for (const name of ["errors", "latency", "srm"] as const) expect(alarms[name] / runs, name).toBeLessThan(allowed);
});

test("requests of many rows: counted as requests the guards keep their level, counted as rows they would not", () => {
  const runs = 300;
  const alarms = (unit: "requests" | "rows") => {
    const random = createRandom(1_000);
    const size = unit === "rows" ? 1_000 : 1;
    let alarmed = 0;
    for (let run = 0; run < runs; run++) {
      let evidence = emptyEvidence();
      let seen = false;
      for (let i = 0; i < 3; i++) {
        const candidate = random.binomial(200, 0.1);
        const counts = (requests: number) => ({
          requests: requests * size,
          failed: 0,
          slow: random.binomial(requests, 0.02) * size,
        });
        evidence = foldWindow(evidence, canaryDay(i, counts(candidate), counts(200 - candidate)), DEFAULT_PLAN);
        seen ||= evidence.srm.e >= 100 || evidence.latency.e >= 100;
      }
      if (seen) alarmed++;
    }
    return alarmed / runs;
  };
  expect(alarms("requests")).toBeLessThan(0.02 + 3 * Math.sqrt((0.02 * 0.98) / runs));
  expect(alarms("rows")).toBeGreaterThan(0.5);
});

test("a wrong split is seen, and what was learnt of it survives the next step", () => {
  let evidence = emptyEvidence();
  for (let i = 0; i < 6; i++)
    evidence = foldWindow(evidence, canaryDay(i, { requests: 300 }, { requests: 1300 }), DEFAULT_PLAN);
  expect(evidence.srm.e).toBeGreaterThan(100);
  const next = beginStep(evidence);
  expect(next.srm).toMatchObject({ candidate: 0, champion: 0 });
  const later = foldWindow(next, canaryDay(6, { requests: 800 }, { requests: 800 }, 0.5), DEFAULT_PLAN);
  expect(later.srm.e).toBeGreaterThan(100);
});

test("a whole canary at 100 %: what was compared stays, and usual failures are no evidence of harm", () => {
  const before = foldWindow(
    emptyEvidence(),
    canaryDay(0, { requests: 800, failed: 4 }, { requests: 800, failed: 4 }),
    DEFAULT_PLAN,
  );
  const alone = foldWindow(before, canaryDay(1, { requests: 1600, failed: 9, slow: 30 }, {}, 1), DEFAULT_PLAN);
  expect(alone.errors.e).toBe(before.errors.e);
  expect(alone.srm).toEqual(before.srm);
  expect(alone.errors.candidate).toBe(13);
  expect(alone.errors.alone).toMatchObject({ requests: 1600, events: 9 });
  expect(alone.errors.alone?.e).toBeLessThan(1);
});

/** A ramp to 100 % and on: the day, counted from the step to 100 %, on which a guard first breached alone; null for never. */
function loneBreach(
  seed: number,
  traffic: { requests: number; lone: (day: number) => number; rate: number; event?: "failed" | "slow" },
): number | null {
  const random = createRandom(seed);
  const event = traffic.event ?? "failed";
  let evidence = emptyEvidence();
  for (let i = 0; i < 50; i++) {
    const share = [0.01, 0.01, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5][i] ?? 1;
    const candidate = random.binomial(traffic.requests, share);
    const counts = (requests: number, rate: number) => ({ requests, [event]: random.binomial(requests, rate) });
    const own = share === 1 ? traffic.lone(i - 8) : traffic.rate;
    const window = canaryDay(i, counts(candidate, own), counts(traffic.requests - candidate, traffic.rate), share);
    evidence = foldWindow(evidence, window, DEFAULT_PLAN);
    const guard = evidence[event === "failed" ? "errors" : "latency"];
    if (guard.alone && guard.alone.e >= guard.alone.needed) return i - 8;
  }
  return null;
}

test("alone at 100 %, a candidate as good as the champion, or three times as bad, is borne for weeks", () => {
  const breaches = { same: 0, thrice: 0 };
  for (let seed = 0; seed < 300; seed++) {
    const rate = [0.002, 0.02, 0.1][seed % 3] as number;
    if (loneBreach(seed, { requests: 800, rate, lone: () => rate }) !== null) breaches.same++;
    if (loneBreach(seed, { requests: 800, rate, lone: () => 3 * rate }) !== null) breaches.thrice++;
  }
  // A tenth of alpha, and a tenth for the bound on the champion's rate.
  const allowed = 0.002 + 3 * Math.sqrt((0.002 * 0.998) / 300);
  expect(breaches.same / 300).toBeLessThan(allowed);
  expect(breaches.thrice / 300).toBeLessThan(allowed);
});

test("alone at 100 %, a candidate that is dead ends with its first window, also after weeks of good service and with few callers", () => {
  expect(loneBreach(1, { requests: 5_000, rate: 0.002, lone: () => 1 })).toBe(0);
  expect(loneBreach(2, { requests: 1_600, rate: 0.002, lone: (day) => (day < 30 ? 0.002 : 1) })).toBe(30);
  expect(loneBreach(3, { requests: 1_600, rate: 0.002, lone: () => 0.1 })).toBe(0);
  expect(loneBreach(4, { requests: 20, rate: 0.002, lone: () => 1 })).toBeLessThanOrEqual(1);
  // Not one window alone for latency: a pause of the machine looks the same.
  expect(
    loneBreach(5, { requests: 1_600, rate: 0.002, lone: (day) => (day % 7 === 3 ? 0.9 : 0.002), event: "slow" }),
  ).toBeNull();
  expect(loneBreach(6, { requests: 1_600, rate: 0.002, lone: () => 0.9, event: "slow" })).toBe(1);
});

test("a first step of 100 %: nothing is known of the champion, and failing most requests is too much anyway", () => {
  const dead = foldWindow(emptyEvidence(), canaryDay(0, { requests: 300, failed: 300, slow: 0 }, {}, 1), DEFAULT_PLAN);
  expect(dead.errors.alone?.e).toBeGreaterThan(1000);
  const slow = foldWindow(emptyEvidence(), canaryDay(0, { requests: 300, failed: 30, slow: 300 }, {}, 1), DEFAULT_PLAN);
  expect(slow.errors.alone?.e).toBeLessThan(1);
  expect(slow.latency.alone?.e).toBe(0);
});

test("quality is judged on day blocks", () => {
  const random = createRandom(3);
  const fold = (differences: number[]) =>
    differences.reduce(
      (held, difference, i) => foldWindow(held, day(i + 2, { pairs: [pair(i, difference)] }), DEFAULT_PLAN),
      emptyEvidence(),
    );
  const better = fold(Array.from({ length: 14 }, () => -0.01 + 0.004 * random.normal()));
  expect(better.quality?.verdict).toBe("non_inferior");
  const worse = fold(Array.from({ length: 14 }, () => 0.009 + 0.004 * random.normal()));
  expect(worse.quality?.verdict).toBe("harm");
  const unknown = fold(Array.from({ length: 14 }, () => 0.02 * random.normal()));
  expect(unknown.quality?.verdict).toBe("collecting");
  expect(unknown.quality?.lower).toBeLessThan(unknown.quality?.mean ?? 0);
});

test("two days that happen to agree are no proof", () => {
  const two = [0.01, 0.010001].reduce(
    (held, difference, i) => foldWindow(held, day(i + 2, { pairs: [pair(i, difference)] }), DEFAULT_PLAN),
    emptyEvidence(),
  );
  expect(qualityVerdict(two.quality, DEFAULT_PLAN)).toBe("collecting");
});

test("a day with no pair is left out, a day that comes twice counts once", () => {
  const first = foldWindow(emptyEvidence(), day(2, { pairs: [pair(0, 0.001), pair(1, 0, 0)] }), DEFAULT_PLAN);
  expect(first.days.map((entry) => entry.day)).toEqual(["2001-02-01"]);
  const second = foldWindow(first, day(3, { pairs: [pair(0, 0.5)] }), DEFAULT_PLAN);
  expect(second.days).toEqual(first.days);
});

test("days with traffic are counted since the start and since the step, rows in shadow since the start", () => {
  const windows = [
    day(0, { shadowed: { rows: 900, scored: 600 } }),
    day(1, { traffic: false, shadowed: { rows: 0, scored: 0 } }),
    day(2, { shadowed: { rows: 100, scored: 100 } }),
  ];
  const held = windows.reduce((before, window) => foldWindow(before, window, DEFAULT_PLAN), emptyEvidence());
  expect(held).toMatchObject({ trafficDays: 2, stepTrafficDays: 2, shadowed: { rows: 1000, scored: 700 } });
  const next = foldWindow(beginStep(held), day(3), DEFAULT_PLAN);
  expect(next).toMatchObject({ trafficDays: 3, stepTrafficDays: 1, shadowed: { rows: 1000, scored: 700 } });
});

test("a step's own days are those that began with it or after", () => {
  const held = foldWindow(emptyEvidence(), day(5, { pairs: [0, 1, 2, 3].map((i) => pair(i, 0)) }), DEFAULT_PLAN);
  expect(daysSince(held, START + 2 * DAY_MS)).toBe(2);
  expect(daysSince(held, START + 2 * DAY_MS + 1)).toBe(1);
  expect(daysSince(held, null)).toBe(4);
});

test("days mature one window later, gaps are made up for, and nothing before the start counts", () => {
  const at = (index: number) => START + index * DAY_MS;
  const days = (through: number | null, to: number, since = Number.NEGATIVE_INFINITY) =>
    maturedDays(through, to, since, DAY_MS).map((t) => (t - START) / DAY_MS);
  expect(days(at(4), at(5))).toEqual([3]);
  expect(days(at(4), at(7))).toEqual([3, 4, 5]);
  expect(days(null, at(5))).toEqual([3]);
  expect(days(at(4), at(5), at(4))).toEqual([]);
  expect(days(at(4), at(6), at(4))).toEqual([4]);
  // Started within a day: that day was scored by both only in part.
  expect(days(at(4) + 1000, at(5), at(4) + 1000)).toEqual([]);
  expect(days(at(4) + 1000, at(7), at(4) + 1000)).toEqual([5]);
});
