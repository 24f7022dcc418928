import { readFileSync, writeFileSync } from "node:fs";
import type { ErrorRecord, JournalRecord, PredictionRecord } from "@ballast/artifacts";
import { DAY_MS, HOUR_MS, type Scope } from "@ballast/core";
import { conversions, journalSegments, modelVersions, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compactSegment, watermarkOf } from "./compact-segment.ts";
import { sourceRows } from "./log-relation.ts";
import { type SampleJournal, sampleJournal } from "./sample-journal.ts";
import { maturedPairs, scoredWithLabels } from "./scored-rows.ts";
import { tally } from "./tally.ts";
import { advanceWatermark } from "./watermark.ts";
import { windowRows } from "./window-rows.ts";

const DAY = Date.UTC(2001, 1, 1);
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

function prediction(id: string, hour: number, more: Partial<PredictionRecord> = {}): PredictionRecord {
  const t = DAY + hour * HOUR_MS;
  return {
    k: "p",
    id,
    rid: `r-${id}`,
    row: 0,
    t,
    at: 1_000 + hour,
    dep: "dep_1",
    v: "mv_a",
    role: "champion",
    conv: 0,
    rt: 1,
    req: { origin: "ORD", distance: 100 + hour, t_utc: t },
    f: [Math.fround(0.1), null],
    y: Math.fround(0.3),
    us: 900,
    ...more,
  };
}
const outcome = (id: string, rev: number, label: number, hour: number): JournalRecord => ({
  k: "o",
  id,
  rev,
  label,
  t: DAY + hour * HOUR_MS,
  at: 5,
});
const shadow = (id: string, v: string, y: number, hour: number): JournalRecord => ({
  k: "s",
  id,
  t: DAY + hour * HOUR_MS,
  dep: "dep_1",
  v,
  y,
});

/** Two segments: the second repeats an answer after a crash, corrects and repeats outcomes, repeats a push. */
function segments(): [JournalRecord[], JournalRecord[]] {
  const flights = (push: string, ...known: number[]): JournalRecord => ({
    k: "f",
    push,
    source: "flights",
    n: known.length,
    cols: { known, origin: known.map(() => "ORD"), late: known.map((_, i) => i % 2), note: known.map(() => null) },
    at: 7,
  });
  return [
    [
      flights("push-1", DAY + 1, DAY + 2, DAY + 3),
      prediction("p1", 1),
      shadow("p1", "mv_b", 0.5, 1),
      shadow("p1", "mv_b", 0.5, 1),
      prediction("p2-lost", 2, { rid: "r-p2", y: 0.9 }),
      prediction("p3", 3, { v: "mv_b", role: "candidate", us: 40_000, f: [1, 2, 3] }),
      shadow("p3", "mv_a", 0.25, 3),
      {
        k: "e",
        dep: "dep_1",
        v: "mv_b",
        role: "candidate",
        t: DAY + 4 * HOUR_MS,
        at: 4,
        code: "internal",
        us: 3,
        rid: "r",
        rt: 1,
      },
      prediction("p5", 30),
      prediction("q1", 5, { dep: "dep_2", req: { origin: 5.5, other: true } }),
      outcome("p1", 0, 1, 6),
    ],
    [
      prediction("p2", 2, { rid: "r-p2", at: 2_000, y: 0.75 }),
      shadow("p2", "mv_b", 0.125, 2),
      flights("push-1", DAY + 1, DAY + 2, DAY + 3),
      flights("push-2", DAY + 4, DAY + DAY_MS),
      outcome("p1", 1, 0, 7),
      outcome("p1", 1, 0, 7),
      outcome("p2", 0, 1, 8),
      outcome("p3", 0, 1, 47),
      outcome("nobody", 0, 1, 9),
      outcome("p5", 0, 1, 73),
      { k: "w", t: DAY + 2 * DAY_MS, at: 9 },
    ],
  ];
}

async function filled(): Promise<{ scope: Scope; ids: [string, string] }> {
  const scope = await database.newScope();
  const [first, second] = segments();
  const ids: [string, string] = [await journal.seal(scope, first), await journal.seal(scope, second)];
  return { scope, ids };
}

test("the watermark waits for every earlier segment; compacting again changes nothing", async () => {
  const { scope, ids } = await filled();
  const later = await compactSegment(journal.deps, scope, ids[1]);
  expect(later).toMatchObject({ compacted: true, watermark: null });
  const moved: boolean[] = [];
  const advance = async (tx: Tx, watermark: number) => {
    moved.push(await advanceWatermark(tx, scope, watermark), await advanceWatermark(tx, scope, watermark - 1));
  };
  const earlier = await compactSegment(journal.deps, scope, ids[0], advance);
  expect(earlier.watermark).toBe(DAY + 2 * DAY_MS);
  expect(moved).toEqual([true, false]);
  expect(await withTenant(database.db, scope.teamId, (tx) => watermarkOf(tx, scope))).toBe(DAY + 2 * DAY_MS);
  expect(earlier.files.map((f) => [f.kind, f.rows])).toEqual([
    ["predictions", 6],
    ["shadows", 3],
    ["outcomes", 1],
    ["source_rows", 3],
  ]);
  expect(await compactSegment(journal.deps, scope, ids[0])).toEqual({ ...earlier, compacted: false });
  await expect(compactSegment(journal.deps, scope, "gw/none/1")).rejects.toThrow(/does not exist/);
});

test("a crash before the watermark moved leaves the segment sealed, and the second try whole", async () => {
  const scope = await database.newScope();
  const id = await journal.seal(scope, segments()[1]);
  const crash = () => Promise.reject(new Error("killed"));
  await expect(compactSegment(journal.deps, scope, id, crash)).rejects.toThrow("killed");
  const [sealed] = await database.owner.drizzle.select().from(journalSegments).where(eq(journalSegments.id, id));
  expect(sealed).toMatchObject({ state: "sealed", files: [] });
  expect((await compactSegment(journal.deps, scope, id)).files).toHaveLength(4);
});

test("a column may change its type from segment to segment", async () => {
  const scope = await database.newScope();
  const values = [
    [1, 2],
    [2.5, null],
    [true, false],
    ["x", 7],
  ];
  for (const [i, column] of values.entries()) {
    const cols = { known: [DAY + 2 * i, DAY + 2 * i + 1], value: column };
    const push: JournalRecord = { k: "f", push: `p${i}`, source: "mixed", n: 2, cols, at: 1 };
    await compactSegment(journal.deps, scope, await journal.seal(scope, [push]));
  }
  const read = async (segments: number) => {
    const range = { from: DAY, to: DAY + 2 * segments };
    const relation = await sourceRows(journal.deps, scope, {
      ...range,
      source: "mixed",
      column: "known",
      columns: { value: "" },
    });
    const rows = await journal.deps.duck.all<{ value: unknown }>(`SELECT value FROM ${relation} ORDER BY known`);
    return rows.map((row) => row.value);
  };
  expect(await read(1)).toEqual([1, 2]);
  expect(await read(2)).toEqual([1, 2, 2.5, null]);
  expect((await read(4)).map(String)).toHaveLength(8);
});

test("a damaged segment is refused and stays sealed", async () => {
  const scope = await database.newScope();
  const id = await journal.seal(scope, segments()[0]);
  const [row] = await database.owner.drizzle.select().from(journalSegments).where(eq(journalSegments.id, id));
  const path = row?.path ?? "";
  const bytes = readFileSync(path);
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 255;
  writeFileSync(path, bytes);
  await expect(compactSegment(journal.deps, scope, id)).rejects.toThrow(/damaged: 10 of 11 records/);
  const [after] = await database.owner.drizzle.select().from(journalSegments).where(eq(journalSegments.id, id));
  expect(after?.state).toBe("sealed");
});

test("a window counts every thing once, whatever was delivered twice", async () => {
  const { scope, ids } = await filled();
  for (const id of ids) await compactSegment(journal.deps, scope, id);
  const counts = await tally(journal.deps, scope, "dep_1", DAY, DAY + DAY_MS, {
    sloMs: 25,
    source: { name: "flights", column: "known" },
  });
  expect(counts).toEqual({
    predictions: 3,
    errors: 1,
    duplicates: 1,
    outcomes: 2,
    outcomeDuplicates: 1,
    outcomeCorrections: 1,
    outcomeUnknown: 1,
    sourceRows: 4,
    versions: {
      mv_a: { served: 2, shadow: 1, errors: 0, overSlo: 0 },
      mv_b: { served: 1, shadow: 2, errors: 1, overSlo: 1 },
    },
    assigned: [
      { routing: 1, version: "mv_a", requests: 2, failed: 0, slow: 0 },
      { routing: 1, version: "mv_b", requests: 2, failed: 1, slow: 1 },
    ],
    p50Ms: 0.9,
    p99Ms: expect.closeTo(39.218, 3),
  });
  // Three days later one outcome happens whose prediction is two days old.
  const late = await tally(journal.deps, scope, "dep_1", DAY + 3 * DAY_MS, DAY + 4 * DAY_MS, { sloMs: 25 });
  expect(late).toMatchObject({ predictions: 0, outcomes: 1, outcomeUnknown: 0, versions: {}, p99Ms: 0 });
  const empty = await tally(journal.deps, scope, "dep_9", 0, 1, { sloMs: 25 });
  expect(empty).toMatchObject({ predictions: 0, outcomes: 0, sourceRows: 0 });
});

test("a request is one observation, whatever its rows and retries; one that named its version is none", async () => {
  const scope = await database.newScope();
  let ids = 0;
  const rows = (rid: string | null, more: Partial<PredictionRecord> = {}) =>
    [0, 1, 2].map((row) => prediction(`p${++ids}`, 1, { ...more, rid, row }));
  const failed = (rid: string | null, more: Partial<ErrorRecord> = {}): ErrorRecord => ({
    ...{ k: "e", dep: "dep_1", v: "mv_b", role: "candidate", t: DAY, at: 4, code: "internal", us: 3, rt: 2, rid },
    ...more,
  });
  const candidate = { v: "mv_b", role: "candidate" as const, rt: 2 };
  const records = [
    ...rows("one", { rt: 2 }),
    // Three requests without an id: two of one millisecond one after the other, and a single row.
    ...rows(null, { rt: 2, us: 40_000 }),
    ...rows(null, { rt: 2 }),
    prediction("alone", 1, { rid: null, rt: 2 }),
    // Three tries, then an answer: one request that failed.
    ...[failed("tried"), failed("tried"), failed("tried")],
    ...rows("tried", { ...candidate, us: 40_000 }),
    ...[failed(null), failed(null)],
    ...rows("named", { ...candidate, rt: null }),
    failed("named too", { rt: null }),
    // Before the route changed.
    ...rows("early", { rt: 1 }),
  ];
  await compactSegment(journal.deps, scope, await journal.seal(scope, records));
  const counts = await tally(journal.deps, scope, "dep_1", DAY, DAY + DAY_MS, { sloMs: 25 });
  expect(counts.assigned).toEqual([
    { routing: 1, version: "mv_a", requests: 1, failed: 0, slow: 0 },
    { routing: 2, version: "mv_a", requests: 4, failed: 0, slow: 1 },
    { routing: 2, version: "mv_b", requests: 3, failed: 3, slow: 1 },
  ]);
  // Pages and the ledger count rows.
  expect(counts).toMatchObject({ predictions: 19, versions: { mv_b: { served: 6, errors: 6, overSlo: 3 } } });
});

test("pairs hold rows that both versions scored, with the corrected label known a day after the day", async () => {
  const { scope, ids } = await filled();
  for (const id of ids) await compactSegment(journal.deps, scope, id);
  const pairs = await maturedPairs(journal.deps, scope, "dep_1", DAY, { a: "mv_a", b: "mv_b" });
  expect([...pairs.t]).toEqual([1, 2, 3].map((hour) => DAY + hour * HOUR_MS));
  expect([...pairs.a]).toEqual([Math.fround(0.3), 0.75, 0.25]);
  expect([...pairs.b]).toEqual([0.5, 0.125, Math.fround(0.3)]);
  expect([...pairs.y]).toEqual([0, 1, 1]);
  const byVersion = await scoredWithLabels(journal.deps, scope, "dep_1", DAY);
  expect(Object.keys(byVersion)).toEqual(["mv_a", "mv_b"]);
  expect([...(byVersion.mv_b?.served ?? [])]).toEqual([0, 0, 1]);
  // p5 was asked at hour 30 of DAY, its outcome came at hour 73: a day and one hour after its day's end.
  expect(await scoredWithLabels(journal.deps, scope, "dep_1", DAY + DAY_MS)).toEqual({});
});

test("window rows give request columns in declared units and features by the version that read them", async () => {
  const { scope, ids } = await filled();
  for (const id of ids) await compactSegment(journal.deps, scope, id);
  await withTenant(database.db, scope.teamId, async (tx) => {
    for (const [id, features] of [
      ["mv_a", ["x", "y"]],
      ["mv_b", ["y", "x", "z"]],
    ] as const)
      await tx.insert(modelVersions).values({
        teamId: scope.teamId,
        projectId: scope.projectId,
        id: `${id}`,
        modelId: scope.projectId,
        version: id === "mv_a" ? 1 : 2,
        digest: "",
        sizeBytes: 0,
        signature: { inputs: [], outputs: [] },
        serving: { tensor: "f", output: "p", features: features.map((f) => ({ input: f, view: "v", feature: f })) },
        lineage: {
          runId: null,
          trainingJobId: null,
          datasetVersions: [],
          featureViews: [],
          trainedFrom: null,
          trainedTo: null,
          codeVersion: null,
        },
        metrics: {},
        cause: "initial",
        createdBy: "test",
      });
    await tx.insert(conversions).values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: `cnv_${scope.projectId}`,
      revision: 1,
      column: "distance",
      declaredUnit: "mile",
      receivedUnit: "kilometre",
      factor: 0.621371,
      offset: 0,
      from: new Date(DAY + 2 * HOUR_MS),
      acceptedAt: new Date(DAY + 5 * HOUR_MS),
      incidentId: "inc",
      acceptedBy: "test",
    });
  });
  const rows = await windowRows(journal.deps, scope, "dep_1", DAY, DAY + DAY_MS);
  expect(rows.id).toEqual(["p1", "p2", "p3"]);
  expect([...(rows.request.distance ?? [])]).toEqual([101, 102 * 0.621371, 103 * 0.621371]);
  expect(rows.request.origin).toEqual(["ORD", "ORD", "ORD"]);
  expect([...(rows.features["v.x"]?.values ?? [])]).toEqual([Math.fround(0.1), Math.fround(0.1), 2]);
  expect([...(rows.features["v.y"]?.values ?? [])]).toEqual([Number.NaN, Number.NaN, 1]);
  expect([...(rows.features["v.z"]?.values ?? [])]).toEqual([3]);
  expect([...(rows.features["v.z"]?.index ?? [])]).toEqual([2]);
  const raw = await windowRows(journal.deps, scope, "dep_1", DAY, DAY + DAY_MS, { convert: false, requestOnly: true });
  expect([...(raw.request.distance ?? [])]).toEqual([101, 102, 103]);
  expect(raw.features).toEqual({});
});

test("a push that came twice counts once, and another project sees none of it", async () => {
  const { scope, ids } = await filled();
  for (const id of ids) await compactSegment(journal.deps, scope, id);
  const query = { source: "flights", column: "known", from: DAY, to: DAY + 2 * DAY_MS, columns: { absent: "" } };
  const relation = await sourceRows(journal.deps, scope, query);
  const rows = await journal.deps.duck.all<{ known: number; absent: null }>(`FROM ${relation} ORDER BY known`);
  expect(rows.map((r) => r.known - DAY)).toEqual([1, 2, 3, 4, DAY_MS]);
  expect(rows[0]?.absent).toBeNull();
  const stranger = await database.newScope();
  const none = await sourceRows(journal.deps, stranger, query);
  expect(await journal.deps.duck.all(`FROM ${none}`)).toEqual([]);
});

test("a segment of a demo day costs well under a second to compact", async () => {
  const scope = await database.newScope();
  const n = 16_500;
  const column = <T>(value: (i: number) => T) => Array.from({ length: n }, (_, i) => value(i));
  const records: JournalRecord[] = [];
  const cols = {
    known: column((i) => DAY + i * 5_000),
    date_utc: column((i) => DAY + i * 5_000 - HOUR_MS),
    date_local: column((i) => DAY + i * 5_000 - 6 * HOUR_MS),
    delay: column((i) => (i % 97) - 20),
    distance: column((i) => 200 + (i % 2000)),
    origin: column((i) => `A${i % 220}`),
    destination: column((i) => `A${(i * 7) % 220}`),
    late: column((i) => (i % 97 > 35 ? 1 : 0)),
  };
  for (let from = 0; from < n; from += 100)
    records.push({
      k: "f",
      push: `push-${from}`,
      source: "flights",
      n: Math.min(100, n - from),
      cols: Object.fromEntries(Object.entries(cols).map(([name, values]) => [name, values.slice(from, from + 100)])),
      at: 1,
    });
  for (let i = 0; i < 1_650; i++) {
    const id = `prd_${i}`;
    records.push(prediction(id, i / 70, { f: [0.1, 0.2, 0.3, 4, 5, 6, 7].map(Math.fround), t: DAY + i * 50_000 }));
    records.push(shadow(id, "mv_b", 0.3, 1), outcome(id, 0, 1, 3));
  }
  // CPU of this process, DuckDB's threads included: how busy the machine is does not matter.
  const took: number[] = [];
  for (let round = 0; round < 4; round++) {
    const id = await journal.seal(scope, records);
    const before = process.cpuUsage();
    await compactSegment(journal.deps, scope, id);
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / 1_000);
  }
  expect(Math.min(...took)).toBeLessThan(600);
});
