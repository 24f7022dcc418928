import { describe, expect, it } from "vitest";
import { mergeProfiles, profileNumeric, quantileEdges } from "./build-profile.ts";
import { calibrateLimit, LEAST_BLOCKS, leaveOneOut, limitAt, type SizedLimit } from "./calibrate-limit.ts";
import type { ColumnProfile } from "./profile.ts";
import { populationStabilityIndex } from "./psi.ts";
import { createRandom } from "./random.ts";

const random = createRandom(31);
const draw = (n: number, shift = 0) => Float64Array.from({ length: n }, () => shift + random.normal());
const edges = quantileEdges(draw(5000), 9);
const block = (n: number, shift = 0): ColumnProfile => profileNumeric(draw(n, shift), edges);

describe("calibrateLimit", () => {
  it("lets through blocks like the reference's at about the stated rate, and stops shifted ones", () => {
    let [passed, caught, judged] = [0, 0, 0];
    for (let round = 0; round < 40; round++) {
      const blocks = Array.from({ length: 30 }, () => block(300));
      const reference = blocks.reduce((a, b) => mergeProfiles(a, b));
      const others = leaveOneOut(blocks);
      const distances = blocks.map((one, i) => populationStabilityIndex(others[i] as ColumnProfile, one));
      const limit = calibrateLimit(distances, 0.95, 1)?.limit ?? Number.NaN;
      for (let i = 0; i < 25; i++) {
        judged++;
        if (populationStabilityIndex(reference, block(300)) <= limit) passed++;
        if (populationStabilityIndex(reference, block(300, 0.5)) > limit) caught++;
      }
    }
    expect(passed / judged).toBeGreaterThan(0.93);
    expect(passed / judged).toBeLessThan(0.985);
    expect(caught / judged).toBeGreaterThan(0.99);
  });
  it("31 days: the largest distance times 1.5; a distance that is no number is no block", () => {
    const distances = Array.from({ length: 31 }, (_, i) => (i + 1) / 100);
    expect(calibrateLimit([...distances, Number.NaN])).toEqual({
      ...{ limit: expect.closeTo(0.465, 12), blocks: 31, level: 0.95, largest: 0.31, median: 0.16 },
    });
  });
  it("with many blocks it is an inner order statistic, so one odd day does not set the limit", () => {
    const distances = Array.from({ length: 100 }, (_, i) => i / 100);
    distances[99] = 50;
    expect(calibrateLimit(distances)?.limit).toBeCloseTo(1.5 * 0.95, 12);
  });
  it("tells the level it can reach, and takes the order statistic and the multiple as documented", () => {
    const distances = [0.03, 0.01, 0.05, 0.02, 0.04];
    expect(calibrateLimit(distances, 0.5)).toMatchObject({ limit: 0.03 * 1.5, level: 0.5 });
    expect(calibrateLimit(distances, 0.95, 2)).toMatchObject({ limit: 0.1, level: 5 / 6 });
  });
  it("gives no limit for too few blocks, and refuses options out of range", () => {
    expect(calibrateLimit(new Array(LEAST_BLOCKS - 1).fill(0.1))).toBeNull();
    expect(() => calibrateLimit([0.1], 1)).toThrow(/quantile/);
    expect(() => calibrateLimit([0.1], 0.9, 0)).toThrow(/multiple/);
  });
});

describe("leaveOneOut", () => {
  it("merges the others of each block, and only them", () => {
    const blocks = Array.from({ length: 4 }, () => block(200));
    const others = leaveOneOut(blocks);
    blocks.forEach((_, i) => {
      const { sum, sumSquares, ...wanted } = blocks
        .filter((_, j) => j !== i)
        .reduce((a, b) => mergeProfiles(a, b)) as never as Record<string, number>;
      expect(others[i]).toMatchObject({ ...wanted, n: 600 });
    });
    expect(leaveOneOut(blocks.slice(0, 1))).toEqual([]);
  });
});

describe("limitAt", () => {
  const sized = (...pairs: [rows: number, limit: number][]): SizedLimit[] =>
    pairs.map(([rows, limit]) => ({ rows, limit, blocks: 31, level: 0.95, largest: limit, median: limit }));
  const falling = sized([100, 0.4], [400, 0.2], [1_600, 0.1]);
  it("is the limit of a size at that size, a power of the rows between two, and none below the smallest", () => {
    expect([100, 400, 1_600].map((rows) => limitAt(falling, rows))).toEqual([0.4, 0.2, 0.1]);
    expect(limitAt(falling, 200)).toBeCloseTo(0.4 / Math.SQRT2, 12);
    expect(limitAt(falling, 99)).toBeNull();
    expect(limitAt([], 1_000)).toBeNull();
  });
  it("is never under the truth where spread and chance add up: the square of a distance is a + b / rows", () => {
    const truth = (rows: number) => Math.sqrt(0.01 + 4 / rows);
    const limits = sized(...[100, 300, 1_000, 2_000].map((rows): [number, number] => [rows, truth(rows)]));
    for (let rows = 100; rows <= 2_000; rows += 10) {
      const ratio = (limitAt(limits, rows) ?? 0) / truth(rows);
      expect(ratio).toBeGreaterThan(1 - 1e-12);
      expect(ratio).toBeLessThan(1.05);
    }
  });
  it("above the largest stays for a distance, and goes on growing for a sum over rows", () => {
    expect(limitAt(falling, 1e6)).toBe(0.1);
    const sum = sized([100, 20], [1_000, 110], [2_000, 210]);
    expect(limitAt(sum, 10_000)).toBeCloseTo(1_010, 9);
    expect(limitAt(sized([30, 5], [1_000, 40], [2_000, 39]), 10_000)).toBe(39);
    expect(limitAt(sized([30, 0.4], [1_000, 0.05], [2_000, 0.06]), 10_000)).toBe(0.06);
  });
  it("holds one limit of no size for every window, and takes the larger where one of two is nothing", () => {
    expect([0, 1, 50, 1e6].map((rows) => limitAt(sized([0, 0.3]), rows))).toEqual([0.3, 0.3, 0.3, 0.3]);
    expect(limitAt(sized([100, 0], [1_000, 0.2]), 500)).toBe(0.2);
  });
});
