import { join } from "node:path";
import type { JournalRecord } from "@ballast/artifacts";
import { DAY_MS, HOUR_MS } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuck } from "../duck/duck.ts";
import { compactSegment, type LogDeps } from "./compact-segment.ts";
import { readingLog } from "./log-files.ts";
import { outcomes } from "./log-relation.ts";
import { RecentLog } from "./recent-log.ts";
import { type SampleJournal, sampleJournal } from "./sample-journal.ts";
import { maturedPairs, scoredWithLabels } from "./scored-rows.ts";
import { type HeldResults, newTableName } from "./shared-results.ts";
import { tally } from "./tally.ts";
import { windowRows } from "./window-rows.ts";

const DAY = Date.UTC(2001, 1, 1);
const ROWS = 40;
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

/** A day: answers of two versions (every tenth twice), copies, outcomes and pushed rows whose column changes its type. */
function day(n: number): JournalRecord[] {
  const start = DAY + n * DAY_MS;
  const rows = Array.from({ length: ROWS }, (_, i): JournalRecord[] => {
    const [id, t] = [`p${n}-${i}`, start + (i * DAY_MS) / ROWS];
    const [v, other] = i % 4 === 0 ? ["mv_b", "mv_a"] : ["mv_a", "mv_b"];
    const answer: JournalRecord = {
      ...{ k: "p", id, rid: `r-${id}`, row: 0, t, at: t, dep: "dep_1", v, role: "champion", conv: 0, rt: 1 },
      ...{
        req: { origin: n === 1 ? i : `A${i}` },
        f: [Math.fround(i / 7), null],
        y: Math.fround(i / ROWS),
        us: 500 + i,
      },
    };
    const again = i % 10 === 0 ? [{ ...answer, at: t + 5, y: 0.5 }] : [];
    const copy: JournalRecord = { k: "s", id, t, dep: "dep_1", v: other, y: Math.fround(1 - i / ROWS) };
    return [answer, ...again, copy, { k: "o", id, rev: 0, label: i % 3 === 0 ? 1 : 0, t: t + HOUR_MS, at: t }];
  });
  const pushed: JournalRecord = {
    ...{ k: "f", push: `push-${n}`, source: "flights", n: 3, at: 7 },
    cols: { known: [start + 1, start + 2, start + 3], late: n === 1 ? [true, false, null] : [1, 0, 0.5] },
  };
  return [pushed, ...rows.flat(), { k: "w", t: start + DAY_MS, at: 9 }];
}

async function everything(deps: LogDeps, scope: Parameters<typeof tally>[1]) {
  const from = DAY + DAY_MS;
  const source = { name: "flights", column: "known" };
  return {
    rows: await windowRows(deps, scope, "dep_1", from, from + DAY_MS),
    counts: await tally(deps, scope, "dep_1", from, from + DAY_MS, { sloMs: 0.51, source }),
    labelled: await scoredWithLabels(deps, scope, "dep_1", DAY),
    pairs: await maturedPairs(deps, scope, "dep_1", DAY, { a: "mv_a", b: "mv_b" }),
  };
}

test("memory gives what the files give: all of it, some of it, after a restart, shared or not", async () => {
  const scope = await database.newScope();
  const around = { from: DAY - 8 * DAY_MS, to: DAY + 4 * DAY_MS };
  const { recent, ...files } = journal.deps;
  const few = new RecentLog(1);
  const seals = [
    await journal.seal(scope, day(0)),
    await journal.seal(scope, day(1)),
    await journal.seal(scope, day(2)),
  ];
  for (const id of seals) await compactSegment({ ...files, recent }, scope, id);
  const expected = await everything(files, scope);
  expect(expected.rows.rows).toBe(ROWS);
  expect(expected.counts).toMatchObject({
    predictions: ROWS,
    duplicates: 4,
    outcomes: ROWS,
    outcomeUnknown: 0,
    sourceRows: 3,
  });
  expect(expected.pairs.rows).toBe(ROWS);
  const ways: LogDeps[] = [journal.deps, { ...files, recent: few }, { ...files, recent: new RecentLog() }];
  for (const deps of ways) {
    expect(await everything(deps, scope)).toEqual(expected);
    const shared = () => readingLog(deps, scope, around, (log) => everything(log, scope));
    expect(await Promise.all([shared(), shared()])).toEqual([expected, expected]);
  }
});

test("a table that is let go still means its rows to a query that was written before", async () => {
  const scope = await database.newScope();
  const deps = { ...journal.deps, recent: new RecentLog(1_500_000) };
  await compactSegment(deps, scope, await journal.seal(scope, day(0)));
  const written = await outcomes(deps, scope, { from: DAY, to: DAY + 2 * DAY_MS });
  expect(written).toContain("recent_");
  for (const n of [1, 2, 3]) await compactSegment(deps, scope, await journal.seal(scope, day(n)));
  const names = async () => (await outcomes(deps, scope, { from: DAY, to: DAY + DAY_MS })).match(/read_parquet/g);
  expect(await names()).toHaveLength(1);
  expect(await deps.duck.all(`SELECT count(*) AS n FROM ${written}`)).toEqual([{ n: ROWS }]);
});

test("hundreds of tables of three rows, as a quiet gateway gives them, stay within bounds", async () => {
  const { folder } = journal;
  const duck = await openDuck({ memoryLimitMb: 64, threads: 1, tempDir: join(folder, "small") });
  const columns = Array.from({ length: 18 }, (_, i) => `i AS c${i}`);
  const path = join(folder, "three-rows.parquet");
  const three = `SELECT ${columns.join(", ")} FROM range(3) r(i)`;
  await duck.run(`COPY (${three}) TO '${path}' (FORMAT parquet)`);
  const recent = new RecentLog(16 * 2 ** 20);
  // Some 140 MiB if all were kept.
  for (let i = 0; i < 300; i++) {
    const table = newTableName();
    await duck.run(`CREATE TABLE ${table} AS ${three}`);
    expect(await recent.keep(duck, { digest: `d${i}`, path, table, rows: 3, columns: 18 })).toBe(true);
  }
  expect(recent.table("d299")).not.toBeNull();
  expect(recent.table("d0")).toBeNull();
  const [memory] = await duck.all<{ bytes: number }>(
    "SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM duckdb_memory()",
  );
  expect(memory?.bytes).toBeLessThan(20 * 2 ** 20);
  duck.close();
});

test("results of few rows are let go by their number", async () => {
  const { duck } = journal.deps;
  const { results } = new RecentLog();
  const tables: (string | null)[] = [];
  for (let i = 0; i < 120; i++) {
    const held: HeldResults = new Set();
    tables.push(await results.table(duck, `FROM (SELECT ${i} AS x)`, 1, held));
    await results.release(duck, held);
  }
  await expect(duck.all(`FROM ${tables[0]}`)).rejects.toThrow("does not exist");
  expect(await duck.all(`FROM ${tables[119]}`)).toEqual([{ x: 119 }]);
});

test("a query that fails is told to its reader and not kept", async () => {
  const { duck } = journal.deps;
  const { results } = new RecentLog();
  const held: HeldResults = new Set();
  await expect(results.table(duck, "FROM nothing", 1, held)).rejects.toThrow("nothing");
  await results.release(duck, held);
  await duck.run("CREATE TABLE nothing AS SELECT 1 AS x");
  const table = await results.table(duck, "FROM nothing", 1, held);
  expect(await duck.all(`FROM ${table}`)).toEqual([{ x: 1 }]);
  expect(await results.table(duck, "FROM nothing", 1e9, held)).toBeNull();
});

test("a result that another reader takes while old ones are let go stays until that reader ends", async () => {
  const { duck } = journal.deps;
  const { results } = new RecentLog();
  const first: HeldResults = new Set();
  for (let i = 0; i < 120; i++) await results.table(duck, `FROM (SELECT ${i} AS x)`, 1, first);
  const release = results.release(duck, first);
  const second: HeldResults = new Set();
  const tables = await Promise.all([0, 60, 119].map((i) => results.table(duck, `FROM (SELECT ${i} AS x)`, 1, second)));
  await release;
  const found = await Promise.all(tables.map((table) => duck.all(`FROM ${table}`)));
  expect(found).toEqual([[{ x: 0 }], [{ x: 60 }], [{ x: 119 }]]);
  await results.release(duck, second);
});

test("a file that is gone when its table is let go does not hold up the newest", async () => {
  const { duck } = journal.deps;
  const recent = new RecentLog(1);
  for (const digest of ["gone", "newest"]) {
    const table = newTableName();
    await duck.run(`CREATE TABLE ${table} AS SELECT '${digest}' AS x`);
    const file = { digest, path: "/nowhere/at-all.parquet", table, rows: 1, columns: 1 };
    expect(await recent.keep(duck, file)).toBe(true);
    expect(recent.table(digest)).toBeNull();
  }
});
