import type { DriftTest } from "@ballast/plugin-sdk";
import { createRandom } from "@ballast/statistics";
import { beforeAll, describe, expect, test } from "vitest";
import { judge, runTests } from "./drift.ts";
import { type ColumnKind, observe } from "./observed-column.ts";
import { openPlugins } from "./open-plugins.ts";
import { calibrateColumn } from "./reference-column.ts";

/** Every first-party test, as a window meets them. */
let tests: DriftTest[];
beforeAll(async () => {
  tests = (await openPlugins()).driftTests().map(({ test }) => test);
});

const random = createRandom(20011101);
type Day = (rows: number, shift?: number) => Float64Array | string[];

/** Days of a column; `spread` is how far a day as a whole wanders from the others. */
const normalDay =
  (spread: number): Day =>
  (rows, shift = 0) => {
    const centre = shift + spread * random.normal();
    return Float64Array.from({ length: rows }, () => centre + random.normal());
  };
const airports =
  (spread: number): Day =>
  (rows) => {
    const weights = Array.from({ length: 40 }, (_, i) => Math.exp(spread * random.normal()) / (i + 1));
    const total = weights.reduce((sum, weight) => sum + weight);
    return Array.from({ length: rows }, () => {
      const at = random.uniform() * total;
      let passed = 0;
      return `A${weights.findIndex((weight) => {
        passed += weight;
        return passed > at;
      })}`;
    });
  };

async function watching(kind: ColumnKind, day: Day, days = 31, rows = 2_000) {
  const named = { column: "x", role: "request" as const, kind, unit: null };
  const blocks = Array.from({ length: days }, () => day(rows));
  const calibrated = await calibrateColumn({ ...named, blocks }, tests, (id, _, error) => {
    throw new Error(`${id} failed`, { cause: error });
  });
  if (calibrated === null) throw new Error("no baseline");
  const { side: reference, limits } = calibrated;
  const edges = reference.profile.kind === "numeric" ? reference.profile.edges : [];
  const findings = (values: Float64Array | string[]) =>
    judge(
      runTests(tests, { ...named, reference, current: observe(kind, values, edges) }).map((answer) => ({
        ...{ ...named, ...answer, limits },
      })),
    );
  const driftShare = (windows: number, of: () => Float64Array | string[]) =>
    Array.from({ length: windows }, of).filter((values) => findings(values).some(({ drifted }) => drifted)).length /
    windows;
  return { limits, findings, driftShare };
}

const ROWS = [30, 50, 100, 200, 400, 800, 1_650, 2_000, 8_000];

describe.each([
  ["equal days", "numeric" as const, normalDay(0)],
  ["days that wander by a seventh of their spread", "numeric" as const, normalDay(0.15)],
  ["categories, equal days", "categorical" as const, airports(0)],
  ["categories, days that wander", "categorical" as const, airports(0.15)],
])("%s", (_, kind, day) => {
  test("windows of any size that are like the reference drift in at most one of thirty, by any test", {
    timeout: 60_000,
  }, async () => {
    const { driftShare } = await watching(kind, day);
    for (const rows of ROWS)
      expect({ rows, share: driftShare(60, () => day(rows)) }).toMatchObject({
        rows,
        share: expect.toSatisfy((share) => share <= 1 / 30),
      });
  });
});

test("what has drifted is seen, in small windows if it is large and in large ones if it is small", async () => {
  const day = normalDay(0);
  const { driftShare } = await watching("numeric", day);
  expect(driftShare(20, () => day(50, 1.5))).toBe(1);
  expect(driftShare(20, () => day(200, 0.75))).toBe(1);
  expect(driftShare(20, () => day(2_000, 0.2))).toBe(1);
});

test("windows of fewer rows than the smallest size have no verdict", async () => {
  const { findings, limits } = await watching("numeric", normalDay(0));
  expect(limits.psi?.map(({ rows }) => rows)).toEqual([30, 100, 300, 1_000, 2_000]);
  for (const finding of findings(normalDay(0)(20, 9)))
    expect(finding).toMatchObject({ drifted: false, limit: null, tooFewFor: 30 });
  expect(findings(normalDay(0)(40, 9)).every(({ drifted }) => drifted)).toBe(true);
});

test("days of 60 rows are calibrated whole and at half their size; too few days give no limit at all", async () => {
  const { limits } = await watching("numeric", normalDay(0), 20, 60);
  expect(limits.ks?.map(({ rows, blocks }) => [rows, blocks])).toEqual([
    [30, 20],
    [60, 20],
  ]);
  expect((await watching("numeric", normalDay(0), 4, 60)).limits).toEqual({});
});
