import { readFileSync } from "node:fs";
import path from "node:path";
import { DAY_MS, HOUR_MS, newId, type Scope } from "@ballast/core";
import { compactSegment, createDatasetVersion, literal, validateDatasetVersion } from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { incidents, modelVersions, runs, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { getRun } from "@ballast/experiments/server";
import { defineFeatureView } from "@ballast/features/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countTrainingRows, loadTrainingRows } from "./load-rows.ts";
import { definePipeline } from "./pipelines.ts";
import { requestTraining } from "./request-training.ts";
import { countRowsAtMost } from "./row-bounds.ts";
import { runTrainingJob } from "./run-training-job.ts";
import { openPlugins, pluginSource, spec } from "./training-fixture.ts";

const FIRST = Date.UTC(2001, 0, 1);
const STREAM = FIRST + 2 * DAY_MS;
const END = FIRST + 4 * DAY_MS;
const EVERY_MS = 5 * 60_000;

let database: TestDatabase;
let journal: SampleJournal;
let plugins: PluginHost;
let scope: Scope;

/** A departure every five minutes; evening ones and long ones are late more often; known 90 minutes later. */
const FLIGHTS = `SELECT i AS flight_id, ${FIRST} + i * ${EVERY_MS} AS departure, departure + 5400000 AS known_at,
    100 + (i * 7919) % 2000 AS distance,
    (hash(i) % 100 < 10 + 40 * ((departure // 3600000) % 24) // 23 + (distance > 1500)::INTEGER * 20)::INTEGER AS late
  FROM range(0, ${(END - FIRST) / EVERY_MS}) r(i)`;

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  plugins = await openPlugins();
  scope = await database.newScope();
  const { duck, artifacts } = journal.deps;
  const history = path.join(journal.folder, "history.parquet");
  await duck.run(
    `COPY (SELECT * FROM (${FLIGHTS}) WHERE departure < ${STREAM}) TO ${literal(history)} (FORMAT parquet)`,
  );
  const { digest } = await artifacts.put(readFileSync(history));
  const version = await inTenant((tx) =>
    createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest: digest, declaredUnits: { distance: "mile" } }),
  );
  expect((await validateDatasetVersion(journal.deps, scope, version.id)).state).toBe("accepted");
  for (let day = STREAM; day < END; day += DAY_MS) await push(day);
  await inTenant(async (tx) => {
    await defineFeatureView(tx, scope, {
      ...{ kind: "request", name: "flight" },
      features: [
        { name: "hour", expression: { op: "hour_of_day", column: "departure" } },
        { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
      ],
    });
    await definePipeline(tx, scope, { name: "flight-late", spec }, { plugins });
  });
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(database.db, scope.teamId, fn);

/** One day of the stream: what became known in it. */
async function push(day: number): Promise<void> {
  const table = await journal.deps.duck.read(
    `SELECT * FROM (${FLIGHTS}) WHERE known_at >= ${day} AND known_at < ${day + DAY_MS} ORDER BY known_at`,
  );
  const names = ["flight_id", "departure", "known_at", "distance", "late"];
  const cols = Object.fromEntries(names.map((name) => [name, [...table.numbers(name)]]));
  const source = { k: "f" as const, push: `day-${day}`, source: "flights", n: table.rows, cols, at: 1 };
  const id = await journal.seal(scope, [source, { k: "w", t: day + DAY_MS, at: 1 }]);
  await compactSegment(journal.deps, scope, id);
}

const range = { from: new Date(FIRST), to: new Date(END) };

test("a job trains on dataset and stream alike, and its version says so", async () => {
  const countRows = countTrainingRows(journal.deps);
  const [exact, bound] = await inTenant(async (tx) => [
    await countRows(tx, scope, { spec, ...range }),
    await countRowsAtMost(tx, scope, { spec, ...range }),
  ]);
  const request = { pipeline: "flight-late", cause: "initial", ...range };
  const job = await inTenant((tx) => requestTraining(tx, scope, request, { plugins, countRows }));
  expect(job.state).toBe("queued");
  const deps = { ...journal.deps, plugins, pluginSource, loadRows: loadTrainingRows(journal.deps) };
  const outcome = await runTrainingJob(deps, scope, job.id);
  expect(outcome.state).toBe("succeeded");
  const [run] = await inTenant((tx) => tx.select().from(runs));
  const [version] = await inTenant((tx) => tx.select().from(modelVersions));
  const { metrics } = await inTenant((tx) => getRun(tx, scope, run?.id ?? ""));
  const found = ["rows_train", "rows_validation", "rows_test"].reduce((sum, name) => sum + (metrics[name] ?? 0), 0);
  // Known by END: all but the last 90 minutes.
  expect(found).toBe((END - FIRST) / EVERY_MS - 18);
  expect(exact).toBeGreaterThanOrEqual(found);
  expect(exact).toBeLessThanOrEqual(found + 18);
  expect(bound).toBeGreaterThanOrEqual(exact ?? 0);
  expect(run?.inputs.map((input) => [input.kind, input.label])).toEqual([
    ["dataset_version", "flights v1"],
    ["feature_view", "flight v1"],
    ["stream", "flights, to 2001-01-04"],
  ]);
  expect(version?.lineage).toMatchObject({
    datasetVersions: [{ label: "flights v1" }],
    featureViews: [{ name: "flight", version: 1 }],
  });
  expect(version?.metrics.auc).toBeGreaterThan(0.55);
});

test("counting in the files follows the range; metadata never says less", async () => {
  const countRows = countTrainingRows(journal.deps);
  for (const [from, to] of [
    [STREAM + 6 * HOUR_MS, STREAM + 7 * HOUR_MS],
    [STREAM - HOUR_MS, STREAM + 20 * HOUR_MS],
    [END + HOUR_MS, END + DAY_MS],
  ] as const) {
    const query = { spec, from: new Date(from), to: new Date(to) };
    const exact = await inTenant((tx) => countRows(tx, scope, query));
    expect(await inTenant((tx) => countRowsAtMost(tx, scope, query))).toBeGreaterThanOrEqual(exact);
    if (from === STREAM + 6 * HOUR_MS) expect(exact).toBe(12);
  }
});

test("an incident that is opened between admission and start keeps its rows out", async () => {
  const request = { pipeline: "flight-late", cause: "manual", ...range };
  const job = await inTenant((tx) => requestTraining(tx, scope, request, { plugins }));
  await inTenant((tx) =>
    tx.insert(incidents).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id: newId("incident"), kind: "unit_change" },
      ...{ deploymentId: "dep_1", title: "distance is now in kilometres", state: "open", dedupeKey: "k", evidence: {} },
      ...{ since: new Date(END - DAY_MS), openedEventTime: new Date(END) },
    }),
  );
  const loadRows = loadTrainingRows(journal.deps);
  const since = { incidentId: "inc_1", title: "distance in kilometres", from: new Date(END - DAY_MS), to: null };
  await expect(loadRows(scope, { spec, ...range, blockedRanges: [since] })).rejects.toThrow("inc_1");
  const before = { spec, from: range.from, to: since.from, blockedRanges: [since] };
  expect((await loadRows(scope, before)).rows).toBeGreaterThan(500);
  const deps = { ...journal.deps, plugins, pluginSource, loadRows };
  expect(await runTrainingJob(deps, scope, job.id)).toEqual({ state: "skipped" });
});
