import { describe, expect, it } from "vitest";
import {
  calibrationGap,
  calibrationOverDays,
  expectedCalibrationError,
  reliabilityBins,
  wilsonInterval,
} from "./calibration.ts";
import { brierScore, brierSkill, logLoss, rocAuc } from "./classification.ts";
import { oracle, relativeError } from "./fixtures/oracle.ts";
import { createRandom } from "./random.ts";
import {
  aucOfSums,
  brierOfSums,
  brierSkillOfSums,
  emptyScoreSums,
  logLossOfSums,
  mergeScoreSums,
  scoreSums,
} from "./score-sums.ts";

describe("classification metrics against scikit-learn", () => {
  it.each(oracle.scored)("rows %#", ({ p, y, auc, brier, logLoss: loss, skill, z, pValue, interval, ece }) => {
    const positives = y.reduce((sum, label) => sum + label, 0);
    expect(rocAuc(p, y)).toMatchObject({ n: y.length, positives });
    expect(relativeError(rocAuc(p, y).value as number, auc)).toBeLessThan(1e-12);
    expect(relativeError(brierScore(p, y).value as number, brier)).toBeLessThan(1e-12);
    expect(relativeError(logLoss(p, y).value as number, loss)).toBeLessThan(1e-12);
    expect(relativeError(brierSkill(p, y).value as number, skill)).toBeLessThan(1e-10);
    const sums = scoreSums(p, y);
    expect(relativeError(brierOfSums(sums).value as number, brier)).toBeLessThan(1e-10);
    expect(relativeError(brierSkillOfSums(sums).value as number, skill)).toBeLessThan(1e-10);
    expect(relativeError(logLossOfSums(sums).value as number, loss)).toBeLessThan(1e-10);
    const gap = calibrationGap(sums);
    expect(relativeError(gap.z as number, z)).toBeLessThan(1e-9);
    expect(relativeError(gap.pValue as number, pValue)).toBeLessThan(1e-9);
    expect(Math.abs((gap.interval?.[0] as number) - interval[0])).toBeLessThan(1e-12);
    expect(Math.abs((gap.interval?.[1] as number) - interval[1])).toBeLessThan(1e-12);
    if (ece !== null) expect(relativeError(expectedCalibrationError(sums).value as number, ece)).toBeLessThan(1e-9);
  });
  it("bounds the error of the binned AUC", () => {
    for (const { p, y, auc } of oracle.scored) {
      for (const bins of [10, 100, 1000]) {
        const binned = aucOfSums(scoreSums(p, y, bins));
        expect(Math.abs((binned.value as number) - auc)).toBeLessThanOrEqual((binned.maxError as number) + 1e-12);
      }
    }
  });
  it("has no AUC for one class and no metric without rows, and never pretends", () => {
    expect(rocAuc([0.2, 0.3], [1, 1])).toEqual({ value: null, n: 2, positives: 2 });
    expect(brierScore([], [])).toEqual({ value: null, n: 0, positives: 0 });
    expect(brierSkill([0.5], [1]).value).toBeNull();
    expect(aucOfSums(emptyScoreSums())).toMatchObject({ value: null, maxError: null });
    expect(calibrationGap(emptyScoreSums())).toMatchObject({ gap: null, z: null, n: 0 });
    expect(expectedCalibrationError(emptyScoreSums()).value).toBeNull();
  });
  it("keeps a certain and wrong prediction finite", () => {
    expect(logLoss([0, 1], [1, 0]).value).toBeCloseTo(-Math.log(2 ** -52), 10);
    expect(calibrationGap(scoreSums([0, 1], [0, 1]))).toMatchObject({ gap: 0, z: null });
  });
  it("names the row that is not a probability or a label", () => {
    expect(() => brierScore([0.1, 1.2], [0, 1])).toThrow(/score 1 is 1.2/);
    expect(() => rocAuc([0.1, Number.NaN], [0, 1])).toThrow(/score 1/);
    expect(() => scoreSums([0.1], [2])).toThrow(/label 0 is 2/);
    expect(() => scoreSums([0.1], [])).toThrow(/differ in length/);
  });
});

describe("score sums", () => {
  it("of two windows add up to those of both, for any split", () => {
    const random = createRandom(3);
    const p = Array.from({ length: 400 }, () => random.uniform());
    const y = p.map((value) => (random.uniform() < value ? 1 : 0));
    const whole = scoreSums(p, y, 50);
    for (const cut of [0, 1, 137, 400]) {
      const merged = mergeScoreSums(
        scoreSums(p.slice(0, cut), y.slice(0, cut), 50),
        scoreSums(p.slice(cut), y.slice(cut), 50),
      );
      expect(merged.n).toBe(whole.n);
      expect(merged.bins.positives).toEqual(whole.bins.positives);
      expect(aucOfSums(merged)).toEqual(aucOfSums(whole));
      expect(merged.sumSquaredError).toBeCloseTo(whole.sumSquaredError, 10);
    }
    expect(() => mergeScoreSums(whole, emptyScoreSums(10))).toThrow(/50 and 10 bins/);
  });
});

describe("calibration", () => {
  it("bins predictions and bounds what was observed, as scipy's Wilson interval", () => {
    const bins = reliabilityBins(scoreSums([0.05, 0.05, 0.95, 1], [0, 1, 1, 1]), 10);
    expect(bins[0]).toMatchObject({ from: 0, to: 0.1, n: 2, positives: 1, observed: 0.5 });
    expect(bins[5]).toMatchObject({ n: 0, observed: null, interval: null });
    expect(bins[9]).toMatchObject({ n: 2, positives: 2 });
    const [k, n, confidence, low, high] = oracle.wilson;
    expect(wilsonInterval(k, n, confidence)[0]).toBeCloseTo(low, 12);
    expect(wilsonInterval(k, n, confidence)[1]).toBeCloseTo(high, 12);
    expect(() => reliabilityBins(emptyScoreSums(1000), 7)).toThrow(/divide/);
  });
  it("over days keeps its level where days share a cause and rows do not show it", () => {
    const random = createRandom(5);
    let rowAlarms = 0;
    let dayAlarms = 0;
    for (let round = 0; round < 300; round++) {
      const days = Array.from({ length: 15 }, () => {
        const rate = Math.min(0.9, Math.max(0.02, 0.2 + 0.06 * random.normal()));
        return scoreSums(
          new Float64Array(200).fill(0.2),
          Float64Array.from({ length: 200 }, () => (random.uniform() < rate ? 1 : 0)),
          10,
        );
      });
      const rows = calibrationGap(days.reduce(mergeScoreSums));
      const byDay = calibrationOverDays(days).interval as [number, number];
      if ((rows.pValue as number) < 0.05) rowAlarms++;
      if (byDay[0] > 0 || byDay[1] < 0) dayAlarms++;
    }
    expect(rowAlarms / 300).toBeGreaterThan(0.25);
    expect(dayAlarms / 300).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 300));
  });
});
