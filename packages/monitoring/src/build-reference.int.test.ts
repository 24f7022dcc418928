import { readFileSync } from "node:fs";
import path from "node:path";
import { DAY_MS, HOUR_MS, type Scope } from "@ballast/core";
import { createDatasetVersion, literal, validateDatasetVersion } from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import {
  columnProfiles,
  datasetVersions,
  domainEvents,
  findings,
  modelVersions,
  monitorWindows,
  servableVersion,
  type Tx,
  trainingPipelines,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { defineFeatureView, getFeatureView } from "@ballast/features/server";
import { limitAt } from "@ballast/statistics";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildReference } from "./build-reference.ts";
import { closeWindows } from "./close-windows.ts";
import type { MonitoringDeps } from "./deps.ts";
import {
  CHAMPION,
  DEPLOYMENT,
  flightProject,
  pushedFlights,
  STREAM_FROM,
  sampledFlights,
  stream,
} from "./flight-days.ts";
import { openPlugins } from "./open-plugins.ts";
import { processWindow } from "./process-window.ts";
import { REFERENCE_WINDOW, readReference, referenceSide } from "./reference.ts";
import { referenceRows } from "./reference-rows.ts";

const NEXT = "mv_congestion";
let database: TestDatabase;
let journal: SampleJournal;
let deps: MonitoringDeps;
let scope: Scope;
const day = (n: number) => STREAM_FROM + n * DAY_MS;
const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(database.db, scope.teamId, fn);
const reference = () => inTenant((tx) => readReference(tx, scope, DEPLOYMENT));

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  deps = { ...journal.deps, plugins: await openPlugins() };
  scope = await database.newScope();
  await flightProject(journal, scope);
  await buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: CHAMPION });
  for (let n = 0; n < 3; n++)
    await stream(journal, scope, [], day(n + 1), { pushes: await pushedFlights(journal, day(n), day(n + 1)) });
  await registerNext();
}, 240_000);
afterAll(async () => {
  journal.close();
  await database.close();
});

/** A version with the late share of the origin's last three hours, trained until 4 February. */
async function registerNext(): Promise<void> {
  await inTenant(async (tx) => {
    await defineFeatureView(tx, scope, {
      ...{ kind: "trailing_share", name: "congestion", description: "", source: "flights", onMissing: "null" },
      ...{ knownAt: "known_at", requestTime: "departure", of: "late" },
      features: [{ name: "origin_3h", key: "origin", windowMs: 3 * HOUR_MS }],
    });
    const [found] = await tx.select().from(modelVersions).where(eq(modelVersions.id, CHAMPION));
    if (!found) throw new Error("no champion");
    const champion = servableVersion(found);
    // The stump reads its hour only; that it is given one column more, last, is what a model with four inputs would see.
    const features = [
      ...champion.serving.features.slice(0, 2),
      { input: "distance", view: "congestion", feature: "origin_3h" },
    ];
    const views = [...champion.lineage.featureViews, { id: "fv2", name: "congestion", version: 1 }];
    const lineage = { ...champion.lineage, featureViews: views, trainedTo: new Date(day(3)).toISOString() };
    await tx
      .insert(modelVersions)
      .values({ ...champion, id: NEXT, version: 2, serving: { ...champion.serving, features }, lineage });
  });
}

test("a later champion adds its new features and keys, replaces its predictions, and keeps what was known", async () => {
  const before = await reference();
  const { built, kept } = await buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: NEXT });
  expect(built.sort()).toEqual(["congestion.origin_3h", "origin", "outcome", "prediction"]);
  expect(kept.sort()).toEqual(["distance", "flight.distance", "flight.hour", "flight.weekday"]);
  const after = await reference();
  const of = (columns: typeof after, name: string) => columns.find(({ column }) => column === name);
  expect(of(after, "distance")).toEqual(of(before, "distance"));
  expect(of(after, "prediction")?.source).toMatchObject({
    versionId: NEXT,
    to: expect.stringMatching(/^2001-02-03T2/),
  });
  const origin = of(after, "origin");
  expect(origin?.profile.kind === "categorical" ? (origin.profile.counts.ORD ?? 0) : 0).toBeGreaterThan(1_000);
  expect(origin?.limits["chi-square"]?.map(({ rows }) => rows)).toEqual([30, 100, 300, 1_000, 2_000]);
  const share = of(after, "congestion.origin_3h");
  expect(share?.profile).toMatchObject({ kind: "numeric", min: 0, max: 1 });
  expect(share?.profile.nulls).toBeGreaterThan(0);
});

test("kept samples are ascending, bounded, and stand for the profile they came from", async () => {
  for (const column of await reference()) {
    if (column.kind !== "numeric") continue;
    const { sample, profile } = await referenceSide(deps.artifacts, column);
    expect(sample?.length).toBeLessThanOrEqual(10_000);
    expect(sample?.length).toBeGreaterThan(9_000);
    expect(sample?.every((value, i) => i === 0 || value >= (sample[i - 1] as number))).toBe(true);
    if (profile.kind !== "numeric") continue;
    const values = [...(sample ?? [])];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const scale = Math.abs(profile.sum / profile.n);
    expect(Math.abs(mean - profile.sum / profile.n) / scale).toBeLessThan(0.02);
  }
});

test("served shares that are not what they were in training drift; those recomputed otherwise are mismatches", async () => {
  const flights = await sampledFlights(journal, day(3), day(4));
  await stream(journal, scope, flights, day(4), {
    ...{ version: NEXT, pushes: await pushedFlights(journal, day(3), day(4)) },
    features: (flight) => [new Date(flight.t).getUTCHours(), (new Date(flight.t).getUTCDay() + 6) % 7, 0.9],
  });
  const windows = await inTenant((tx) => closeWindows(tx, scope, day(4)));
  for (const window of windows) await processWindow(deps, scope, window.id);
  const [window] = await inTenant((tx) =>
    tx
      .select()
      .from(monitorWindows)
      .where(eq(monitorWindows.from, new Date(day(3)))),
  );
  expect(window?.tally).toMatchObject({ predictions: flights.length, rowsChecked: flights.length });
  expect(window?.tally?.mismatches).toBeGreaterThan(0.9 * flights.length);
  const [event] = await inTenant((tx) => tx.select().from(domainEvents).where(eq(domainEvents.name, "drift.detected")));
  expect(event?.data.columns).toContain("congestion.origin_3h");
  expect(event?.data.columns).not.toContain("flight.hour");
  expect(event?.summary).toMatch(/^flight-late on 2001-02-04: congestion\.origin_3h \(/);
  const [origin] = await inTenant((tx) => tx.select().from(findings).where(eq(findings.column, "origin")));
  expect(origin?.drifted).toBe(false);
});

test("a later version's silence on units and a later feature view do not change what the champion is compared with", async () => {
  const [champion] = await inTenant((tx) => tx.select().from(modelVersions).where(eq(modelVersions.id, CHAMPION)));
  const [pipeline] = await inTenant((tx) => tx.select().from(trainingPipelines));
  if (!champion || !pipeline) throw new Error("no champion");
  const { serving, digest, lineage } = servableVersion(champion);
  const query = { serving, digest, spec: pipeline.spec, pinned: { flight: 1 }, from: day(-5), to: day(0) };
  const before = await referenceRows(deps, scope, query);
  const [january] = await inTenant((tx) => tx.select().from(datasetVersions));
  const [known = ""] = await deps.artifacts.localPaths([january?.sourceDigest ?? ""]);
  const again = path.join(journal.folder, "again.parquet");
  await deps.duck.run(
    `COPY (FROM read_parquet(${literal(known)})) TO ${literal(again)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const { digest: sourceDigest } = await deps.artifacts.put(readFileSync(again));
  const later = await inTenant(async (tx) => {
    const hour = { name: "hour", expression: { op: "hour_of_day" as const, column: "known_at" }, unit: null };
    const [flight] = await getFeatureView(tx, scope, "flight");
    if (flight?.definition.kind !== "request") throw new Error("no view");
    const rest = flight.definition.features.filter(({ name }) => name !== "hour");
    await defineFeatureView(tx, scope, { ...flight.definition, features: [hour, ...rest] });
    return createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest });
  });
  await validateDatasetVersion(deps, scope, later.id);
  expect(lineage.featureViews).toMatchObject([{ name: "flight", version: 1 }]);
  const after = await referenceRows(deps, scope, query);
  expect(after.columns.find(({ column }) => column === "distance")).toMatchObject({ role: "request", unit: "mile" });
  // Rows of one moment have no order.
  const sorted = ({ columns }: typeof before) =>
    columns.map(({ blocks, ...rest }) => ({ ...rest, blocks: blocks.map((block) => [...block].sort()) }));
  expect(sorted(after)).toEqual(sorted(before));
});

test("a version that nothing says the rows of leaves the reference as it is", async () => {
  const before = await reference();
  await inTenant(async (tx) => {
    const [champion] = await tx.select().from(modelVersions).where(eq(modelVersions.id, CHAMPION));
    if (!champion) throw new Error("no champion");
    const lineage = { ...champion.lineage, trainedFrom: null };
    await tx.insert(modelVersions).values({ ...champion, id: "mv_foreign", version: 3, lineage });
  });
  const answer = await buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: "mv_foreign" });
  expect(answer.built).toEqual([]);
  expect(await reference()).toEqual(before);
  await expect(buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: "mv_none" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a reference from before sizes were told apart holds its one limit against windows of every size", async () => {
  const before = { limit: 0.2, blocks: 31, level: 0.95, largest: 0.13, median: 0.05 };
  await inTenant((tx) =>
    tx
      .update(columnProfiles)
      .set({ profile: sql`jsonb_set(profile, '{reference,limits}', ${JSON.stringify({ ks: before })}::jsonb)` })
      .where(and(eq(columnProfiles.windowId, REFERENCE_WINDOW), eq(columnProfiles.column, "distance"))),
  );
  const limits = (await reference()).find(({ column }) => column === "distance")?.limits.ks ?? [];
  expect(limits).toEqual([{ rows: 0, ...before }]);
  expect([20, 2_000, 50_000].map((rows) => limitAt(limits, rows))).toEqual([0.2, 0.2, 0.2]);
});
