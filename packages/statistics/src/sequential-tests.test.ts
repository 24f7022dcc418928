import { describe, expect, it } from "vitest";
import { absoluteDifference, asymptoticSequence, asymptoticSequenceP, sequenceRho } from "./asymptotic-sequence.ts";
import { oracle } from "./fixtures/oracle.ts";
import { createRandom, xoshiro128 } from "./random.ts";
import { emptyRateRatio, rateRatioLogE, updateRateRatio, WORSE_RATE_RATIOS } from "./rate-ratio.ts";
import { betaBinomialE, logMsprt, logSampleRatioE } from "./sequential-tests.ts";

// Golden values to the ten digits published with the formulas (GrowthBook, Optimizely's ssrm and others).
describe("asymptotic confidence sequence", () => {
  it("has the golden ρ for both sidednesses", () => {
    expect(sequenceRho(0.05, 5000, 2)).toBeCloseTo(0.0398400668, 9);
    expect(sequenceRho(0.05, 5000, 1)).toBeCloseTo(0.0355776885, 9);
  });
  it.each([
    [1000, 0.0336388773, 0.0315242245, 0.1017339089],
    [5000, 0.03035209, 0.0277909424, 0.0549476146],
    [20000, 0.0312711414, 0.0286819654, 0.0729337689],
  ])("has the golden widths and p-value at n=%d", (n, two, one, p) => {
    const difference = { estimate: 0.03, standardError: 0.01, n };
    expect(asymptoticSequence(difference, { alpha: 0.05 }).halfWidth).toBeCloseTo(two, 9);
    expect(asymptoticSequence(difference, { alpha: 0.05, sides: 1 }).halfWidth).toBeCloseTo(one, 9);
    expect(asymptoticSequenceP(difference, { alpha: 0.05 })).toBeCloseTo(p, 9);
  });
  it("excludes a null exactly when its p-value is at most alpha", () => {
    for (const nullValue of [-0.02, 0, 0.01, 0.07]) {
      const difference = { estimate: 0.03, standardError: 0.009, n: 3000 };
      const { lower, upper } = asymptoticSequence(difference, { alpha: 0.05 });
      const p = asymptoticSequenceP(difference, { alpha: 0.05, nullValue });
      expect(p <= 0.05).toBe(nullValue <= lower || nullValue >= upper);
    }
  });
  it("takes standard errors from sums: absolute, relative, ratio", () => {
    const control = { n: 4, sum: 10, sumSquares: 30 };
    const treatment = { n: 3, sum: 9, sumSquares: 35 };
    expect(absoluteDifference(control, treatment)).toMatchObject({ estimate: 0.5, n: 7 });
    expect(absoluteDifference(control, treatment).standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4 + 4 / 3), 12);
  });
  it("names what is out of range", () => {
    expect(() => sequenceRho(0.6, 5000, 1)).toThrow(/alpha must lie between 0 and 0.5/);
    expect(() => absoluteDifference({ n: 1, sum: 1, sumSquares: 1 }, { n: 9, sum: 1, sumSquares: 1 })).toThrow(
      /control needs/,
    );
  });
});

describe("golden e-values", () => {
  it("mSPRT", () => {
    expect(logMsprt(0.02, 0.18, 5000, 1e-4)).toBeCloseTo(3.4203993466, 9);
  });
  it("conditional beta-binomial", () => {
    const rare = betaBinomialE({ treatment: 9, control: 31, share: 0.05 });
    expect(rare.logE).toBeCloseTo(4.3298641321, 9);
    expect(rare.logEUp).toBeCloseTo(5.3037929074, 9);
    expect(betaBinomialE({ treatment: 30, control: 10, share: 0.5, prior: [1, 1] }).logE).toBeCloseTo(3.4543243628, 9);
  });
  it("rate ratio, in one block or many", () => {
    const once = updateRateRatio(emptyRateRatio(), { share: 0.05, treatmentEvents: 9, controlEvents: 31 });
    expect(rateRatioLogE(once)).toBeCloseTo(5.7540431394, 9);
    let state = emptyRateRatio();
    for (const [treatmentEvents, controlEvents] of [
      [4, 0],
      [0, 31],
      [5, 0],
    ] as const) {
      state = updateRateRatio(state, { share: 0.05, treatmentEvents, controlEvents });
    }
    expect(rateRatioLogE(state)).toBeCloseTo(5.7540431394, 9);
    expect(state).toHaveLength(WORSE_RATE_RATIOS.length);
  });
  it("sequential sample ratio", () => {
    expect(logSampleRatioE([5200, 4800], [0.5, 0.5], { parameters: [1, 1] })).toBeCloseTo(3.6218802842, 9);
    expect(logSampleRatioE([5200, 4800], [0.5, 0.5], { parameters: [50, 50] })).toBeCloseTo(5.6136134114, 9);
    expect(logSampleRatioE([0, 0], [0.9, 0.1])).toBeCloseTo(0, 9);
  });
  it("stay finite far from the null", () => {
    expect(betaBinomialE({ treatment: 0, control: 100_000, share: 0.5 }).logEUp).toBeGreaterThan(-1e6);
    const state = updateRateRatio(emptyRateRatio(), { share: 0.5, treatmentEvents: 1e6, controlEvents: 0 });
    expect(Number.isFinite(rateRatioLogE(state))).toBe(true);
    expect(logSampleRatioE([1e7, 0], [0.5, 0.5])).toBeGreaterThan(1e6);
  });
  it("refuse shares and counts that are none", () => {
    expect(() => updateRateRatio(emptyRateRatio(), { share: 1, treatmentEvents: 1, controlEvents: 1 })).toThrow(
      /share/,
    );
    expect(() => updateRateRatio([0], { share: 0.5, treatmentEvents: 1, controlEvents: 1 })).toThrow(/1 numbers for 7/);
    expect(() => betaBinomialE({ treatment: -1, control: 1, share: 0.5 })).toThrow(/negative/);
    expect(() => logSampleRatioE([1, 2], [0.5, 0.6])).toThrow(/add up to 1/);
    expect(() => logMsprt(0.1, 0, 10, 1)).toThrow(/variance/);
  });
});

describe("createRandom", () => {
  it("runs the published xoshiro128**", () => {
    const next = xoshiro128(1, 2, 3, 4);
    expect(oracle.xoshiro.map(() => next())).toEqual(oracle.xoshiro);
  });
  it("repeats itself for equal seeds and differs for others", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).uniform);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
  it("has the moments it should", () => {
    const random = createRandom(42);
    const n = 200_000;
    const moments = (draw: () => number) => {
      let [sum, squares] = [0, 0];
      for (let i = 0; i < n; i++) {
        const x = draw();
        sum += x;
        squares += x * x;
      }
      return [sum / n, squares / n - (sum / n) ** 2] as const;
    };
    const [uniformMean, uniformVariance] = moments(random.uniform);
    expect(Math.abs(uniformMean - 0.5)).toBeLessThan(0.003);
    expect(Math.abs(uniformVariance - 1 / 12)).toBeLessThan(0.001);
    const [normalMean, normalVariance] = moments(random.normal);
    expect(Math.abs(normalMean)).toBeLessThan(0.01);
    expect(Math.abs(normalVariance - 1)).toBeLessThan(0.015);
    for (const p of [0.03, 0.8]) {
      const [mean, variance] = moments(() => random.binomial(50, p));
      expect(Math.abs(mean - 50 * p)).toBeLessThan(0.04);
      expect(Math.abs(variance / (50 * p * (1 - p)) - 1)).toBeLessThan(0.02);
    }
  });
});
