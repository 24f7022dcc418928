import { DAY_MS, HOUR_MS, isoDay, type Scope } from "@ballast/core";
import { compactSegment, mergeSegments } from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { deployments, journalSegments, monitorWindows, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { asc } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeWindows } from "./close-windows.ts";
import type { MonitoringDeps } from "./deps.ts";
import { markLateFiles, rowsToPay } from "./late-rows.ts";
import { processWindow } from "./process-window.ts";

type Record_ = Parameters<SampleJournal["seal"]>[1][number];

const DEPLOYMENT = "dep_late";
const DAY = Date.UTC(2001, 5, 5);
const day = (n: number) => DAY + n * DAY_MS;
let database: TestDatabase;
let journal: SampleJournal;
let deps: MonitoringDeps;
let scope: Scope;
const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(database.db, scope.teamId, fn);

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  deps = { ...journal.deps, plugins: { driftTests: () => [] } };
  scope = await database.newScope();
  const { teamId, projectId } = scope;
  await inTenant((tx) =>
    tx.insert(deployments).values({
      ...{ teamId, projectId, id: DEPLOYMENT, name: "late", modelId: "mdl" },
      routing: { champion: "mv_1", candidate: null, shadows: [], salt: "s" },
    }),
  );
});
afterAll(async () => {
  journal.close();
  await database.close();
});

const predictions = (name: string, times: readonly number[], version = "mv_1"): Record_[] =>
  times.map((t, i) => ({
    ...{
      k: "p",
      id: `${name}_${i}`,
      rid: `${name}_${i}`,
      row: 0,
      t,
      at: t,
      dep: DEPLOYMENT,
      v: version,
      role: "champion",
    },
    ...{ conv: 0, rt: 1, us: 400, req: {}, f: [1], y: 0.5 },
  }));
const hourly = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + (i * HOUR_MS) / 4);

/** Seals, compacts and closes what the watermark has passed, as the worker does. */
async function compact(records: readonly Record_[], watermark?: number): Promise<string> {
  const mark: Record_[] = watermark === undefined ? [] : [{ k: "w", t: watermark, at: watermark }];
  const id = await journal.seal(scope, [...records, ...mark]);
  await compactSegment(deps, scope, id, async (tx, reached) => {
    await markLateFiles(tx, scope, id);
    await closeWindows(tx, scope, reached);
  });
  return id;
}
const windows = () => inTenant((tx) => tx.select().from(monitorWindows).orderBy(asc(monitorWindows.from)));
async function processAll(): Promise<void> {
  for (const { id, state } of await windows()) if (state === "closed") await processWindow(deps, scope, id);
}
const tallyOf = async (from: number) => (await windows()).find((window) => +window.from === from)?.tally;
const lateFiles = async () =>
  (await inTenant((tx) => tx.select().from(journalSegments))).flatMap(({ files }) => files.filter(({ late }) => late));

test("rows that come after their day was counted are counted once, with the next day, and paid with it", async () => {
  await compact(predictions("a", hourly(day(0), 10)), day(1));
  await processAll();
  expect(await tallyOf(day(0))).toMatchObject({ predictions: 10 });
  expect(await lateFiles()).toEqual([]);
  const late = predictions("b", [...hourly(day(0), 3), day(-3)]);
  await compact([...late, ...predictions("c", hourly(day(1), 5))]);
  // The same requests again: retries of a caller who saw no answer.
  await compact(late);
  await compact(predictions("d", hourly(day(1) + HOUR_MS, 2), "mv_2"), day(2));
  await processAll();
  const tally = await tallyOf(day(1));
  expect(tally).toMatchObject({ predictions: 7, versions: { mv_1: { served: 5 }, mv_2: { served: 2 } } });
  expect(tally?.late).toEqual([
    { day: isoDay(day(-3)), version: "mv_1", served: 1, shadow: 0, errors: 0 },
    { day: isoDay(day(0)), version: "mv_1", served: 3, shadow: 0, errors: 0 },
  ]);
  if (!tally) throw new Error("no tally");
  expect(rowsToPay(tally)).toEqual({ mv_1: { served: 9, shadow: 0 }, mv_2: { served: 2, shadow: 0 } });
  expect(await tallyOf(day(0))).toMatchObject({ predictions: 10 });
});

test("what was counted late is not counted again, a day that is closed but not counted yet counts its own", async () => {
  await compact(predictions("e", hourly(day(2), 4)), day(3));
  // Closed, not processed: the row below is no latecomer to that window.
  await compact(predictions("f", [day(2) + HOUR_MS]));
  await compact(predictions("g", hourly(day(3), 2)), day(4));
  await processAll();
  expect(await tallyOf(day(2))).toMatchObject({ predictions: 5 });
  expect((await tallyOf(day(2)))?.late).toBeUndefined();
  expect((await tallyOf(day(3)))?.late).toBeUndefined();
});

test("merged files keep the mark; errors and copies scored in shadow come late too", async () => {
  for (let i = 0; i < 16; i++) await compact(predictions(`h${i}`, [day(4) + i * HOUR_MS]));
  await compact([
    {
      k: "e",
      dep: DEPLOYMENT,
      v: "mv_1",
      role: "champion",
      t: day(1),
      at: day(1),
      code: "timeout",
      us: 9,
      rid: "x",
      rt: 1,
    },
    { k: "s", id: "a_0", v: "mv_2", y: 0.2, t: day(0), dep: DEPLOYMENT },
  ]);
  const before = await lateFiles();
  await mergeSegments(deps, scope, () => Date.now() + DAY_MS);
  expect((await lateFiles()).length).toBeGreaterThan(0);
  expect((await lateFiles()).map(({ digest }) => digest)).not.toEqual(before.map(({ digest }) => digest));
  await compact([], day(5));
  await processAll();
  expect((await tallyOf(day(4)))?.late).toEqual([
    { day: isoDay(day(0)), version: "mv_2", served: 0, shadow: 1, errors: 0 },
    { day: isoDay(day(1)), version: "mv_1", served: 0, shadow: 0, errors: 1 },
  ]);
  expect(await tallyOf(day(4))).toMatchObject({ predictions: 16 });
});
