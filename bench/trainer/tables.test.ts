import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readTable, writeTable } from "./table-file.ts";
import { flightsTable, syntheticTable } from "./tables.ts";

it("makes the same table from the same seed, a tenth of it missing, and keeps it over a file", () => {
  const table = syntheticTable(20_000, 1);
  expect(syntheticTable(20_000, 1)).toEqual(table);
  const missing = table.features.reduce((sum, column) => sum + column.filter(Number.isNaN).length, 0);
  expect(missing / 200_000).toBeCloseTo(0.1, 2);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    expect(readTable(writeTable(join(folder, "t.f32"), table))).toEqual(table);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("reads the flights: January's late share is .215", async () => {
  const table = await flightsTable("2001-01-01", "2001-02-01");
  expect(table.rows).toBeGreaterThan(450_000);
  expect(table.label.reduce((sum, y) => sum + y, 0) / table.rows).toBeCloseTo(0.215, 3);
  const [distance, hour, weekday] = table.features as [Float32Array, Float32Array, Float32Array];
  expect(distance.reduce((sum, miles) => sum + miles, 0) / table.rows).toBeGreaterThan(700);
  expect([Math.min(...new Set(hour)), Math.max(...new Set(hour))]).toEqual([0, 23]);
  expect([...new Set(weekday)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
