import { describe, expect, it } from "vitest";
import { mergeProfiles, profileNumeric, quantileEdges } from "./build-profile.ts";
import { calibrateLimit } from "./calibrate-limit.ts";
import { jensenShannonDistance } from "./jensen-shannon.ts";
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
      const { limit } = calibrateLimit(blocks, populationStabilityIndex, 0.95, { multiple: 1 });
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
  it("compares a block with the others only: including it would make the limit too tight", () => {
    const blocks = Array.from({ length: 4 }, () => block(200));
    const whole = blocks.reduce((a, b) => mergeProfiles(a, b));
    const { distances } = calibrateLimit(blocks, jensenShannonDistance);
    distances.forEach((distance, i) => {
      const others = blocks.filter((_, j) => j !== i).reduce((a, b) => mergeProfiles(a, b));
      expect(distance).toBeCloseTo(jensenShannonDistance(others, blocks[i] as ColumnProfile), 12);
      expect(distance).toBeGreaterThan(jensenShannonDistance(whole, blocks[i] as ColumnProfile));
    });
  });
  it("tells the level it can reach, and takes the order statistic, multiple and floor as documented", () => {
    const values = [0.03, 0.01, 0.05, 0.02, 0.04];
    let call = 0;
    const next = () => values[call++ % 5] as number;
    const blocks = Array.from({ length: 5 }, () => block(10));
    expect(calibrateLimit(blocks, next, 0.5)).toMatchObject({ limit: 0.03 * 1.5, level: 0.5, floored: false });
    expect(calibrateLimit(blocks, next, 0.95, { multiple: 2 })).toMatchObject({ limit: 0.1, level: 5 / 6 });
    expect(calibrateLimit(blocks, next, 0.95, { floor: 0.2 })).toMatchObject({ limit: 0.2, floored: true });
  });
  it("refuses what cannot be calibrated", () => {
    expect(() => calibrateLimit([block(9), block(9)], jensenShannonDistance)).toThrow(/at least 3/);
    const blocks = Array.from({ length: 3 }, () => block(9));
    expect(() => calibrateLimit(blocks, jensenShannonDistance, 1)).toThrow(/quantile/);
    expect(() => calibrateLimit(blocks, jensenShannonDistance, 0.9, { multiple: 0 })).toThrow(/multiple/);
  });
});
