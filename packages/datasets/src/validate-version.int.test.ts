import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "@ballast/core";
import { type DataContract, domainEvents, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatasetVersion, type DatasetVersion, getDataset, listDatasets } from "./dataset-versions.ts";
import { literal } from "./duck/sql-text.ts";
import type { NewDatasetVersion } from "./index.ts";
import { type SampleJournal, sampleJournal } from "./log/sample-journal.ts";
import { validateDatasetVersion } from "./validate-version.ts";

let database: TestDatabase;
let journal: SampleJournal;
beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const ZONES = { NYC: "America/New_York", PHX: "America/Phoenix", HNL: "Pacific/Honolulu" };
const TIME = { column: "departure", zoneBy: "origin", zones: ZONES };
const FLIGHTS = `SELECT i AS id, TIMESTAMP '2001-01-01' + INTERVAL (i * 5) MINUTE AS departure,
  ['NYC', 'PHX', 'HNL'][1 + i % 3] AS origin, 100 + i % 2000 AS distance, (i % 5 = 0)::INTEGER AS late,
  980000000000 + i * 1000 AS known_at FROM range(8000) r(i)`;

async function file(sql: string, format = "parquet"): Promise<Buffer> {
  const path = join(journal.folder, `made.${format}`);
  await journal.deps.duck.run(`COPY (${sql}) TO ${literal(path)} (FORMAT ${format})`);
  return readFileSync(path);
}

async function submit(scope: Scope, bytes: Uint8Array, more: Partial<NewDatasetVersion> = {}): Promise<DatasetVersion> {
  const { digest } = await journal.deps.artifacts.put(bytes);
  const input = { dataset: "flights", sourceDigest: digest, ...more };
  const version = await withTenant(database.db, scope.teamId, (tx) => createDatasetVersion(tx, scope, input));
  return validateDatasetVersion(journal.deps, scope, version.id);
}

const failures = (version: DatasetVersion) =>
  version.report?.checks.filter((c) => !c.passed).map((c) => `${c.column} ${c.check}`);

test("the first version gets its contract, its times in UTC, and tells of itself", async () => {
  const scope = await database.newScope();
  const version = await submit(scope, await file(FLIGHTS), { declaredUnits: { distance: "mile" }, time: TIME });
  expect(version).toMatchObject({ state: "accepted", version: 1, rows: 8000 });
  expect(failures(version)).toEqual([]);
  const contract = version.contract as DataContract;
  expect(contract.columns.find((c) => c.name === "distance")).toMatchObject({ unit: "mile", range: { min: 0 } });
  expect(contract.columns.find((c) => c.name === "origin")?.categories).toEqual(["HNL", "NYC", "PHX"]);
  expect(contract.columns.find((c) => c.name === "departure_utc")).toMatchObject({ type: "timestamp", range: null });
  const stored = `read_parquet(${literal(journal.deps.artifacts.path(version.digest ?? ""))})`;
  const rows = await journal.deps.duck.all(
    `SELECT departure_local - epoch_ms(TIMESTAMP '2001-01-01') AS wall, departure_utc - departure_local AS ahead FROM ${stored} ORDER BY id LIMIT 3`,
  );
  expect(rows).toEqual([
    { wall: 0, ahead: 5 * 3_600_000 },
    { wall: 300_000, ahead: 7 * 3_600_000 },
    { wall: 600_000, ahead: 10 * 3_600_000 },
  ]);
  expect(version.from?.toISOString()).toBe("2001-01-01T05:00:00.000Z");
  const events = await database.owner.drizzle.select().from(domainEvents).where(eq(domainEvents.subject, version.id));
  const told = events.sort((a, b) => a.id - b.id).map((e) => [e.name, e.summary]);
  expect(told.slice(1)).toEqual([
    ["dataset_version.accepted", "flights v1 accepted: 8,000 rows, 8 columns under contract"],
  ]);
});

test("daylight saving follows the rules of the year, place by place", async () => {
  const scope = await database.newScope();
  const moments = [
    ["NYC", "2001-04-01 01:59:59", "2001-04-01T06:59:59.000Z"],
    ["NYC", "2001-04-01 03:00:00", "2001-04-01T07:00:00.000Z"],
    // Never was: moved on by the hour.
    ["NYC", "2001-04-01 02:30:00", "2001-04-01T07:30:00.000Z"],
    // Happened twice: the later one.
    ["NYC", "2001-10-28 01:30:00", "2001-10-28T06:30:00.000Z"],
    ["PHX", "2001-07-01 00:00:00", "2001-07-01T07:00:00.000Z"],
    // In 2007 the United States moved the change to March; in 2001 this was winter.
    ["NYC", "2001-03-20 12:00:00", "2001-03-20T17:00:00.000Z"],
    ["NYC", "2008-03-20 12:00:00", "2008-03-20T16:00:00.000Z"],
  ];
  const values = moments.map(([place, local], i) => `(${i}, '${place}', TIMESTAMP '${local}')`).join(", ");
  const bytes = await file(`SELECT * FROM (VALUES ${values}) t(id, origin, departure)`);
  const version = await submit(scope, bytes, { time: TIME });
  const stored = `read_parquet(${literal(journal.deps.artifacts.path(version.digest ?? ""))})`;
  const rows = await journal.deps.duck.all<{ utc: number }>(`SELECT departure_utc AS utc FROM ${stored} ORDER BY id`);
  expect(rows.map((row) => new Date(row.utc).toISOString())).toEqual(moments.map((m) => m[2]));
});

test("later versions are held against the contract; the same file is the same version", async () => {
  const scope = await database.newScope();
  const first = await submit(scope, await file(FLIGHTS), { declaredUnits: { distance: "mile" }, time: TIME });
  const again = await submit(scope, await file(FLIGHTS), { declaredUnits: { distance: "mile" }, time: TIME });
  expect(again.id).toBe(first.id);
  await expect(submit(scope, await file(FLIGHTS), { time: TIME })).rejects.toThrow(/already is version 1/);
  const kilometres = await submit(
    scope,
    await file(`SELECT * REPLACE (distance * 1.609 + 4000 AS distance, 'XXX' AS origin) FROM (${FLIGHTS})`, "csv"),
    { declaredUnits: { distance: "kilometre" }, time: { ...TIME, zones: { ...ZONES, XXX: "UTC" } } },
  );
  expect(kilometres.state).toBe("refused");
  expect(failures(kilometres)).toEqual(["origin categories", "distance type", "distance unit"]);
  expect(kilometres.report?.notes.at(-1)).toMatch(/fits no row/);
  const good = await submit(scope, await file(`${FLIGHTS.replace("range(8000)", "range(9000)")}`, "csv"), {
    time: TIME,
  });
  expect(failures(good)).toEqual([]);
  expect(good).toMatchObject({ state: "accepted", version: 3, rows: 9000, contract: first.contract });
  const page = await withTenant(database.db, scope.teamId, (tx) =>
    listDatasets(tx, scope, { limit: 5, search: "fli" }),
  );
  expect(page.map((d) => [d.name, d.latest?.version])).toEqual([["flights", 3]]);
  const whole = await withTenant(database.db, scope.teamId, (tx) => getDataset(tx, scope, "flights"));
  expect(whole.versions.map((v) => v.state)).toEqual(["accepted", "refused", "accepted"]);
});

test("a file that can't be read, or told the time of, is refused with the reason", async () => {
  const scope = await database.newScope();
  const parquet = await file(FLIGHTS);
  const bad = Buffer.from(parquet);
  bad.fill(0xa5, 200, 20_000);
  const cases: [Uint8Array, Partial<NewDatasetVersion>, RegExp][] = [
    [new Uint8Array(0), {}, /empty/],
    [parquet.subarray(0, 5_000), {}, /not readable as Parquet/],
    [bad, {}, /Parquet|snappy|ecompress|Invalid|read|Thrift|page/i],
    [Buffer.from("a,b\n"), {}, /no rows/],
    [Buffer.from([0, 1, 2, 255, 254, 10, 13, 0]), {}, /not readable as CSV|no rows/],
    [parquet, { time: { ...TIME, column: "date" } }, /"date"; the file has id, departure/],
    [parquet, { time: { ...TIME, zones: { NYC: "America/New_York" } } }, /no zone is given for (HNL|PHX)/],
    [
      parquet,
      { time: { ...TIME, zones: { ...ZONES, NYC: "America/Gotham" } } },
      /Not an IANA time zone: America\/Gotham/,
    ],
    [parquet, { time: { ...TIME, column: "distance" } }, /"distance" is integer/],
  ];
  for (const [bytes, more, why] of cases) {
    const version = await submit(scope, bytes, more);
    expect(version.state).toBe("refused");
    expect(version.report?.notes.join(" ")).toMatch(why);
  }
  const lost = await withTenant(database.db, scope.teamId, (tx) =>
    createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest: "0".repeat(64) }),
  );
  const verdict = await validateDatasetVersion(journal.deps, scope, lost.id);
  expect(verdict.report?.notes).toEqual(["The file is not in the artifact store; upload it first."]);
  await expect(submit(scope, parquet, { dataset: "Bad Name" })).rejects.toThrow(/dataset: must be lower-case/);
});

test("a few rows without a time are dropped and counted", async () => {
  const scope = await database.newScope();
  const bytes = await file(`SELECT * REPLACE (CASE WHEN i % 1000 = 7 THEN NULL ELSE departure END AS departure)
    FROM (SELECT *, id AS i FROM (${FLIGHTS}))`);
  const version = await submit(scope, bytes, { time: TIME });
  expect(version).toMatchObject({ state: "accepted", rows: 7992 });
  expect(version.report?.notes.join(" ")).toMatch(/8 of 8000 rows dropped/);
});

test("another team's version does not exist", async () => {
  const scope = await database.newScope();
  const version = await submit(scope, await file(FLIGHTS), {});
  const stranger = await database.newScope();
  await expect(validateDatasetVersion(journal.deps, stranger, version.id)).rejects.toThrow(/does not exist/);
});
