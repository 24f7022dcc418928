import { newId, type Scope } from "@ballast/core";
import {
  artifactEntries,
  deployments,
  experiments,
  loggedModels,
  metricPoints,
  metricPyramids,
  metricSeries,
  modelVersions,
  registeredModels,
  runLinks,
  runs,
  type Tx,
  trackedDatasets,
  webhookDeliveries,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAuditEvents } from "../audit.ts";
import { runCleanUps, scheduleCleanUp } from "./clean-up.ts";
import { listTrash } from "./list-trash.ts";
import { purgeMany } from "./purge.ts";
import { createRule, deleteRule, listReports, requestCleanUp, updateRule } from "./rules.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const DAY = 86_400_000;
const NOW = new Date("2026-11-23T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const collected: string[] = [];
const deps = () => ({
  db: t.db,
  collectGarbage: async (scope: Scope) => {
    collected.push(scope.projectId);
    return { files: 2, bytes: 1_000, young: 1 };
  },
});
const mineOf = ({ teamId, projectId }: Scope) => ({ teamId, projectId });

async function newExperiment(scope: Scope, name: string, deletedAt: Date | null = null): Promise<string> {
  const id = newId("experiment");
  await inTenant(scope, (tx) => tx.insert(experiments).values({ ...mineOf(scope), id, name, deletedAt }));
  return id;
}

const pyramid = { part: 0, width: 16, buckets: 1, points: 3, firstStep: 0, lastStep: 2, data: new Uint8Array(8) };

/** A run with a metric of `values`, a pyramid, a data set and a file of 10 bytes. */
async function newRun(
  scope: Scope,
  experimentId: string,
  more: Partial<typeof runs.$inferInsert> = {},
  values = [1, 2, 3],
) {
  const id = newId("run");
  const mine = mineOf(scope);
  await inTenant(scope, async (tx) => {
    await tx.insert(runs).values({
      ...{ ...mine, id, experimentId, name: "r", state: "finished", params: {}, tags: {}, inputs: [], outputs: [] },
      ...{ codeVersion: "", createdBy: "ada", endedAt: daysAgo(40) },
      ...more,
    });
    const last = values.at(-1) ?? 0;
    const [series] = await tx
      .insert(metricSeries)
      .values({
        ...{ ...mine, runId: id, key: "loss", lastStep: values.length - 1, lastAt: 0, last, firstStep: 0 },
        ...{ least: Math.min(...values), greatest: Math.max(...values), received: values.length },
      })
      .returning({ no: metricSeries.no });
    const at = { teamId: scope.teamId, series: series?.no ?? 0 };
    await tx.insert(metricPoints).values(values.map((value, step) => ({ ...at, step, at: step, value })));
    await tx.insert(metricPyramids).values({ ...at, level: 0, ...pyramid });
    const dataset = newId("trackedDataset");
    await tx.insert(trackedDatasets).values({
      ...{ ...mine, id: dataset, name: `data of ${id}`, digest: "d", sourceType: "local", source: "{}" },
    });
    await tx.insert(runLinks).values({ ...mine, runId: id, kind: "input_dataset", targetId: dataset });
    await tx
      .insert(artifactEntries)
      .values({ ...mine, ownerId: id, path: "a.txt", digest: "a".repeat(64), sizeBytes: 10 });
  });
  return id;
}

async function newVersion(scope: Scope, more: Partial<typeof modelVersions.$inferInsert> = {}) {
  const modelId = newId("registeredModel");
  const id = newId("modelVersion");
  const mine = mineOf(scope);
  await inTenant(scope, async (tx) => {
    await tx.insert(registeredModels).values({ ...mine, id: modelId, name: `model-${modelId.slice(-5)}` });
    await tx.insert(modelVersions).values({
      ...{ ...mine, id, modelId, version: 1, metrics: {}, cause: "manual", createdBy: "ada" },
      lineage: {
        ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
      ...more,
    });
  });
  return { modelId, id };
}

const rowsOf = async (scope: Scope) => {
  const tables = ["runs", "metric_series", "run_links", "artifact_entries", "tracked_datasets", "experiments"];
  const found: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await t.owner
      .sql`select count(*)::int as n from ${t.owner.sql(table)} where project_id = ${scope.projectId}`;
    if (row?.n) found[table] = row.n;
  }
  for (const table of ["metric_points", "metric_pyramids"]) {
    const [row] = await t.owner
      .sql`select count(*)::int as n from ${t.owner.sql(table)} where team_id = ${scope.teamId}`;
    if (row?.n) found[table] = row.n;
  }
  return found;
};

test("the trash lists what went there by itself, with its size, in pages, and of this project alone", async () => {
  const scope = await t.newScope();
  const other = await t.newScope();
  const gone = await newExperiment(scope, "gone", daysAgo(1));
  await newRun(scope, gone, { deletedAt: daysAgo(1) });
  await newRun(scope, gone, { deletedAt: daysAgo(1) });
  const kept = await newExperiment(scope, "kept");
  await newRun(scope, kept);
  const run = await newRun(scope, kept, { deletedAt: daysAgo(2), name: "100%_odd" });
  const { id: version } = await newVersion(scope, { deletedAt: daysAgo(3) });
  await newExperiment(other, "theirs", daysAgo(1));
  const list = (more = {}) => inTenant(scope, (tx) => listTrash(tx, scope, { limit: 10, ...more }));
  const all = await list();
  expect(all.items.map(({ kind, id, parts, bytes }) => [kind, id, parts, bytes])).toEqual([
    ["experiment", gone, 2, 20],
    ["run", run, null, 10],
    ["model_version", version, null, 0],
  ]);
  const first = await list({ limit: 2 });
  const second = await list({ limit: 2, after: first.next });
  expect([...first.items, ...second.items]).toEqual(all.items);
  expect(second.next).toBeNull();
  expect((await list({ search: "100%_" })).items.map(({ id }) => id)).toEqual([run]);
  expect((await list({ kinds: ["model_version"] })).items.map(({ id }) => id)).toEqual([version]);
});

test("deleted for good, an experiment leaves no row behind; what is not in the trash stays", async () => {
  const scope = await t.newScope();
  const kept = await newExperiment(scope, "kept");
  const run = await newRun(scope, kept);
  const before = await rowsOf(scope);
  const gone = await newExperiment(scope, "gone", daysAgo(1));
  for (let i = 0; i < 3; i++) await newRun(scope, gone, { deletedAt: daysAgo(1), parentId: i > 0 ? run : null });
  const done = await purgeMany(t.db, scope, [
    { kind: "experiment", id: gone },
    { kind: "run", id: run },
  ]);
  expect(done).toMatchObject({
    purged: 1,
    rows: { runs: 3, metric_points: 9, metric_pyramids: 3, metric_series: 3, artifact_entries: 3, tracked_datasets: 3 },
    refused: [{ kind: "run", id: run, code: "not_found" }],
  });
  expect(await rowsOf(scope)).toEqual(before);
  expect(await runCleanUps(deps(), scope)).toBe(1);
  const { reports } = await inTenant(scope, (tx) => listReports(tx, scope, { limit: 10 }));
  expect(reports).toMatchObject([
    { cause: "purge", state: "done", purged: 1, files: 2, bytes: 1_000, waiting: 1, rows: { runs: 3 } },
  ]);
  const log = await inTenant(scope, (tx) => listAuditEvents(tx, scope, { limit: 10 }));
  expect(log.map(({ action }) => action)).toEqual(["experiment.purge"]);
});

test("what a version is registered from, and a version that serves, cannot be deleted for good", async () => {
  const scope = await t.newScope();
  const experiment = await newExperiment(scope, "e");
  const run = await newRun(scope, experiment, { deletedAt: daysAgo(1) });
  const lineage = {
    ...{ runId: run, trainingJobId: null, datasetVersions: [], featureViews: [] },
    ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
  };
  const user = await newVersion(scope, { source: `runs:/${run}/model`, lineage });
  const served = await newVersion(scope, { deletedAt: daysAgo(1) });
  await inTenant(scope, (tx) =>
    tx.insert(deployments).values({
      ...{ ...mineOf(scope), id: newId("deployment"), name: "late", modelId: served.modelId },
      routing: { champion: served.id, candidate: null, shadows: [], salt: "s" },
    }),
  );
  const done = await purgeMany(t.db, scope, [
    { kind: "run", id: run },
    { kind: "model_version", id: served.id },
  ]);
  expect(done.refused.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("version 1 is registered from its files"),
    expect.stringContaining("deployment late serves it"),
  ]);
  await inTenant(scope, (tx) =>
    tx
      .update(modelVersions)
      .set({ deletedAt: daysAgo(0) })
      .where(eq(modelVersions.id, user.id)),
  );
  // The version may come back from the trash, and would be without its files.
  await expect(purgeMany(t.db, scope, [{ kind: "run", id: run }])).rejects.toThrow("may be taken out of the trash");
  expect((await purgeMany(t.db, scope, [{ kind: "model_version", id: user.id }])).purged).toBe(1);
  expect((await purgeMany(t.db, scope, [{ kind: "run", id: run }])).purged).toBe(1);
});

test("what lies beside a registered ONNX file is kept with its run; a run that a version merely comes from is not", async () => {
  const scope = await t.newScope();
  const experiment = await newExperiment(scope, "e");
  const trashed = () => newRun(scope, experiment, { deletedAt: daysAgo(1) });
  const [files, origin, elsewhere] = [await trashed(), await trashed(), await trashed()];
  const from = (runId: string) => ({
    ...{ runId, trainingJobId: null, datasetVersions: [], featureViews: [] },
    ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
  });
  const onnx = { digest: "d".repeat(64), sizeBytes: 5 };
  await newVersion(scope, { ...onnx, source: `runs:/${files}/model`, lineage: from(origin) });
  await newVersion(scope, { source: "s3://bucket/model", lineage: from(elsewhere) });
  await expect(purgeMany(t.db, scope, [{ kind: "run", id: files }])).rejects.toThrow("registered from its files");
  const others = [origin, elsewhere].map((id) => ({ kind: "run" as const, id }));
  expect(await purgeMany(t.db, scope, others)).toMatchObject({ purged: 2, refused: [] });
});

test("rules: old runs go to the trash but for tagged and registered ones, the trash is emptied after its days", async () => {
  const scope = await t.newScope();
  const experiment = await newExperiment(scope, "e");
  const elsewhere = await newExperiment(scope, "f");
  const old = await newRun(scope, experiment);
  const tagged = await newRun(scope, experiment, { tags: { keep: "" } });
  const young = await newRun(scope, experiment, { endedAt: daysAgo(5) });
  const running = await newRun(scope, experiment, { state: "running", endedAt: null, startedAt: daysAgo(90) });
  const other = await newRun(scope, elsewhere);
  const registered = await newRun(scope, experiment);
  const logged = `m-${"0".repeat(32)}`;
  await inTenant(scope, (tx) =>
    tx.insert(loggedModels).values({
      ...{ ...mineOf(scope), id: logged, experimentId: experiment, sourceRunId: registered, name: "m", state: "ready" },
      createdBy: "ada",
    }),
  );
  await newVersion(scope, { loggedModelId: logged, source: `models:/${logged}` });
  const rule = await inTenant(scope, (tx) =>
    createRule(tx, scope, { kind: "runs", experimentId: experiment, keepDays: 30, keepTag: "keep" }),
  );
  await inTenant(scope, (tx) => createRule(tx, scope, { kind: "trash", keepDays: 7 }));
  expect(await scheduleCleanUp(t.db, scope, NOW)).toBe(true);
  expect(await scheduleCleanUp(t.db, scope, NOW)).toBe(false);
  await runCleanUps(deps(), scope, () => NOW);
  const left = async (trashed: boolean) =>
    (await inTenant(scope, (tx) => tx.select().from(runs).where(eq(runs.projectId, scope.projectId))))
      .filter(({ deletedAt }) => (deletedAt !== null) === trashed)
      .map(({ id }) => id)
      .sort();
  expect(await left(true)).toEqual([old]);
  expect(await left(false)).toEqual([tagged, young, running, other, registered].sort());
  // A killed worker's clean-up is taken up again, and eight days later the trash is emptied.
  const later = () => new Date(NOW.getTime() + 8 * DAY);
  await inTenant(scope, (tx) => requestCleanUp(tx, scope, { cause: "manual" }));
  await t.owner
    .sql`update retention_reports set state = 'running' where project_id = ${scope.projectId} and cause = 'manual'`;
  await runCleanUps(deps(), scope, later);
  expect(await left(true)).toEqual([]);
  const { reports } = await inTenant(scope, (tx) => listReports(tx, scope, { limit: 10 }));
  expect(reports.map(({ cause, state, trashed, purged }) => [cause, state, trashed, purged])).toEqual([
    ["manual", "done", 0, 1],
    ["schedule", "done", 1, 0],
  ]);
  await inTenant(scope, (tx) => updateRule(tx, scope, { ruleId: rule.id, enabled: false }));
  await inTenant(scope, (tx) => deleteRule(tx, scope, rule.id));
  const foreign = await t.newScope();
  const spec = { kind: "runs" as const, experimentId: experiment, keepDays: 30 };
  await expect(inTenant(foreign, (tx) => createRule(tx, foreign, spec))).rejects.toMatchObject({ code: "not_found" });
});

test("histories are thinned once, keeping ends and extremes; finished deliveries are forgotten", async () => {
  const scope = await t.newScope();
  const experiment = await newExperiment(scope, "e");
  const values = Array.from({ length: 1_000 }, (_, i) =>
    i === 777 ? 100 : i === 333 ? -5 : i === 500 ? Number.NaN : 1,
  );
  const run = await newRun(
    scope,
    experiment,
    {},
    values.map((v) => (Number.isNaN(v) ? 1 : v)),
  );
  await t.owner.sql`update metric_points set value = 'NaN' where team_id = ${scope.teamId} and step = 500`;
  await newRun(
    scope,
    experiment,
    { endedAt: daysAgo(1) },
    values.map(() => 1),
  );
  await inTenant(scope, (tx) => createRule(tx, scope, { kind: "metric_history", keepDays: 30, points: 50 }));
  await inTenant(scope, (tx) => createRule(tx, scope, { kind: "deliveries", keepDays: 30 }));
  const delivery = { ...mineOf(scope), webhookId: "whk_1", eventName: "run.ended" };
  await inTenant(scope, (tx) =>
    tx.insert(webhookDeliveries).values([
      { ...delivery, id: `${scope.projectId}1`, eventId: 1, state: "delivered" as const, createdAt: daysAgo(40) },
      { ...delivery, id: `${scope.projectId}2`, eventId: 2, state: "pending" as const, createdAt: daysAgo(40) },
      { ...delivery, id: `${scope.projectId}3`, eventId: 3, state: "failed" as const, createdAt: daysAgo(4) },
    ]),
  );
  const points = async (runId: string) =>
    inTenant(scope, (tx) =>
      tx
        .select({ step: metricPoints.step, value: metricPoints.value })
        .from(metricPoints)
        .innerJoin(metricSeries, and(eq(metricSeries.no, metricPoints.series), eq(metricSeries.runId, runId)))
        .orderBy(asc(metricPoints.step)),
    );
  await inTenant(scope, (tx) => requestCleanUp(tx, scope, { cause: "manual" }));
  await runCleanUps(deps(), scope, () => NOW);
  const kept = await points(run);
  expect(kept.length).toBeGreaterThanOrEqual(50);
  expect(kept.length).toBeLessThanOrEqual(54);
  expect(kept[0]?.step).toBe(0);
  expect(kept.at(-1)?.step).toBe(999);
  expect(kept.find(({ step }) => step === 777)?.value).toBe(100);
  expect(kept.find(({ step }) => step === 333)?.value).toBe(-5);
  const [report] = (await inTenant(scope, (tx) => listReports(tx, scope, { limit: 1 }))).reports;
  expect(report?.rows).toEqual({ metric_points: 1_000 - kept.length, webhook_deliveries: 1 });
  await inTenant(scope, (tx) => requestCleanUp(tx, scope, { cause: "manual" }));
  await runCleanUps(deps(), scope, () => NOW);
  expect(await points(run)).toEqual(kept);
});
