import type { JournalRecord, SourceValue } from "@ballast/artifacts";
import { expect, test } from "vitest";
import { type LogTable, segmentTables } from "./segment-tables.ts";

const push = (cols: Record<string, SourceValue[]>, key = "p", source = "s"): JournalRecord => ({
  k: "f",
  push: key,
  source,
  n: Object.values(cols)[0]?.length ?? 0,
  cols,
  at: 1,
});
const shape = (table: LogTable | undefined) => table?.columns.map((c) => `${c.name} ${c.type}`);

test("columns get the narrowest type that loses nothing", () => {
  const [table] = segmentTables(
    [
      push({
        whole: [1, -2, null],
        fraction: [1, 0.5, null],
        huge: [1, 2 ** 60, null],
        flag: [true, false, null],
        nothing: [null, null, null],
        words: ["a", null, "1"],
        mixed: [1, "a", null],
        odd: [true, 1, null],
      }),
    ],
    3,
  );
  expect(shape(table)?.slice(2)).toEqual([
    "whole BIGINT",
    "fraction DOUBLE",
    "huge DOUBLE",
    "flag BOOLEAN",
    "nothing BOOLEAN",
    "words VARCHAR",
    "mixed VARCHAR",
    "odd VARCHAR",
  ]);
  expect(table?.columns.at(-1)?.values).toEqual(["true", "1", null]);
});

test("names that DuckDB takes for one, or that are the log's own, stay apart", () => {
  const [table] = segmentTables([push({ Date: [1], date: [2], push: [3], ordinal: [4] })], 1);
  expect(shape(table)).toEqual([
    "push VARCHAR",
    "ordinal BIGINT",
    "Date BIGINT",
    "date_2 BIGINT",
    "pushed_push BIGINT",
    "pushed_ordinal BIGINT",
  ]);
});

test("ranges tell which times a file covers; counts and codes are no times", () => {
  const t = Date.UTC(2001, 0, 1);
  const [table] = segmentTables([push({ known: [t, t + 5], asked: [t - 9, null], delay: [3, -20] })], 1);
  expect(table).toMatchObject({
    minTime: t - 9,
    maxTime: t + 5,
    ranges: { known: [t, t + 5], asked: [t - 9, t - 9], delay: [-20, 3] },
  });
  const [plain] = segmentTables([push({ word: ["x"] })], 1);
  expect(plain).toMatchObject({ minTime: 0, maxTime: Number.MAX_SAFE_INTEGER, ranges: {} });
});

test("pushes of one source with different columns become one table, other sources their own; ordinals follow the journal", () => {
  const tables = segmentTables([push({ a: [1] }, "p1"), push({ b: [2, 3] }, "p2"), push({ a: [9] }, "p3", "other")], 7);
  expect(tables.map((t) => [t.source, t.rows])).toEqual([
    ["s", 3],
    ["other", 1],
  ]);
  const columns = Object.fromEntries(tables[0]?.columns.map((c) => [c.name, c.values]) ?? []);
  expect(columns).toEqual({
    push: ["p1", "p2", "p2"],
    ordinal: [7_000_000, 7_000_001, 7_000_001],
    a: [1, null, null],
    b: [null, 2, 3],
  });
});

test("a segment with a watermark alone has no tables", () => {
  expect(segmentTables([{ k: "w", t: 1, at: 1 }], 1)).toEqual([]);
});
