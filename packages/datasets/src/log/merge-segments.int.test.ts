import type { JournalRecord } from "@ballast/artifacts";
import { DAY_MS, type Scope } from "@ballast/core";
import { journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compactSegment } from "./compact-segment.ts";
import { logFiles } from "./log-files.ts";
import { outcomes, sourceRows } from "./log-relation.ts";
import { mergeSegments } from "./merge-segments.ts";
import { type SampleJournal, sampleJournal } from "./sample-journal.ts";
import { tally } from "./tally.ts";
import { windowRows } from "./window-rows.ts";

const DAY = Date.UTC(2001, 1, 1);
const MINUTE = 60_000;
const SEGMENTS = 40;
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

/** A segment of a quiet gateway: two answers, one of them repeated later, an outcome, and rows whose `weight` is now and then no integer. */
function quiet(i: number): JournalRecord[] {
  const t = DAY + i * MINUTE;
  const answer = (id: string, rid: string, at: number): JournalRecord => ({
    ...{ k: "p", id, rid, row: 0, t, at, dep: "dep_1", v: "mv_a", role: "champion", conv: 0, rt: 1 },
    ...{ req: { origin: "ORD", distance: i }, f: [i, null], y: 0.25, us: 900 },
  });
  return [
    answer(`prd_${i}`, `r${i}`, t),
    answer(`prd_again_${i}`, `r${Math.max(0, i - 20)}`, t),
    { k: "o", id: `prd_${i}`, rev: 0, label: i % 2, t, at: t },
    {
      ...{ k: "f", push: `push-${i % 30}`, source: "flights", n: 2, at: t },
      cols: {
        origin: ["ORD", null],
        weight: [i % 10 === 0 ? i + 0.5 : i, i],
        known_at: [t, t + 1],
        note: [null, null],
      },
    },
    { k: "w", t: t + 1, at: t },
  ];
}

const range = { from: DAY, to: DAY + DAY_MS };
const answersOf = "dep_1";

/** All that readers make of the day. */
async function readings(scope: Scope) {
  const { deps } = journal;
  const source = { name: "flights", column: "known_at" };
  const columns = { known_at: "BIGINT" };
  const pushed = await sourceRows(deps, scope, { ...range, source: source.name, column: source.column, columns });
  return {
    tally: await tally(deps, scope, answersOf, range.from, range.to, { sloMs: 1, source }),
    rows: await windowRows(deps, scope, answersOf, range.from, range.to),
    outcomes: await deps.duck.all(`SELECT * FROM ${await outcomes(deps, scope, range)} ORDER BY id`),
    pushed: await deps.duck.all(`SELECT * FROM ${pushed} ORDER BY ordinal, origin`),
  };
}

const segmentsOf = (scope: Scope) =>
  withTenant(database.db, scope.teamId, (tx) =>
    tx
      .select()
      .from(journalSegments)
      .where(and(eq(journalSegments.teamId, scope.teamId), eq(journalSegments.projectId, scope.projectId)))
      .orderBy(asc(journalSegments.sequence)),
  );

async function quietDay(): Promise<Scope> {
  const scope = await database.newScope();
  for (let i = 0; i < SEGMENTS; i++) await compactSegment(journal.deps, scope, await journal.seal(scope, quiet(i)));
  return scope;
}

test("small files become few, and every reader reads the same", async () => {
  const scope = await quietDay();
  const neighbour = await quietDay();
  const before = await readings(scope);
  expect(before.tally).toMatchObject({ predictions: SEGMENTS, sourceRows: 60 });
  // Newer than ten minutes: windows read them from memory.
  expect(await mergeSegments(journal.deps, scope)).toBe(0);
  const later = () => Date.now() + 11 * MINUTE;
  expect(await mergeSegments(journal.deps, scope, later)).toBe(30);
  const segments = await segmentsOf(scope);
  expect(segments.filter(({ files }) => files.length > 0).map(({ sequence }) => sequence)).toHaveLength(10);
  expect(segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(SEGMENTS * 5);
  expect(segments.filter(({ files }) => files.length === 0).every(({ lastTime }) => lastTime === null)).toBe(true);
  expect(await readings(scope)).toEqual(before);
  expect(await mergeSegments(journal.deps, scope, later)).toBe(0);
  expect((await segmentsOf(neighbour)).every(({ files }) => files.length === 3)).toBe(true);
});

test("files of other types stay apart, old ones are still there for who listed them, and each is found by its times alone", async () => {
  const scope = await quietDay();
  const { deps } = journal;
  const pathsOf = (files: readonly { digest: string }[]) =>
    files.map(({ digest }) => `'${deps.artifacts.path(digest)}'`);
  const listed = pathsOf(await logFiles(deps, scope, "predictions", range));
  await mergeSegments(deps, scope, () => Date.now() + 11 * MINUTE);
  const pushed = await logFiles(deps, scope, "source_rows", range, { source: "flights", column: "known_at" });
  const types = new Set<string>();
  for (const path of pathsOf(pushed)) {
    const [column] = await deps.duck.all<{ type: string }>(
      `SELECT typeof(weight) AS type FROM read_parquet(${path}) LIMIT 1`,
    );
    types.add(column?.type ?? "");
  }
  expect([...types].toSorted()).toEqual(["BIGINT", "DOUBLE"]);
  const [count] = await deps.duck.all<{ n: number }>(`SELECT count(*) AS n FROM read_parquet([${listed.join(", ")}])`);
  expect(count?.n).toBe(SEGMENTS * 2);
  const foundAt = async (minute: number) => {
    const moment = { from: DAY + minute * MINUTE, to: DAY + minute * MINUTE + 1 };
    return (await logFiles(deps, scope, "outcomes", moment)).length;
  };
  expect(await Promise.all([-1, 0, 15, 16, 39, 40].map(foundAt))).toEqual([0, 1, 1, 1, 1, 0]);
});
