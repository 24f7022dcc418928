import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { DAY_MS, HOUR_MS, type Scope } from "@ballast/core";
import { compactSegment, createDatasetVersion, literal, validateDatasetVersion } from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { conversions, type FeatureBinding, modelVersions, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileBindings } from "./bindings.ts";
import type { FeatureViewInput } from "./definition.ts";
import { defineFeatureView, getFeatureView, loadViews } from "./feature-views.ts";
import { OnlineFeatureStore } from "./online-store.ts";
import { recomputeServedRows } from "./recompute.ts";
import { trainingSet } from "./training-set.ts";

// The package exports its code only; its data lies beside that.
const vega = createRequire(new URL("../../../apps/cli/package.json", import.meta.url)).resolve("vega-datasets");
const FLIGHTS = path.join(path.dirname(vega), "..", "data", "flights-3m.parquet");

type Record_ = Parameters<SampleJournal["seal"]>[1][number];
interface Flight {
  flight_id: number;
  origin: string;
  destination: string;
  departure_utc: number;
  departure_local: number;
  distance: number;
  late: number;
  known_at: number;
}

const FIRST = Date.UTC(2001, 0, 1);
/** The stream starts here; the dataset goes on for a day, so that both hold some rows. */
const STREAM = FIRST + 3 * DAY_MS;
const END = FIRST + 6 * DAY_MS;
const KILOMETRES = STREAM + DAY_MS;
const VIEWS: FeatureViewInput[] = [
  {
    kind: "request",
    name: "flight",
    features: [
      { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
      { name: "hour", expression: { op: "hour_of_day", column: "departure_local" } },
      { name: "weekday", expression: { op: "day_of_week", column: "departure_local" } },
    ],
  },
  {
    kind: "trailing_share",
    name: "congestion",
    source: "flights",
    knownAt: "known_at",
    requestTime: "departure_utc",
    of: "late",
    features: [
      { name: "origin_3h", key: "origin", windowMs: 3 * HOUR_MS },
      { name: "origin_24h", key: "origin", windowMs: DAY_MS },
      { name: "destination_3h", key: "destination", windowMs: 3 * HOUR_MS },
      { name: "destination_24h", key: "destination", windowMs: DAY_MS },
    ],
  },
];
const BINDINGS: FeatureBinding[] = VIEWS.flatMap((view) =>
  view.features.map((feature) => ({ input: feature.name, view: view.name, feature: feature.name })),
);
const SPEC = {
  dataset: "flights",
  source: "flights",
  label: "late",
  rowTime: "departure_utc",
  knownAt: "known_at",
  features: BINDINGS,
};

let database: TestDatabase;
let journal: SampleJournal;
let scope: Scope;
let flights: Flight[];
/** Mismatching bits are planted here: prediction id to index of the feature. */
const TAMPERED = "prd_tampered";

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  scope = await database.newScope();
  const file = path.join(journal.folder, "flights.parquet");
  // Times as in the data, taken for UTC: zones are another test's matter.
  await journal.deps.duck.run(`COPY (SELECT file_row_number AS flight_id, origin, destination, epoch_ms(date) AS departure_utc,
      epoch_ms(date) AS departure_local, distance, (delay >= 15)::INTEGER AS late,
      epoch_ms(date) + greatest(delay, 0) * 60000 + distance * 8000 + 1800000 AS known_at
    FROM read_parquet(${literal(FLIGHTS)}, file_row_number = true) WHERE date < TIMESTAMP '2001-01-07'
    ORDER BY known_at, flight_id) TO ${literal(file)} (FORMAT parquet)`);
  flights = await journal.deps.duck.all<Flight>(`FROM ${literal(file)}`);
  await withTenant(database.db, scope.teamId, async (tx) => {
    for (const view of VIEWS) await defineFeatureView(tx, scope, view);
  });
  const january = path.join(journal.folder, "january.parquet");
  await journal.deps.duck.run(
    `COPY (FROM ${literal(file)} WHERE departure_utc < ${STREAM + DAY_MS}) TO ${literal(january)} (FORMAT parquet)`,
  );
  const { digest } = await journal.deps.artifacts.put(readFileSync(january));
  const version = await withTenant(database.db, scope.teamId, (tx) =>
    createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest: digest, declaredUnits: { distance: "mile" } }),
  );
  expect((await validateDatasetVersion(journal.deps, scope, version.id)).state).toBe("accepted");
  await registerVersion();
  await stream();
}, 240_000);
afterAll(async () => {
  journal.close();
  await database.close();
});

async function registerVersion(): Promise<void> {
  await withTenant(database.db, scope.teamId, (tx) =>
    tx.insert(modelVersions).values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: "mv_flights",
      modelId: "mdl_flights",
      version: 1,
      digest: "",
      sizeBytes: 0,
      signature: { inputs: [], outputs: [] },
      serving: { tensor: "features", output: "probability", features: BINDINGS },
      lineage: {
        runId: null,
        trainingJobId: null,
        datasetVersions: [],
        featureViews: ["flight", "congestion"].map((name) => ({ id: name, name, version: 1 })),
        trainedFrom: null,
        trainedTo: null,
        codeVersion: null,
      },
      metrics: {},
      cause: "initial",
      createdBy: "test",
    }),
  );
}

const RULE = { revision: 1, column: "distance", factor: 1 / 1.609344, offset: 0, from: KILOMETRES };

const ACCEPTED = KILOMETRES + 6 * HOUR_MS;
const distanceSent = (f: Flight) => (f.departure_utc >= KILOMETRES ? Math.round(f.distance * 1.609344) : f.distance);

/** The gateway of this test: the online store and the bindings before and after the conversion was accepted. */
async function openServing() {
  const views = await withTenant(database.db, scope.teamId, (tx) => loadViews(tx, scope));
  const store = new OnlineFeatureStore(views.flatMap((view) => (view.kind === "trailing_share" ? [view] : [])));
  return {
    store,
    bindings: [compileBindings(views, BINDINGS, store), compileBindings(views, BINDINGS, store, [RULE])],
  };
}

function pushRecord(hour: number): Extract<Record_, { k: "f" }> {
  const landed = flights.filter((f) => f.known_at >= hour && f.known_at < hour + HOUR_MS);
  const names = ["flight_id", "origin", "destination", "departure_utc", "departure_local", "late", "known_at"] as const;
  const cols = Object.fromEntries(names.map((name) => [name, landed.map((f) => f[name])]));
  cols.distance = landed.map(distanceSent);
  return { k: "f", push: `${hour}`, source: "flights", n: landed.length, cols, at: 1 };
}

function predictionRecord(f: Flight, conv: number, features: Float32Array): Extract<Record_, { k: "p" }> {
  const { origin, destination, departure_utc, departure_local } = f;
  return {
    k: "p",
    id: `prd_${f.flight_id}`,
    rid: `f${f.flight_id}`,
    row: 0,
    t: departure_utc,
    at: 1,
    dep: "dep_flights",
    v: "mv_flights",
    role: "champion",
    conv,
    rt: 1,
    req: { origin, destination, departure_utc, departure_local, distance: distanceSent(f) },
    f: [...features].map((value) => (Number.isNaN(value) ? null : value)),
    y: 0.2,
    us: 100,
  };
}

/** Plays the stream as the gateway would: pushes by the hour, one flight in ten predicted, kilometres from one day on. */
async function stream(): Promise<void> {
  const { store, bindings } = await openServing();
  const asked = flights.filter((f) => f.flight_id % 10 === 0).sort((a, b) => a.departure_utc - b.departure_utc);
  for (let day = STREAM; day < END; day += DAY_MS) {
    const records: Record_[] = [];
    for (let hour = day; hour < day + DAY_MS; hour += HOUR_MS) {
      const push = pushRecord(hour);
      store.push("flights", push.cols);
      store.evictBefore(hour - store.retentionMs);
      records.push(push);
      for (const f of asked.filter((a) => a.departure_utc >= hour && a.departure_utc < hour + HOUR_MS)) {
        const conv = hour >= ACCEPTED ? 1 : 0;
        const out = new Float32Array(BINDINGS.length);
        const { req, t } = predictionRecord(f, conv, out);
        bindings[conv]?.compute(req, t, out, 0);
        records.push(predictionRecord(f, conv, out));
      }
    }
    const first = records.find((r) => r.k === "p" && r.t >= END - DAY_MS);
    if (first?.k === "p") {
      const wrong = [...first.f];
      wrong[5] = Math.fround((wrong[5] ?? 0) + 2 ** -20);
      records.push({ ...first, id: TAMPERED, rid: "tampered", f: wrong });
    }
    records.push({ k: "w", t: day + DAY_MS, at: 1 });
    await compactSegment(journal.deps, scope, await journal.seal(scope, records));
  }
  await acceptConversion();
}

async function acceptConversion(): Promise<void> {
  await withTenant(database.db, scope.teamId, (tx) =>
    tx.insert(conversions).values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: "cnv_1",
      revision: 1,
      column: "distance",
      declaredUnit: "mile",
      receivedUnit: "kilometre",
      factor: RULE.factor,
      offset: 0,
      from: new Date(KILOMETRES),
      acceptedAt: new Date(ACCEPTED),
      incidentId: "inc_1",
      acceptedBy: "test",
    }),
  );
}

test("every served row is recomputed to the same bits, with the conversions it was served with", async () => {
  let checked = 0;
  for (let day = STREAM; day < END - DAY_MS; day += DAY_MS) {
    const window = { deploymentId: "dep_flights", from: day, to: day + DAY_MS };
    const result = await recomputeServedRows(journal.deps, scope, window);
    expect(result.examples).toEqual([]);
    expect(result.mismatches).toBe(0);
    checked += result.rowsChecked;
  }
  expect(checked).toBe(
    flights.filter((f) => f.flight_id % 10 === 0 && f.departure_utc >= STREAM && f.departure_utc < END - DAY_MS).length,
  );
});

test("a view that was changed since is recomputed as it was when the model was trained", async () => {
  const congestion = VIEWS[1] as FeatureViewInput;
  const shorter = congestion.features.map((feature) => ({ ...feature, windowMs: HOUR_MS }));
  await withTenant(database.db, scope.teamId, async (tx) => {
    await defineFeatureView(tx, scope, { ...congestion, features: shorter } as FeatureViewInput);
  });
  const window = { deploymentId: "dep_flights", from: STREAM, to: STREAM + DAY_MS };
  const result = await recomputeServedRows(journal.deps, scope, window);
  expect(result.mismatches).toBe(0);
  expect(result.rowsChecked).toBeGreaterThan(500);
  const load = (pinned: Record<string, number>) =>
    trainingSet(journal.deps, scope, {
      ...{ spec: SPEC, from: STREAM, to: STREAM + DAY_MS, asOf: END, blockedRanges: [], pinned },
    });
  const newest = await load({});
  const pinned = await load({ congestion: 1 });
  expect(newest.featureViews.map(({ name, version }) => [name, version])).toEqual([
    ["congestion", 2],
    ["flight", 1],
  ]);
  expect(pinned.featureViews.map(({ name, version }) => [name, version])).toEqual([
    ["congestion", 1],
    ["flight", 1],
  ]);
  expect(pinned.features).not.toEqual(newest.features);
  // Back again, for the tests below, which read the newest.
  await withTenant(database.db, scope.teamId, (tx) => defineFeatureView(tx, scope, congestion));
});

test("one wrong bit is found and named", async () => {
  const window = { deploymentId: "dep_flights", from: END - DAY_MS, to: END };
  const result = await recomputeServedRows(journal.deps, scope, window);
  expect(result.mismatches).toBe(1);
  expect(result.examples).toHaveLength(1);
  expect(result.examples[0]).toMatchObject({ predictionId: TAMPERED, feature: "congestion.destination_3h" });
});

test("a training set has the features each row would have been served, across dataset and stream", async () => {
  const from = STREAM - DAY_MS;
  const to = END - DAY_MS;
  const set = await trainingSet(journal.deps, scope, { spec: SPEC, from, to, asOf: END, blockedRanges: [] });
  const wanted = flights.filter((f) => f.known_at > from && f.known_at <= to);
  expect(set.rows).toBe(wanted.length);
  expect(set.origin.streamRows).toBe(wanted.filter((f) => f.known_at >= STREAM).length);
  expect(set.datasetVersions.map((v) => v.label)).toEqual(["flights v1"]);
  expect(set.featureViews.map((v) => v.name)).toEqual(["congestion", "flight"]);
  // The online store, filled with all of history, is the oracle.
  const views = await withTenant(database.db, scope.teamId, (tx) => loadViews(tx, scope));
  const store = new OnlineFeatureStore(views.flatMap((view) => (view.kind === "trailing_share" ? [view] : [])));
  const column = <K extends keyof Flight>(name: K) => flights.map((f) => f[name]);
  store.push("flights", {
    origin: column("origin"),
    destination: column("destination"),
    late: column("late"),
    known_at: column("known_at"),
  });
  const compiled = compileBindings(views, BINDINGS, store, [RULE]);
  const expected = wanted.map((f) => {
    const out = new Float32Array(BINDINGS.length + 2);
    // Streamed rows came in kilometres and are converted back; the dataset's own rows never were.
    const streamed = f.known_at >= STREAM && f.departure_utc >= KILOMETRES;
    const distance = streamed ? Math.round(f.distance * 1.609344) : f.distance;
    compiled.compute({ ...f, distance }, streamed ? f.departure_utc : 0, out, 0);
    out[BINDINGS.length] = f.late;
    return `${f.departure_utc} ${f.known_at} ${out.join(" ")}`;
  });
  const actual = Array.from({ length: set.rows }, (_, i) => {
    const values = [...set.features.map((feature) => feature[i]), set.label[i], 0];
    return `${set.times[i]} ${set.known[i]} ${values.join(" ")}`;
  });
  expect(actual.toSorted()).toEqual(expected.toSorted());
  expect(set.times.every((t, i) => i === 0 || t >= (set.times[i - 1] as number))).toBe(true);
});

test("nothing known after asOf is read", async () => {
  const asOf = STREAM + 12 * HOUR_MS;
  const set = await trainingSet(journal.deps, scope, { spec: SPEC, from: FIRST, to: END, asOf, blockedRanges: [] });
  expect(set.rows).toBe(flights.filter((f) => f.known_at > FIRST && f.known_at <= asOf).length);
});

test("rows that an open incident is about are refused, naming it; rows beside it are not", async () => {
  const incident = { incidentId: "inc_7", title: "distance is now in kilometres", from: KILOMETRES, to: null };
  const request = { spec: SPEC, asOf: END, blockedRanges: [incident] };
  await expect(trainingSet(journal.deps, scope, { ...request, from: STREAM, to: END })).rejects.toThrow(
    /training rows are in doubt: open incident "distance is now in kilometres" \(inc_7\), since 2001-01-05/,
  );
  const before = await trainingSet(journal.deps, scope, { ...request, from: FIRST, to: STREAM });
  expect(before.rows).toBeGreaterThan(1_000);
});

test("what is absent is named", async () => {
  const request = { spec: SPEC, from: FIRST, to: END, asOf: END, blockedRanges: [] };
  const with_ = (spec: Partial<typeof SPEC>) =>
    trainingSet(journal.deps, scope, { ...request, spec: { ...SPEC, ...spec } });
  await expect(with_({ label: "tardy" })).rejects.toThrow(/flights v1 has no column "tardy"/);
  await expect(with_({ dataset: "trains" })).rejects.toThrow(/"trains" does not exist/);
  await expect(with_({ features: [{ input: "x", view: "weather", feature: "rain" }] })).rejects.toThrow(/"weather"/);
});

test("a view is a new version when it changes, and not when it doesn't", async () => {
  const own = await database.newScope();
  const define = (view: FeatureViewInput) =>
    withTenant(database.db, own.teamId, (tx) => defineFeatureView(tx, own, view));
  const [flight] = VIEWS as [FeatureViewInput];
  const first = await define(flight);
  expect((await define({ ...flight })).id).toBe(first.id);
  const second = await define({ ...flight, description: "Times are local." });
  expect(second.version).toBe(2);
  await expect(define({ ...(VIEWS[1] as FeatureViewInput), name: "flight" })).rejects.toThrow(/can't become/);
  const versions = await withTenant(database.db, own.teamId, (tx) => getFeatureView(tx, own, "flight"));
  expect(versions.map((v) => v.version)).toEqual([2, 1]);
  const stranger = await database.newScope();
  await expect(
    withTenant(database.db, stranger.teamId, (tx) => getFeatureView(tx, stranger, "flight")),
  ).rejects.toThrow(/does not exist/);
});
