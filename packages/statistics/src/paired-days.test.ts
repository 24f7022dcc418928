import { describe, expect, it } from "vitest";
import { oracle } from "./fixtures/oracle.ts";
import { type PairedDay, pairedDayTest } from "./paired-days.ts";
import { createRandom } from "./random.ts";
import { logTTwoSided, logTUp, tMixtureBound } from "./t-mixture.ts";

function sums(x: readonly number[]) {
  const mean = x.reduce((total, value) => total + value, 0) / x.length;
  return { n: x.length, mean, squares: x.reduce((total, value) => total + (value - mean) ** 2, 0) };
}

function daysOf(values: readonly number[]): PairedDay[] {
  return values.map((meanDifference) => ({ meanDifference, rows: 1500 }));
}

describe("anytime-valid t-test", () => {
  it.each(oracle.tUp)("equals the mixture integrated numerically %#", ({ x, g, logE }) => {
    expect(logTUp(sums(x), g)).toBeCloseTo(logE, 8);
  });
  it("is free of scale, and its two sides average to the two-sided value", () => {
    const s = sums([0.4, -0.2, 0.9, 0.3, 0.1]);
    const scaled = { n: s.n, mean: s.mean * 1e-6, squares: s.squares * 1e-12 };
    expect(logTUp(scaled, 1)).toBeCloseTo(logTUp(s, 1), 10);
    const down = logTUp({ ...s, mean: -s.mean }, 1);
    expect(Math.log((Math.exp(logTUp(s, 1)) + Math.exp(down)) / 2)).toBeCloseTo(logTTwoSided(s, 1), 10);
  });
  it("has a bound exactly where its evidence reaches 1/alpha", () => {
    const s = sums([0.4, -0.2, 0.9, 0.3, 0.1, 0.2, 0.6]);
    for (const alpha of [0.05, 0.01]) {
      const reach = tMixtureBound(s, alpha, 1) as number;
      expect(logTUp({ ...s, mean: reach }, 1)).toBeCloseTo(-Math.log(alpha), 9);
    }
    expect(tMixtureBound(sums([1, 2]), 0.05, 1)).toBeNull();
  });
  it("keeps its digits for thousands of days and for data far from the null", () => {
    expect(Number.isFinite(logTUp({ n: 10_000, mean: 1e9, squares: 1 }, 1))).toBe(true);
    expect(logTUp({ n: 10_000, mean: -1, squares: 1 }, 1)).toBeLessThan(-9);
    expect(Number.isFinite(logTUp({ n: 10_000, mean: -1e9, squares: 1 }, 1))).toBe(true);
  });
});

describe("pairedDayTest", () => {
  const random = createRandom(77);
  const noisy = (mean: number, n: number) => daysOf(Array.from({ length: n }, () => mean + 0.002 * random.normal()));

  it("finds a clear improvement non-inferior and a clear loss harmful, with bounds that agree", () => {
    const better = pairedDayTest(noisy(-0.003, 21), { margin: 0.001 });
    expect(better.verdict).toBe("non_inferior");
    expect(better.upper as number).toBeLessThan(0.001);
    const worse = pairedDayTest(noisy(0.006, 14), { margin: 0.001 });
    expect(worse.verdict).toBe("harm");
    expect(worse.lower as number).toBeGreaterThan(0);
    expect(worse).toMatchObject({
      days: 14,
      observations: { nonInferior: 7, harm: 14 },
      rows: 21_000,
      alphaEach: 0.05,
    });
  });
  it("agrees with its own bounds on every prefix of a stream", () => {
    const days = noisy(0.0005, 60);
    for (let n = 1; n <= days.length; n++) {
      const result = pairedDayTest(days.slice(0, n), { margin: 0.002, minDays: 1 });
      expect(result.upper !== null && result.upper < 0.002).toBe(result.eNonInferior >= 20);
      expect(result.lower !== null && result.lower > 0).toBe(result.eHarm >= 20);
    }
  });
  it("gives no verdict before minDays, and none on few days however clear", () => {
    expect(pairedDayTest(noisy(-0.05, 6), { margin: 0.001 })).toMatchObject({ verdict: "collecting", days: 6 });
    expect(pairedDayTest([], { margin: 0.001 })).toMatchObject({
      verdict: "collecting",
      mean: null,
      lower: null,
      eHarm: 1,
    });
    expect(pairedDayTest(noisy(-0.05, 1), { margin: 0.001, minDays: 1 })).toMatchObject({
      verdict: "collecting",
      sd: null,
    });
  });
  it("finds identical models non-inferior, with finite evidence", () => {
    const same = pairedDayTest(daysOf(new Array(10).fill(0)), { margin: 0.001 });
    expect(same).toMatchObject({ verdict: "non_inferior", mean: 0, lower: 0, upper: 0 });
    expect(Number.isFinite(same.eNonInferior)).toBe(true);
  });
  it("splits alpha only where one true mean could make both verdicts wrong", () => {
    const days = noisy(0, 10);
    expect(pairedDayTest(days, { margin: 0.001 }).alphaEach).toBe(0.05);
    expect(pairedDayTest(days, { margin: 0 }).alphaEach).toBe(0.025);
    expect(pairedDayTest(days, { margin: -0.001, marginHarm: 0.001 }).alphaEach).toBe(0.025);
  });
  it("groups consecutive days and lets an incomplete block wait", () => {
    const result = pairedDayTest(daysOf([1, 3, 5, 7, 100]), { margin: 0.1, blockDays: 2, blockDaysHarm: 3 });
    expect(result).toMatchObject({ days: 5, observations: { nonInferior: 2, harm: 1 }, mean: 23.2 });
  });
  it("names what is out of range", () => {
    expect(() => pairedDayTest([], { margin: Number.NaN })).toThrow(/margin/);
    expect(() => pairedDayTest([{ meanDifference: 0.1, rows: 0 }], { margin: 0.1 })).toThrow(/day 0: rows/);
    expect(() => pairedDayTest([{ meanDifference: Number.NaN, rows: 3 }], { margin: 0.1 })).toThrow(
      /day 0: meanDifference/,
    );
    expect(() => pairedDayTest([], { margin: 0.1, blockDays: 0 })).toThrow(/blockDays/);
    expect(() => pairedDayTest([], { margin: 0.1, alpha: 0 })).toThrow(/alpha/);
  });
});
