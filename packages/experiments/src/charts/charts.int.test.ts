import type { Scope } from "@ballast/core";
import { metricPyramids, metricSeries, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunPoints } from "../metric-fold.ts";
import { writePoints } from "../metric-write.ts";
import { buildPyramid, buildPyramids } from "./build-pyramids.ts";
import { metricChart } from "./metric-chart.ts";
import { sampleHistories } from "./sample-histories.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

interface Point {
  step: number;
  at: number;
  value: number;
}
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

async function write(scope: Scope, runId: string, points: readonly Point[], key = "loss"): Promise<void> {
  for (let i = 0; i < points.length; i += 5_000) {
    const metrics = points.slice(i, i + 5_000).map((point) => ({ key, ...point }));
    const run: RunPoints = { projectId: scope.projectId, runId, metrics };
    await inTenant(scope, (tx) => writePoints(tx, scope.teamId, [run]));
  }
}

/** The next of a fixed sequence in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
const dense = (n: number, from = 0, value = (i: number) => Math.sin(i / 50)): Point[] =>
  Array.from({ length: n }, (_, i) => ({ step: from + i, at: 1_700_000_000_000 + i, value: value(i) }));

/** What is left for the worker to do. */
const due = async () => [...(await t.db.sql`select * from ballast_due_series(10)`)];
const chart = (scope: Scope, runIds: string[], asked: { buckets: number; from?: number; to?: number }) =>
  inTenant(scope, (tx) => metricChart(tx, scope, { runIds, key: "loss", ...asked }));
const seriesOf = async (scope: Scope, runId: string) => {
  const [row] = await inTenant(scope, (tx) =>
    tx
      .select()
      .from(metricSeries)
      .where(and(eq(metricSeries.runId, runId), eq(metricSeries.key, "loss"))),
  );
  if (!row) throw new Error(`${runId} has no series`);
  return row;
};

/** Compares a chart with all of the points: each entry is checked against the points since the entry before. */
async function expectTrue(
  scope: Scope,
  runId: string,
  points: readonly Point[],
  asked: { buckets: number; from?: number; to?: number },
) {
  const [got] = await chart(scope, [runId], asked);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = asked;
  const sorted = points.toSorted((a, b) => a.step - b.step || a.at - b.at);
  const inside = sorted.filter(({ step }) => step >= from && step <= to);
  if (!got) return expect(inside).toEqual([]);
  // Whole buckets at the edges: from the first point of the first to the last of the last.
  const end = sorted.findLastIndex(({ step }) => step === got.steps.at(-1)) + 1;
  const start = end - got.n;
  expect(start).toBeLessThanOrEqual(inside.length ? sorted.indexOf(inside[0] as Point) : 0);
  expect(end).toBeGreaterThanOrEqual(inside.length ? sorted.indexOf(inside.at(-1) as Point) + 1 : 0);
  expect(got.steps.length).toBeLessThanOrEqual(asked.buckets + 1);
  let i = start;
  got.steps.forEach((step, entry) => {
    const next = got.exact ? i + 1 : sorted.findLastIndex((p) => p.step === step) + 1;
    const own = sorted.slice(i, next);
    const numbers = own.map(({ value }) => value).filter((value) => !Number.isNaN(value));
    expect(Number(got.last[entry])).toBe(own.at(-1)?.value);
    expect(got.at[entry]).toBe(own.at(-1)?.at);
    expect(Number(got.least[entry])).toBe(numbers.length > 0 ? Math.min(...numbers) : Number.NaN);
    expect(Number(got.greatest[entry])).toBe(numbers.length > 0 ? Math.max(...numbers) : Number.NaN);
    i = next;
  });
  expect(i).toBe(end);
  return got;
}

describe("every point is accounted for at every zoom", () => {
  const rnd = random(7);
  const shapes: Record<string, Point[]> = {
    dense: dense(30_000),
    "negative and sparse steps": Array.from({ length: 9_000 }, (_, i) => ({
      step: -40_000 + i * 7,
      at: i,
      value: rnd() - 0.5,
    })),
    "many points of one step": Array.from({ length: 9_000 }, (_, i) => ({ step: i >> 3, at: i, value: rnd() })),
    "a jump far ahead": [...dense(6_000), ...dense(3_000, 10 ** 12)],
    "NaN and infinities": dense(8_000, -100, (i) =>
      i % 5 === 0 ? Number.NaN : i === 4_001 ? Number.POSITIVE_INFINITY : i === 77 ? Number.NEGATIVE_INFINITY : i % 13,
    ),
    "nothing but NaN": dense(5_000, 0, () => Number.NaN),
    short: dense(40, -7),
  };
  test.each(Object.keys(shapes))("%s", async (name) => {
    const points = shapes[name] as Point[];
    const scope = await t.newScope();
    await write(scope, "run_1", points);
    const built = async () => {
      for (const asked of [{ buckets: 50 }, { buckets: 400 }, { buckets: 2_000 }]) {
        await expectTrue(scope, "run_1", points, asked);
        const steps = points.map(({ step }) => step).sort((a, b) => a - b);
        for (const [lo, hi] of [
          [0.1, 0.9],
          [0.5, 0.52],
          [0.97, 1],
          [0.3, 0.3],
        ]) {
          const at = (share: number) => steps[Math.min(Math.floor(steps.length * share), steps.length - 1)] as number;
          await expectTrue(scope, "run_1", points, { ...asked, from: at(lo as number), to: at(hi as number) });
        }
      }
    };
    await built();
    await buildPyramids(t.db);
    if (points.length > 4_096) expect((await seriesOf(scope, "run_1")).builtStep).not.toBeNull();
    await built();
  });
});

test("a pyramid that grows in pieces is the pyramid built at once", async () => {
  const scope = await t.newScope();
  const points = dense(40_000, -5_000, (i) => Math.sin(i) * i);
  let written = 0;
  for (const upTo of [2_100, 4_300, 9_000, 11_500, 30_000, 40_000]) {
    await write(scope, "pieces", points.slice(written, upTo));
    written = upTo;
    await inTenant(scope, async (tx) => buildPyramid(tx, scope.teamId, (await seriesOf(scope, "pieces")).no));
    await expectTrue(scope, "pieces", points.slice(0, upTo), { buckets: 300 });
  }
  await write(scope, "once", points);
  await buildPyramids(t.db);
  const [pieces, once] = [await seriesOf(scope, "pieces"), await seriesOf(scope, "once")];
  const levels = async (no: number) => {
    const parts = await inTenant(scope, (tx) => tx.select().from(metricPyramids).where(eq(metricPyramids.series, no)));
    return Map.groupBy(parts, ({ width }) => width);
  };
  const [a, b] = [await levels(pieces.no), await levels(once.no)];
  for (const [width, parts] of b) {
    if (!a.has(width)) continue;
    const strip = (all: typeof parts) =>
      all
        .toSorted((x, y) => x.part - y.part)
        .map(({ part, buckets, points: n, data }) => ({ part, buckets, n, data: Buffer.from(data).toString("hex") }));
    expect(strip(a.get(width) ?? [])).toEqual(strip(parts));
  }
  expect(a.has(16) && b.has(16) && a.size >= 4).toBe(true);
});

test("a late point is seen at once, and the pyramid is built anew", async () => {
  const scope = await t.newScope();
  const points = dense(10_000);
  await write(scope, "run_1", points);
  await buildPyramids(t.db);
  expect((await seriesOf(scope, "run_1")).builtStep).toBe(9_743);
  const spike = { step: 4_000, at: 5, value: 1e6 };
  await write(scope, "run_1", [spike]);
  expect((await seriesOf(scope, "run_1")).late).toBe(true);
  const all = [...points, spike];
  await expectTrue(scope, "run_1", all, { buckets: 100 });
  await buildPyramids(t.db);
  expect((await seriesOf(scope, "run_1")).late).toBe(false);
  const got = await expectTrue(scope, "run_1", all, { buckets: 100 });
  expect(Math.max(...(got?.greatest.map(Number) ?? []))).toBe(1e6);
  expect(await due()).toEqual([]);
});

test("a batch that is sent again costs no new pyramid", async () => {
  const scope = await t.newScope();
  const points = dense(10_000);
  await write(scope, "run_1", points);
  await buildPyramids(t.db);
  const { no } = await seriesOf(scope, "run_1");
  const rows = () =>
    inTenant(scope, (tx) =>
      tx.execute<{ at: string }>(
        sql`select ctid::text as at from metric_pyramids where series = ${no} order by level, part`,
      ),
    );
  const before = [...(await rows())];
  await write(scope, "run_1", points.slice(100, 200));
  expect((await seriesOf(scope, "run_1")).late).toBe(true);
  await buildPyramids(t.db);
  expect((await seriesOf(scope, "run_1")).late).toBe(false);
  expect([...(await rows())]).toEqual(before);
  await expectTrue(scope, "run_1", points, { buckets: 100 });
});

test("a point among those being built, by a writer who knew of no pyramid, is not lost", async () => {
  const scope = await t.newScope();
  const points = dense(6_000);
  await write(scope, "run_1", points);
  const { no } = await seriesOf(scope, "run_1");
  const late = { step: 100, at: 9, value: -1e9 };
  let written = false;
  await inTenant(scope, async (tx) => {
    // The builder has read all points and writes its first part: then the other writer commits.
    const slowed = new Proxy(tx, {
      get(target, property) {
        if (property !== "insert" || written) return Reflect.get(target, property);
        return (table: typeof metricPyramids) => ({
          values: (row: typeof metricPyramids.$inferInsert) => ({
            onConflictDoUpdate: async (
              on: Parameters<ReturnType<ReturnType<Tx["insert"]>["values"]>["onConflictDoUpdate"]>[0],
            ) => {
              written = true;
              await write(scope, "run_1", [late]);
              await target.insert(table).values(row).onConflictDoUpdate(on);
            },
          }),
        });
      },
    });
    await buildPyramid(slowed, scope.teamId, no);
  });
  expect(written).toBe(true);
  expect((await seriesOf(scope, "run_1")).late).toBe(true);
  await expectTrue(scope, "run_1", [...points, late], { buckets: 100 });
  await buildPyramids(t.db);
  await expectTrue(scope, "run_1", [...points, late], { buckets: 100 });
});

test("steps that a double cannot tell apart get no pyramid and are still charted", async () => {
  const scope = await t.newScope();
  const points = Array.from({ length: 3_000 }, (_, i) => ({ step: 2 ** 60 + i * 1_024, at: i, value: i }));
  await write(scope, "run_1", points);
  await buildPyramids(t.db);
  expect(await due()).toEqual([]);
  expect((await seriesOf(scope, "run_1")).builtStep).toBeNull();
  const [got] = await chart(scope, ["run_1"], { buckets: 100 });
  expect(got?.n).toBe(3_000);
});

test("runs on disjoint steps each keep their shape; who lacks the metric or is foreign is left out", async () => {
  const [scope, other] = [await t.newScope(), await t.newScope()];
  for (let i = 0; i < 5; i++) await write(scope, `run_${i}`, dense(3_000, i * 3_000));
  await write(other, "foreign", dense(10));
  await buildPyramids(t.db);
  const runIds = ["run_4", "run_0", "none", "foreign", "run_1", "run_2", "run_3"];
  const got = await chart(scope, runIds, { buckets: 200 });
  expect(got.map(({ runId }) => runId)).toEqual(["run_4", "run_0", "run_1", "run_2", "run_3"]);
  for (const one of got) expect({ n: one.n, enough: one.steps.length >= 50 }).toEqual({ n: 3_000, enough: true });
});

test("sampled histories are logged points: ends and spikes among them, never more than asked", async () => {
  const scope = await t.newScope();
  const points = dense(50_000, -50, (i) => (i === 777 ? 100 : i === 40_001 ? Number.NaN : 0.001 * (i % 7)));
  await write(scope, "long", points);
  await write(scope, "short", dense(20, -50));
  await write(scope, "middle", dense(2_400));
  const logged = new Set(points.map((p) => `${p.step} ${p.at} ${p.value}`));
  for (const build of [false, true]) {
    if (build) await buildPyramids(t.db);
    const sample = (most: number, more = {}) =>
      inTenant(scope, (tx) =>
        sampleHistories(tx, scope, { runIds: ["long", "short", "middle"], key: "loss", most, ...more }),
      );
    const got = await sample(320);
    const of = (runId: string) => got.filter((point) => point.runId === runId);
    expect(of("long").every((p) => logged.has(`${p.step} ${p.at} ${p.value}`))).toBe(true);
    expect(of("long").length).toBeLessThanOrEqual(320);
    expect(of("long").length).toBeGreaterThan(40);
    expect(of("long").some(({ value }) => value === 100)).toBe(true);
    expect([of("long")[0]?.step, of("long").at(-1)?.step]).toEqual([-50, 49_949]);
    expect(of("long").every((p, i, all) => i === 0 || (all[i - 1]?.step ?? 0) <= p.step)).toBe(true);
    expect(of("short").map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i - 50));
    expect((await sample(2_500)).filter(({ runId }) => runId === "middle")).toHaveLength(2_400);
    expect((await sample(320, { from: 720, to: 735 })).filter(({ runId }) => runId === "long")).toHaveLength(16);
    expect((await sample(1)).filter(({ runId }) => runId === "long")).toHaveLength(1);
  }
});
