import { readFileSync } from "node:fs";
import path from "node:path";
import { DAY_MS, HOUR_MS, type Scope } from "@ballast/core";
import {
  compactSegment,
  createDatasetVersion,
  literal,
  tally,
  validateDatasetVersion,
  windowRows,
} from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { conversions, type FeatureBinding, modelVersions, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineFeatureView } from "./feature-views.ts";
import { recomputeServedRows } from "./recompute.ts";
import { trainingSet } from "./training-set.ts";

type Record_ = Parameters<SampleJournal["seal"]>[1][number];

const STREAM = Date.UTC(2001, 1, 1);
const BINDINGS: FeatureBinding[] = [
  { input: "distance", view: "flight", feature: "distance" },
  { input: "hour", view: "flight", feature: "hour" },
  { input: "late_24h", view: "congestion", feature: "late_24h" },
];
const SPEC = {
  dataset: "flights",
  source: "flights",
  label: "late",
  rowTime: "departure",
  knownAt: "known_at",
  features: BINDINGS,
};

let database: TestDatabase;
let journal: SampleJournal;
let scope: Scope;
beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  scope = await database.newScope();
  const file = path.join(journal.folder, "january.parquet");
  await journal.deps.duck.run(`COPY (SELECT 'ORD' AS origin, 100 + i AS distance, i % 2 AS late,
      ${STREAM - 10 * DAY_MS} + i * ${HOUR_MS} AS departure, ${STREAM - 10 * DAY_MS} + (i + 1) * ${HOUR_MS} AS known_at
    FROM range(240) r(i)) TO ${literal(file)} (FORMAT parquet)`);
  const { digest } = await journal.deps.artifacts.put(readFileSync(file));
  const version = await withTenant(database.db, scope.teamId, (tx) =>
    createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest: digest, declaredUnits: { distance: "mile" } }),
  );
  expect((await validateDatasetVersion(journal.deps, scope, version.id)).state).toBe("accepted");
  // Nothing read the columns when the odd rows came.
  await compactSegment(journal.deps, scope, await journal.seal(scope, oddRecords()));
  await compactSegment(journal.deps, scope, await journal.seal(scope, goodRecords()));
  await withTenant(database.db, scope.teamId, define);
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const pushed = (push: string, cols: Record<string, (string | number | boolean | null)[]>): Record_ => ({
  ...{ k: "f", push, source: "flights", n: cols.origin?.length ?? 0, cols, at: 1 },
});

function prediction(id: string, v: string, req: Record<string, string | number>, f: number[]): Record_ {
  return {
    ...{
      k: "p",
      id,
      rid: id,
      row: 0,
      t: STREAM + 2 * HOUR_MS,
      at: 1,
      dep: "dep_1",
      v,
      role: "champion",
      conv: 0,
      rt: 1,
    },
    ...{ req, f: f.map(Math.fround), y: 0.5, us: 100 },
  };
}

/** Texts where numbers belong: a time and a label that were pushed, columns of a model that reads none of them. */
function oddRecords(): Record_[] {
  const iso = { departure: "2001-02-01T00:00:00Z", known_at: "2001-02-01T01:00:00Z" };
  return [
    pushed("texts", {
      origin: ["ORD"],
      distance: ["far"],
      late: ["yes"],
      departure: [iso.departure],
      known_at: [iso.known_at],
    }),
    pushed("label", { origin: ["ORD"], distance: [1], late: ["yes"], departure: [STREAM], known_at: [STREAM + 1] }),
    prediction("odd", "mv_other", { distance: "n/a", departure: "soon", origin: "ORD" }, [1]),
  ];
}

function goodRecords(): Record_[] {
  return [
    pushed("good", {
      ...{ origin: ["ORD", "ORD", "ORD"], distance: [160, 320, 480], late: [true, 0, 1] },
      ...{
        departure: [STREAM, STREAM + 1, STREAM + 2],
        known_at: [STREAM + HOUR_MS, STREAM + HOUR_MS, STREAM + HOUR_MS],
      },
    }),
    prediction("good", "mv_1", { distance: 250, departure: STREAM + 2 * HOUR_MS, origin: "ORD" }, [250, 2, 2 / 3]),
    { k: "w", t: STREAM + DAY_MS, at: 1 },
  ];
}

async function define(tx: Parameters<Parameters<typeof withTenant>[2]>[0]): Promise<void> {
  await defineFeatureView(tx, scope, {
    ...{ kind: "request", name: "flight" },
    features: [
      { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
      { name: "hour", expression: { op: "hour_of_day", column: "departure" } },
    ],
  });
  await defineFeatureView(tx, scope, {
    ...{ kind: "trailing_share", name: "congestion", source: "flights", knownAt: "known_at", requestTime: "departure" },
    ...{ of: "late", features: [{ name: "late_24h", key: "origin", windowMs: DAY_MS }] },
  });
  const lineage = { runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] };
  const own = { teamId: scope.teamId, projectId: scope.projectId };
  await tx.insert(modelVersions).values({
    ...{ ...own, id: "mv_1", modelId: "mdl_1", version: 1, digest: "", sizeBytes: 0 },
    ...{ signature: { inputs: [], outputs: [] }, serving: { tensor: "features", output: "p", features: BINDINGS } },
    lineage: { ...lineage, trainedFrom: null, trainedTo: null, codeVersion: null },
    ...{ metrics: {}, cause: "initial", createdBy: "test" },
  });
  // In force long after: what is asked of every row of the column is whether it must be converted.
  await tx.insert(conversions).values({
    ...{ ...own, id: "cnv_1", revision: 1, column: "distance", declaredUnit: "mile", receivedUnit: "kilometre" },
    ...{ factor: 0.5, offset: 0, from: new Date(STREAM + DAY_MS), acceptedAt: new Date(STREAM + DAY_MS) },
    ...{ incidentId: "inc_1", acceptedBy: "test" },
  });
}

test("a text where a number belongs costs a window its row, not the window", async () => {
  const [from, to] = [STREAM, STREAM + DAY_MS];
  const counts = await tally(journal.deps, scope, "dep_1", from, to, {
    ...{ sloMs: 25, source: { name: "flights", column: "known_at" } },
  });
  expect(counts).toMatchObject({ predictions: 2, sourceRows: 4 });
  const rows = await windowRows(journal.deps, scope, "dep_1", from, to, { numbers: ["departure"] });
  expect([...(rows.request.distance ?? [])]).toEqual([250, Number.NaN]);
  expect([...(rows.request.departure ?? [])]).toEqual([STREAM + 2 * HOUR_MS, Number.NaN]);
  const served = await recomputeServedRows(journal.deps, scope, { deploymentId: "dep_1", from, to });
  expect(served).toEqual({ rowsChecked: 1, mismatches: 0, examples: [] });
});

test("a training set leaves out the rows that cannot be read and keeps the rest", async () => {
  const request = { spec: SPEC, from: STREAM, to: STREAM + DAY_MS, asOf: STREAM + DAY_MS, blockedRanges: [] };
  const set = await trainingSet(journal.deps, scope, request);
  expect([...set.label]).toEqual([1, 0, 1]);
  expect(set.features.map((values) => [...values].map((value) => Math.round(value * 100) / 100))).toEqual([
    ...[
      [160, 320, 480],
      [0, 0, 0],
    ],
    // At their departures nothing but January was known: its last 24 hours.
    [0.5, 0.5, 0.5],
  ]);
});
