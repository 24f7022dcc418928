import type { DataContract } from "@ballast/db";
import { expect, test } from "vitest";
import { type ColumnStats, checkContract, inferContract, type TableStats } from "./contract.ts";

function column(name: string, more: Partial<ColumnStats> = {}): ColumnStats {
  return {
    name,
    type: "integer",
    databaseType: "BIGINT",
    nulls: 0,
    distinct: 40,
    min: 0,
    max: 100,
    categories: null,
    outsideRange: 0,
    unknownCategories: 0,
    unknownExamples: [],
    ...more,
  };
}
const table = (...columns: ColumnStats[]): TableStats => ({ rows: 10_000, columns });

test("the inferred contract has slack, and no range for what grows by nature", () => {
  const contract = inferContract(
    table(
      column("distance", { min: 20, max: 2_000, nulls: 100 }),
      column("delay", { min: -100, max: 300 }),
      column("share", { type: "float", min: -0.5, max: 0.5 }),
      column("late", { max: 1, distinct: 2 }),
      column("known_at", { min: 9.8e11, max: 9.9e11 }),
      column("id", { distinct: 9_990, max: 9_999 }),
      column("origin", { type: "string", categories: ["ORD", "ATL"], min: null, max: null }),
      column("nested", { type: "unsupported" }),
    ),
    { distance: "mile" },
  );
  expect(contract.minRows).toBe(100);
  expect(contract.columns.map((c) => [c.name, c.range, c.categories, c.maxNullShare, c.unit])).toEqual([
    ["distance", { min: 0, max: 2_495 }, null, 0.02, "mile"],
    ["delay", { min: -200, max: 400 }, null, 0.01, null],
    ["share", { min: -0.75, max: 0.75 }, null, 0.01, null],
    ["late", { min: 0, max: 1 }, null, 0.01, null],
    ["known_at", null, null, 0.01, null],
    ["id", null, null, 0.01, null],
    ["origin", null, ["ATL", "ORD"], 0.01, null],
  ]);
});

const CONTRACT: DataContract = {
  minRows: 100,
  columns: [
    {
      name: "distance",
      type: "integer",
      maxNullShare: 0.01,
      range: { min: 0, max: 3_000 },
      categories: null,
      unit: "mile",
    },
    { name: "share", type: "float", maxNullShare: 0, range: null, categories: null, unit: null },
    { name: "origin", type: "string", maxNullShare: 0.5, range: null, categories: ["ATL"], unit: null },
  ],
};
const good = () => [
  column("distance"),
  column("share", { type: "float" }),
  column("origin", { type: "string", min: null, max: null }),
];

const cases: [string, TableStats, Record<string, string>, string[]][] = [
  ["a good table", table(...good()), { distance: "mile" }, []],
  ["a column nobody asked for", table(...good(), column("extra", { type: "unsupported" })), {}, []],
  [
    "an integer where a float is wanted",
    table(column("distance"), column("share"), column("origin", { type: "string" })),
    {},
    [],
  ],
  ["a few outliers", table(column("distance", { outsideRange: 10, max: 9e9 }), ...good().slice(1)), {}, []],
  ["too many outliers", table(column("distance", { outsideRange: 11 }), ...good().slice(1)), {}, ["distance range"]],
  ["nulls", table(column("distance", { nulls: 101 }), ...good().slice(1)), {}, ["distance nulls"]],
  [
    "a wrong type",
    table(column("distance", { type: "string", databaseType: "VARCHAR" }), ...good().slice(1)),
    {},
    ["distance type"],
  ],
  [
    "a float where an integer is wanted",
    table(column("distance", { type: "float" }), ...good().slice(1)),
    {},
    ["distance type"],
  ],
  ["a missing column", table(...good().slice(1)), {}, ["distance presence"]],
  [
    "strange categories",
    table(...good().slice(0, 2), column("origin", { type: "string", unknownCategories: 50, unknownExamples: ["XXX"] })),
    {},
    ["origin categories"],
  ],
  ["another unit", table(...good()), { distance: "kilometre" }, ["distance unit"]],
  ["a unit for nothing", table(...good()), { weight: "kg" }, ["weight unit"]],
  ["too few rows", { ...table(...good()), rows: 99 }, {}, ["null rows"]],
];

test.each(cases)("contract: %s", (_, stats, units, failed) => {
  const checks = checkContract(CONTRACT, stats, units);
  expect(checks.filter((c) => !c.passed).map((c) => `${c.column} ${c.check}`)).toEqual(failed);
});

test("messages carry what was measured and what was allowed", () => {
  const stats = table(
    column("distance", { outsideRange: 5_000, min: 32, max: 7_900 }),
    column("share", { type: "float" }),
    column("origin", { type: "string", unknownCategories: 2_000, unknownExamples: ["XXX", "YYY"] }),
  );
  const messages = checkContract(CONTRACT, stats).flatMap((c) => (c.passed ? [] : [c.message]));
  expect(messages).toEqual([
    "32 to 7900; 5,000 of 10,000 rows lie outside 0 to 3000 mile.",
    "2,000 of 10,000 rows carry none of the 1 known values, e.g. XXX, YYY.",
  ]);
});
