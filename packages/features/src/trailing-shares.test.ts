import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duck, openDuck } from "@ballast/datasets/server";
import { DOUBLE } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { random } from "./seeded-random.ts";
import { type AskedRows, type StreamRows, trailingShares } from "./trailing-shares.ts";

let duck: Duck;
const folder = mkdtempSync(join(tmpdir(), "ballast-shares-"));
beforeAll(async () => {
  duck = await openDuck({ memoryLimitMb: 256, threads: 2, tempDir: folder });
});
afterAll(() => {
  duck.close();
  rmSync(folder, { recursive: true, force: true });
});

const WINDOWS = [1, 7, 60, 5_000];

/** The oracle: DuckDB's window functions over both tables sorted together; rows of equal time are peers. */
async function byDuckDb(rows: StreamRows, asked: AskedRows): Promise<Float32Array[]> {
  return duck.session(async (session) => {
    const fill = async (name: string, columns: Float64Array[], names: string) => {
      await session.run(`CREATE TEMP TABLE ${name} (${names})`);
      const types = columns.map(() => DOUBLE);
      await session.append(
        name,
        types,
        columns.map((column) => [...column]),
      );
    };
    await fill("rows", [rows.times, rows.keys, rows.hits], "t DOUBLE, key DOUBLE, hit DOUBLE");
    const ids = Float64Array.from(asked.times, (_, i) => i);
    await fill("asked", [asked.times, asked.keys, ids], "t DOUBLE, key DOUBLE, id DOUBLE");
    const result: Float32Array[] = [];
    for (const window of WINDOWS) {
      const table = await session.read(`SELECT (hits / nullif(n, 0))::FLOAT AS share FROM (
          SELECT id, sum(hit) OVER w AS hits, count(hit) OVER w AS n
          FROM (SELECT id, key, t::BIGINT AS t, NULL AS hit FROM asked UNION ALL SELECT NULL, key, t::BIGINT, hit FROM rows)
          WINDOW w AS (PARTITION BY key ORDER BY t RANGE BETWEEN ${window - 1} PRECEDING AND CURRENT ROW))
        WHERE id IS NOT NULL ORDER BY id`);
      result.push(table.floats("share"));
    }
    return result;
  });
}

test.each([1, 2, 3])("equals DuckDB's RANGE windows, ties and rows out of order included: seed %i", async (seed) => {
  const next = random(seed);
  const column = (n: number, value: () => number) => Float64Array.from({ length: n }, value);
  const n = 4_000;
  const rows = {
    times: column(n, () => Math.floor(next() * 2_000)).sort(),
    keys: column(n, () => Math.floor(next() * 5)),
    hits: column(n, () => (next() < 0.3 ? 1 : 0)),
  };
  // Key 5 has no row.
  const asked = {
    times: column(n, () => Math.floor(next() * 2_200) - 100),
    keys: column(n, () => Math.floor(next() * 6)),
  };
  const own = trailingShares(rows, asked, WINDOWS);
  expect(own).toEqual(await byDuckDb(rows, asked));
  expect(own[3]?.some(Number.isNaN)).toBe(true);
});

test("the window's start is left out and its end is in it", () => {
  const rows = {
    times: Float64Array.of(100, 110, 110),
    keys: Float64Array.of(0, 0, 0),
    hits: Float64Array.of(1, 1, 0),
  };
  const asked = { times: Float64Array.of(110, 109, 119, 120, 99), keys: new Float64Array(5) };
  expect(trailingShares(rows, asked, [10])).toEqual([Float32Array.of(0.5, 1, 0.5, Number.NaN, Number.NaN)]);
});

test("no key, an unknown key and no time are missing values; a row without a key counts for nobody", () => {
  const rows = { times: Float64Array.of(1, 2), keys: Float64Array.of(-1, 0), hits: Float64Array.of(1, 0) };
  const asked = { times: Float64Array.of(Number.NaN, 5, 5, 5), keys: Float64Array.of(0, -1, 9, 0) };
  expect(trailingShares(rows, asked, [100])).toEqual([Float32Array.of(Number.NaN, Number.NaN, Number.NaN, 0)]);
});

test("nothing asked and no rows", () => {
  const none = new Float64Array(0);
  const one = { times: Float64Array.of(1), keys: Float64Array.of(0) };
  expect(trailingShares({ times: none, keys: none, hits: none }, one, [5])).toEqual([Float32Array.of(Number.NaN)]);
  expect(trailingShares({ ...one, hits: Float64Array.of(1) }, { times: none, keys: none }, [5])).toEqual([
    new Float32Array(0),
  ]);
});
