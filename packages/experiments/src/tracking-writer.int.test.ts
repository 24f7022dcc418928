import type { Scope } from "@ballast/core";
import { createDatabase, type Database, metricPoints, metricSeries, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { count, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createExperiment, trashExperiment } from "./experiments.ts";
import { createLoggedModel, getLoggedModel } from "./logged-models.ts";
import { type HistoryPage, type HistoryPoint, metricHistory } from "./metric-history.ts";
import { getRun, type Run, trashRun } from "./runs.ts";
import { TrackingWriter } from "./tracking-writer.ts";

let t: TestDatabase;
let db: Database;
let writer: TrackingWriter;
beforeAll(async () => {
  t = await testDatabase();
  db = createDatabase(t.appUrl, { max: 4, prepare: true });
  writer = new TrackingWriter(db);
});
afterAll(async () => {
  await db.close();
  await t.close();
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const read = (scope: Scope, runId: string) => inTenant(scope, (tx) => getRun(tx, scope, runId));
const point = (key: string, value: number, step = 0, at = 1_700_000_000_000) => ({ key, value, step, at });
const counts = (scope: Scope) =>
  inTenant(scope, async (tx) => {
    const [points] = await tx.select({ n: count() }).from(metricPoints);
    const [series] = await tx.select({ n: count() }).from(metricSeries);
    return { points: points?.n, series: series?.n };
  });

async function newRuns(n: number): Promise<{ scope: Scope; runs: Run[]; experimentId: string }> {
  const scope = await t.newScope();
  const { id } = await inTenant(scope, (tx) => createExperiment(tx, scope, { name: "flights" }));
  const runs = await Promise.all(
    Array.from({ length: n }, (_, i) => writer.startRun(scope, { experimentId: id, name: `run-${i}` })),
  );
  return { scope, runs, experimentId: id };
}
const one = async () => {
  const { scope, runs, experimentId } = await newRuns(1);
  return { scope, experimentId, id: (runs[0] as Run).id };
};

test("a batch writes points, what they come to, parameters and tags; MLflow's tags name the run", async () => {
  const { scope, id } = await one();
  await writer.logBatch(scope, id, {
    metrics: [point("loss", 3, 1), point("loss", 1, 3), point("loss", 2, 2), point("auc", 0.7, -5)],
    params: [
      { key: "depth", value: "3" },
      { key: "__proto__", value: 'a "quoted\\ value, {x}' },
    ],
    tags: [
      { key: "mlflow.runName", value: "renamed" },
      { key: "mlflow.parentRunId", value: "run_parent" },
      { key: "mlflow.source.git.commit", value: "abc" },
      { key: "note", value: "first" },
      { key: "note", value: "" },
    ],
  });
  const run = await read(scope, id);
  expect(run).toMatchObject({ name: "renamed", parentId: "run_parent", codeVersion: "abc" });
  expect(Object.entries(run.params)).toEqual(
    expect.arrayContaining([
      ["depth", "3"],
      ["__proto__", 'a "quoted\\ value, {x}'],
    ]),
  );
  expect(run.tags.note).toBe("");
  expect(run.series).toEqual([
    {
      key: "auc",
      last: 0.7,
      lastStep: -5,
      lastAt: 1_700_000_000_000,
      least: 0.7,
      greatest: 0.7,
      firstStep: -5,
      received: 1,
    },
    { key: "loss", last: 1, lastStep: 3, lastAt: 1_700_000_000_000, least: 1, greatest: 3, firstStep: 1, received: 3 },
  ]);
});

test("sending a batch again changes nothing but the count of what was received", async () => {
  const { scope, id } = await one();
  const batch = {
    metrics: [point("loss", 3, 1), point("loss", Number.NaN, 2), point("loss", 3, 1)],
    params: [{ key: "depth", value: 3 }],
    tags: [{ key: "a", value: "b" }],
  };
  await writer.logBatch(scope, id, batch);
  const before = await read(scope, id);
  await writer.logBatch(scope, id, batch);
  // The same value in another type is the same value, and the first stays.
  await writer.logBatch(scope, id, { ...batch, params: [{ key: "depth", value: "3" }] });
  const after = await read(scope, id);
  expect(after.params).toEqual({ depth: 3 });
  expect(after.series).toEqual(before.series.map((series) => ({ ...series, received: 9 })));
  expect(await counts(scope)).toEqual({ points: 2, series: 1 });
});

test("the last value is that of the greatest step, then time, then value; NaN is below all, and left out of the range", async () => {
  const { scope, id } = await one();
  const log = (...metrics: ReturnType<typeof point>[]) => writer.logBatch(scope, id, { metrics });
  const series = async () => (await read(scope, id)).series[0];
  await log(point("m", Number.NaN, 5));
  expect(await series()).toMatchObject({ last: Number.NaN, least: null, greatest: null });
  await log(point("m", Number.NEGATIVE_INFINITY, 4));
  expect(await series()).toMatchObject({ last: Number.NaN, lastStep: 5, least: Number.NEGATIVE_INFINITY });
  await log(point("m", 1, 5));
  expect(await series()).toMatchObject({ last: 1, lastStep: 5, greatest: 1 });
  await log(point("m", Number.NaN, 5), point("m", 0.5, 5));
  expect(await series()).toMatchObject({ last: 1 });
  await log(point("m", 0.2, 5, 1_700_000_000_001));
  expect(await series()).toMatchObject({ last: 0.2, lastAt: 1_700_000_000_001 });
  await log(point("m", Number.POSITIVE_INFINITY, 6), point("m", 7, -9_007_199_254_740_991));
  expect(await series()).toMatchObject({
    ...{ last: Number.POSITIVE_INFINITY, least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY },
    ...{ firstStep: -9_007_199_254_740_991, lastStep: 6, received: 8 },
  });
});

test("batches that continue, repeat, go back and jump leave each point once, and the series as if they had come in one", async () => {
  const { scope, id } = await one();
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % n;
  };
  const sent = new Map<string, ReturnType<typeof point>>();
  let received = 0;
  for (let batch = 0; batch < 40; batch++) {
    const start = batch * 3 - random(6);
    const metrics = Array.from({ length: 1 + random(20) }, (_, i) =>
      point(`m${random(3)}`, random(3), start + (batch % 4 === 0 ? random(8) : i), random(2)),
    );
    for (const one of metrics) sent.set(JSON.stringify(one), one);
    received += metrics.length;
    await writer.logBatch(scope, id, { metrics });
  }
  const { series } = await read(scope, id);
  expect(series.reduce((sum, s) => sum + s.received, 0)).toBe(received);
  expect((await counts(scope)).points).toBe(sent.size);
  for (const { key, last, lastStep, lastAt, firstStep } of series) {
    const points = [...sent.values()].filter((p) => p.key === key);
    const [newest] = points.sort((a, b) => b.step - a.step || b.at - a.at || b.value - a.value);
    expect({ key, value: last, step: lastStep, at: lastAt }).toEqual(newest);
    expect(firstStep).toBe(Math.min(...points.map((p) => p.step)));
  }
});

test("what is refused writes nothing and disturbs no neighbour in the same commit", async () => {
  const { scope, runs } = await newRuns(5);
  const [a, b, trashed, d, e] = runs.map(({ id }) => id) as [string, string, string, string, string];
  await inTenant(scope, (tx) => trashRun(tx, scope, trashed));
  await writer.logBatch(scope, a, { params: [{ key: "depth", value: "3" }] });
  const good = { metrics: [point("auc", 0.5)], params: [{ key: "seed", value: "1" }] };
  const clashing = {
    ...good,
    params: [{ key: "depth", value: "4" }, ...good.params],
    tags: [{ key: "x", value: "y" }],
  };
  const other = await t.newScope();
  const results = await Promise.allSettled([
    writer.logBatch(scope, d, {}), // the first goes alone; the rest share the next commit
    writer.logBatch(scope, b, good),
    writer.logBatch(scope, a, clashing),
    writer.logBatch(scope, e, { params: [{ key: "depth", value: "5" }] }),
    writer.logBatch(scope, e, { params: [{ key: "depth", value: "6" }], metrics: [point("auc", 1)] }),
    writer.logBatch(scope, trashed, good),
    writer.logBatch(scope, "run_nowhere", good),
    writer.logBatch({ ...scope, projectId: other.projectId }, b, { tags: [{ key: "foreign", value: "1" }] }),
    writer.logBatch(scope, b, { metrics: [{ ...point("auc", 1), modelId: "m-0" }], tags: [{ key: "x", value: "y" }] }),
    writer.logBatch(scope, e, good),
  ]);
  const refused = results.map((r) => (r.status === "rejected" ? r.reason : null));
  expect(refused.map((error) => error?.code ?? null)).toEqual([
    ...[null, null, "conflict", null, "conflict", "conflict", "not_found", "not_found", "not_found", null],
  ]);
  expect(refused[2].message).toContain('Parameter "depth" is "3" and cannot become "4"');
  expect(refused[4].details).toMatchObject({ key: "depth", was: "5", given: "6" });
  expect(await read(scope, a)).toMatchObject({ params: { depth: "3" }, tags: {}, metrics: {} });
  expect(await read(scope, b)).toMatchObject({ params: { seed: "1" }, tags: {}, metrics: { auc: 0.5 } });
  expect(await read(scope, e)).toMatchObject({ params: { depth: "5", seed: "1" }, metrics: { auc: 0.5 } });
});

test("what the store cannot hold is refused by its field before it reaches the database", async () => {
  const { scope, id } = await one();
  const refusal = (batch: Parameters<TrackingWriter["logBatch"]>[2]) =>
    writer.logBatch(scope, id, batch).then(
      () => "accepted",
      (error) => error.message,
    );
  expect(await refusal({ metrics: [point("a", 1), point("m\u0000", 1)] })).toMatch("metrics[1].key holds a NUL");
  expect(await refusal({ metrics: [point("x".repeat(251), 1)] })).toMatch("metrics[0].key has 251 characters");
  expect(await refusal({ metrics: [point("m", 1, 2 ** 53)] })).toMatch("metrics[0].step must be an integer");
  expect(await refusal({ metrics: [point("m", 1, 0, 0.5)] })).toMatch("metrics[0].timestamp must be an integer");
  expect(await refusal({ params: [{ key: "p", value: "\ud800" }] })).toMatch("params[0].value holds");
  expect(await refusal({ tags: [{ key: "", value: "x" }] })).toMatch("tags[0].key is empty");
  const twice = [
    { key: "p", value: "1" },
    { key: "p", value: "2" },
  ];
  expect(await refusal({ params: twice, metrics: [point("m", 1)] })).toMatch('Parameter "p" is "1"');
  expect(await counts(scope)).toEqual({ points: 0, series: 0 });
});

test("twenty writers on the same runs and keys lose nothing and block each other in no order", async () => {
  const { scope, runs } = await newRuns(2);
  // A writer of its own each, as in several gateways: no queue keeps them apart.
  const writers = Array.from({ length: 20 }, () => new TrackingWriter(db));
  await Promise.all(
    writers.flatMap((each, w) =>
      Array.from({ length: 10 }, async (_, i) => {
        const keys = ["a", "b", "c"].sort(() => ((w + i) % 2) - 0.5);
        const metrics = keys.map((key) => point(key, w, i * 20 + w));
        const params = [{ key: `p${w}_${i}`, value: i }];
        await Promise.all(runs.map(({ id }) => each.logBatch(scope, id, { metrics, params })));
      }),
    ),
  );
  for (const { id } of runs) {
    const { series, params } = await read(scope, id);
    expect(series.map(({ key, received, lastStep }) => [key, received, lastStep])).toEqual([
      ["a", 200, 199],
      ["b", 200, 199],
      ["c", 200, 199],
    ]);
    expect(Object.keys(params)).toHaveLength(200);
  }
  expect(await counts(scope)).toEqual({ points: 1_200, series: 6 });
});

test("ten thousand parameters on one run, and a change to one of them is noticed", async () => {
  const { scope, id } = await one();
  const params = Array.from({ length: 10_000 }, (_, i) => ({ key: `layer.${i}`, value: `value ${i}` }));
  for (let i = 0; i < params.length; i += 100) await writer.logBatch(scope, id, { params: params.slice(i, i + 100) });
  expect(Object.keys((await read(scope, id)).params)).toHaveLength(10_000);
  await writer.logBatch(scope, id, { params: params.slice(50, 60) });
  const changed = writer.logBatch(scope, id, { params: [{ key: "layer.9999", value: "other" }] });
  await expect(changed).rejects.toMatchObject({ code: "conflict", details: { was: "value 9999" } });
});

test("a full queue is refused, and one large batch is not", async () => {
  const { scope, id } = await one();
  const small = new TrackingWriter(db, { mostWaiting: 50 });
  const metrics = Array.from({ length: 200 }, (_, i) => point("m", i, i));
  const first = small.logBatch(scope, id, { metrics });
  await expect(small.logBatch(scope, id, { metrics })).rejects.toMatchObject({ code: "too_many_requests" });
  await first;
  await small.drained();
  expect(small.waitingRows).toBe(0);
  await small.logBatch(scope, id, { metrics });
});

test("a run starts only in an active experiment of the project, and its start is audited", async () => {
  const { scope, experimentId } = await one();
  const other = await t.newScope();
  const start = (where: Scope, input: Parameters<TrackingWriter["startRun"]>[1]) => writer.startRun(where, input);
  const startedAt = new Date(1_700_000_000_123);
  const run = await start(scope, { experimentId, name: "x", startedAt, tags: { "mlflow.parentRunId": "run_p" } });
  const { experiment: _name, metrics: _metrics, series: _series, links: _links, ...row } = await read(scope, run.id);
  expect(row).toEqual(run);
  expect(run).toMatchObject({ parentId: "run_p", startedAt, createdBy: "platform", state: "running" });
  await expect(start(other, { experimentId, name: "x" })).rejects.toMatchObject({ code: "not_found" });
  await inTenant(scope, (tx) => trashExperiment(tx, scope, experimentId));
  await expect(start(scope, { experimentId, name: "x" })).rejects.toMatchObject({ code: "conflict" });
  const audited = await t.owner.sql`select subject, detail from audit_events
    where team_id = ${scope.teamId} and action = 'run.start'`;
  expect(audited.map(({ subject }) => subject)).toContain(run.id);
  expect(audited).toHaveLength(2);
});

test("a metric of a logged model is kept by run and dataset, the newest of each", async () => {
  const { scope, id, experimentId } = await one();
  const model = await inTenant(scope, (tx) =>
    createLoggedModel(tx, scope, { experimentId, name: "m", sourceRunId: id }),
  );
  const of = { modelId: model.id, datasetName: "flights", datasetDigest: "d1" };
  await writer.logBatch(scope, id, {
    metrics: [
      { ...point("auc", 0.6, 2), ...of },
      { ...point("auc", 0.5, 1), ...of },
      { ...point("auc", Number.NaN, 1), modelId: model.id },
    ],
  });
  await writer.logBatch(scope, id, { metrics: [{ ...point("auc", 0.4, 1), ...of }] });
  const { metrics } = await inTenant(scope, (tx) => getLoggedModel(tx, scope, model.id));
  expect(metrics.map(({ datasetName, step, value }) => [datasetName, step, value])).toEqual([
    ["", 1, Number.NaN],
    ["flights", 2, 0.6],
  ]);
});

test("a point before what the pyramid holds marks it late", async () => {
  const { scope, id } = await one();
  const late = async () =>
    (await inTenant(scope, (tx) => tx.select().from(metricSeries).where(eq(metricSeries.runId, id))))[0]?.late;
  await writer.logBatch(scope, id, { metrics: [point("m", 1, 10)] });
  await inTenant(scope, (tx) => tx.update(metricSeries).set({ builtStep: 10, builtReceived: 1 }));
  await writer.logBatch(scope, id, { metrics: [point("m", 1, 11)] });
  expect(await late()).toBe(false);
  await writer.logBatch(scope, id, { metrics: [point("m", 1, 12), point("m", 2, 10)] });
  expect(await late()).toBe(true);
});

test("a history is paged by time, step and value, without gaps or repeats", async () => {
  const { scope, id } = await one();
  const other = await t.newScope();
  const metrics = Array.from({ length: 50 }, (_, i) =>
    point("m", i % 7 === 0 ? Number.NaN : i / 3, (i * 7) % 10, (i * 3) % 5),
  );
  await writer.logBatch(scope, id, { metrics: [...metrics, point("other", 1)] });
  const found: HistoryPoint[] = [];
  let after: HistoryPoint | null = null;
  do {
    const input = { runId: id, key: "m", limit: 7, after };
    const page: HistoryPage = await inTenant(scope, (tx) => metricHistory(tx, scope, input));
    found.push(...page.points);
    after = page.next;
  } while (after);
  const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
  const sorted = metrics
    .map(({ at, step, value }) => ({ at, step, value }))
    .sort((a, b) => a.at - b.at || a.step - b.step || rank(a.value) - rank(b.value));
  expect(found).toEqual(sorted.filter((p, i) => JSON.stringify(p) !== JSON.stringify(sorted[i - 1])));
  const history = (scope_: Scope, key: string) =>
    inTenant(scope_, (tx) => metricHistory(tx, scope_, { runId: id, key, limit: 5 }));
  expect(await history(scope, "never")).toEqual({ points: [], next: null });
  await expect(history(other, "m")).rejects.toMatchObject({ code: "not_found" });
});
