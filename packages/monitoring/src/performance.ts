import { brierScore, brierSkill, calibrationGap, reliabilityBins, rocAuc, scoreSums } from "@ballast/statistics";

/** How a version did on one matured day; NaN where the rows cannot define a figure (AUC of one class). */
export interface DayPerformance {
  n: number;
  auc: number;
  brier: number;
  brierSkill: number;
  meanPrediction: number;
  meanOutcome: number;
  reliability: { p: number; y: number; n: number }[];
}

const RELIABILITY_BINS = 10;

/**
 * Performance of a binary classifier on labelled rows. `p` are probabilities, `y` labels; rows whose label is neither 0 nor 1, or
 * whose prediction is no probability, are left out. null when none is left.
 */
export function dayPerformance(p: ArrayLike<number>, y: ArrayLike<number>): DayPerformance | null {
  const [scores, labels]: [number[], number[]] = [[], []];
  for (let i = 0; i < y.length; i++) {
    const [score, label] = [p[i] as number, y[i] as number];
    if (!(score >= 0 && score <= 1) || (label !== 0 && label !== 1)) continue;
    scores.push(score);
    labels.push(label);
  }
  if (labels.length === 0) return null;
  const sums = scoreSums(scores, labels, RELIABILITY_BINS);
  const gap = calibrationGap(sums);
  return {
    n: labels.length,
    auc: rocAuc(scores, labels).value ?? Number.NaN,
    brier: brierScore(scores, labels).value ?? Number.NaN,
    brierSkill: brierSkill(scores, labels).value ?? Number.NaN,
    meanPrediction: gap.meanPredicted ?? Number.NaN,
    meanOutcome: gap.observed ?? Number.NaN,
    reliability: reliabilityBins(sums, RELIABILITY_BINS).flatMap(({ n, meanPredicted, observed }) =>
      meanPredicted === null || observed === null ? [] : [{ p: meanPredicted, y: observed, n }],
    ),
  };
}
