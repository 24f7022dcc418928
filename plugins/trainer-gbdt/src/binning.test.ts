import { describe, expect, it } from "vitest";
import { binTable, MISSING_BIN } from "./binning.ts";
import { seededRandom } from "./random.ts";

function binColumn(values: ArrayLike<number>, maxBins = 255) {
  const column = Float32Array.from(values);
  const table = binTable([column], column.length, maxBins, 1);
  return { column, bins: table.columns[0] as Uint8Array, upper: table.upper[0] as Float32Array };
}

describe("binTable", () => {
  it("gives each of few distinct values a bin and missing values their own", () => {
    const { bins, upper } = binColumn([3, 1, Number.NaN, 2, 1, 3]);
    expect(Array.from(bins)).toEqual([2, 0, MISSING_BIN, 1, 0, 2]);
    expect(Array.from(upper)).toEqual([1, 2, Number.POSITIVE_INFINITY]);
  });

  it("takes edges from the data, so that `x <= edge` and `bin(x) <= b` are the same question in float32", () => {
    const random = seededRandom(5);
    const { column, bins, upper } = binColumn(Array.from({ length: 5000 }, () => random() ** 3 * 1e-3 + 0.1));
    const values = new Set(column);
    expect(upper.length).toBe(255);
    upper.subarray(0, -1).forEach((edge, b) => {
      expect(values.has(edge)).toBe(true);
      expect(column.every((x, i) => x <= edge === (bins[i] as number) <= b)).toBe(true);
    });
  });

  it("fills bins evenly beside one frequent value", () => {
    const random = seededRandom(6);
    const { bins, upper } = binColumn(
      Array.from({ length: 20_000 }, () => (random() < 0.6 ? 0 : random())),
      32,
    );
    const counts = new Int32Array(upper.length);
    for (const bin of bins) counts[bin] = (counts[bin] as number) + 1;
    const others = counts.subarray(1);
    expect(upper.length).toBe(32);
    expect(Math.max(...others) / Math.min(...others)).toBeLessThan(1.2);
  });

  it("copes with infinities, constants and columns that are missing throughout", () => {
    const infinite = binColumn([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
    expect(Array.from(infinite.bins)).toEqual([0, 1, 2]);
    expect(binColumn([4, 4, 4]).upper.length).toBe(1);
    expect(Array.from(binColumn([Number.NaN, Number.NaN]).bins)).toEqual([MISSING_BIN, MISSING_BIN]);
  });

  it("treats -0 and 0 as one value", () => {
    expect(Array.from(binColumn([-0, 0, 1]).bins)).toEqual([0, 0, 1]);
  });

  it("samples large tables: the same seed gives the same edges, each close to its quantile", () => {
    const random = seededRandom(7);
    const column = Float32Array.from({ length: 300_000 }, random);
    const edges = (seed: number) => binTable([column], column.length, 10, seed).upper[0] as Float32Array;
    expect(edges(1)).toEqual(edges(1));
    expect(edges(1)).not.toEqual(edges(2));
    edges(1)
      .subarray(0, -1)
      .forEach((edge, b) => {
        expect(edge).toBeCloseTo((b + 1) / 10, 2);
      });
  });
});
