import type { DriftResult, DriftTest } from "@ballast/plugin-sdk";
import type { SizedLimit } from "@ballast/statistics";
import { expect, test } from "vitest";
import { driftSummary, judge, runTests } from "./drift.ts";
import { observe } from "./observed-column.ts";

const limit = (value: number, rows = 100): SizedLimit[] => [
  { rows, limit: value, blocks: 31, level: 0.95, largest: value / 1.5, median: value / 3 },
];
const answer = (column: string, value: number, options: { pValue?: number; limit?: number } = {}) => ({
  ...{ column, role: "request" as const, test: "t" },
  result: resultOf(value, options.pValue),
  limits: limitsOf(options.limit),
});
const resultOf = (value: number, pValue?: number): DriftResult => ({
  ...{ statistic: "d", value, n: { reference: 1_000, current: 100 } },
  ...(pValue === undefined ? {} : { pValue }),
});
const limitsOf = (value?: number): Record<string, SizedLimit[]> => (value === undefined ? {} : { t: limit(value) });
const drifted = (...answers: Parameters<typeof judge>[0][number][]) => judge(answers).map((finding) => finding.drifted);

test.each([
  ["over its limit", answer("a", 0.3, { limit: 0.2 }), true],
  ["at its limit", answer("a", 0.2, { limit: 0.2 }), false],
  ["over the limit and unlikely", answer("a", 0.3, { limit: 0.2, pValue: 1e-9 }), true],
  ["over the limit by chance", answer("a", 0.3, { limit: 0.2, pValue: 0.4 }), false],
  ["unlikely, but small", answer("a", 0.1, { limit: 0.2, pValue: 1e-30 }), false],
  ["unlikely and nothing to hold it against", answer("a", 0.1, { pValue: 0.01 }), true],
  ["a distance without a limit", answer("a", 9), false],
])("%s", (_, one, expected) => {
  expect(drifted(one)).toEqual([expected]);
});

test("a window is held against the limit for as many rows as it has, and too few have no verdict", () => {
  const limits = { t: [...limit(0.8, 100), ...limit(0.2, 1_600)] };
  const of = (current: number, pValue = 1e-9) =>
    judge([
      {
        ...answer("a", 0.3, { pValue }),
        limits,
        result: { ...resultOf(0.3, pValue), n: { reference: 9_000, current } },
      },
    ])[0];
  expect(of(1_600)).toMatchObject({ drifted: true, limit: 0.2, tooFewFor: null });
  expect(of(400)).toMatchObject({ drifted: false, limit: expect.closeTo(0.4, 12), tooFewFor: null });
  expect(of(99)).toMatchObject({ drifted: false, limit: null, qValue: null, tooFewFor: 100 });
});

test("p-values are corrected over the window's columns", () => {
  const many = Array.from({ length: 19 }, (_, i) => answer(`c${i}`, 1, { pValue: 0.5 + i / 100 }));
  const alone = judge([answer("a", 1, { pValue: 0.04 })]);
  const among = judge([answer("a", 1, { pValue: 0.04 }), ...many]);
  expect(alone[0]).toMatchObject({ drifted: true, qValue: 0.04 });
  expect(among[0]?.drifted).toBe(false);
  expect(among[0]?.qValue).toBeGreaterThan(0.5);
});

test("the summary names the columns that strayed farthest, once each", () => {
  const findings = judge([
    answer("near", 0.3, { limit: 0.2 }),
    answer("far", 0.9, { limit: 0.1 }),
    answer("calm", 0.1, { limit: 0.2 }),
  ]);
  const again = judge([{ ...answer("far", 0.2, { limit: 0.1 }), test: "u", limits: { u: limit(0.1) } }]);
  expect(driftSummary([...findings, ...again])).toEqual({
    columns: ["far", "near"],
    text: "far (d 0.900 > 0.100, n 100), near (d 0.300 > 0.200, n 100)",
  });
  expect(driftSummary(judge([answer("calm", 0.1, { limit: 0.2 })]))).toBeNull();
});

test("a broken test costs its own answer only, and is told of", () => {
  const sound: DriftTest = {
    ...{ id: "sound", title: "", kinds: ["numeric"] },
    run: ({ current }) => ({
      statistic: "n",
      value: current.profile.n,
      n: { reference: 1, current: current.profile.n },
    }),
  };
  const broken: DriftTest = {
    ...{ id: "broken", title: "", kinds: ["numeric"] },
    run: () => {
      throw new Error("boom");
    },
  };
  const texts: DriftTest = { ...sound, id: "texts", kinds: ["categorical"] };
  const told: string[] = [];
  const side = observe("numeric", [1, 2, null, Number.NaN], []);
  const answers = runTests(
    [broken, sound, texts],
    { column: "x", role: "request", kind: "numeric", unit: null, reference: side, current: side },
    (id, column) => told.push(`${id} on ${column}`),
  );
  expect(answers.map(({ test: id, result }) => [id, result.value])).toEqual([["sound", 2]]);
  expect(told).toEqual(["broken on x"]);
});

test("a numeric column that arrives as text is all missing, a category that is NaN is none", () => {
  expect(observe("numeric", ["a", "b"], [1]).profile).toMatchObject({ n: 0, nulls: 2 });
  expect(observe("categorical", [1, Number.NaN, "x", null], []).profile).toMatchObject({
    nulls: 2,
    counts: { 1: 1, x: 1 },
  });
});
