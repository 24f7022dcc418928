import { type Metric, rowLogLoss } from "./classification.ts";

/**
 * What is kept of a window's matured predictions: add two up and get the metrics of both windows together.
 * Bins are equal-width over [0, 1], bin b = [b/B, (b+1)/B), the last one closed.
 */
export interface ScoreSums {
  n: number;
  positives: number;
  sumProbability: number;
  /** Σ p (1 − p): the variance of Σ y, if the probabilities were right and rows independent. */
  sumVariance: number;
  sumSquaredError: number;
  sumLogLoss: number;
  /** Per bin, length B. */
  bins: { positives: number[]; negatives: number[]; sumProbability: number[] };
}

/** Enough that the binned AUC is within about 0.0005 of the exact one for smooth scores. */
export const DEFAULT_SCORE_BINS = 1000;

export function emptyScoreSums(bins = DEFAULT_SCORE_BINS): ScoreSums {
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`bins must be a whole number of at least 1, got ${bins}`);
  const zeros = () => new Array<number>(bins).fill(0);
  const empty = { n: 0, positives: 0, sumProbability: 0, sumVariance: 0, sumSquaredError: 0, sumLogLoss: 0 };
  return { ...empty, bins: { positives: zeros(), negatives: zeros(), sumProbability: zeros() } };
}

/**
 * Sums over predictions (probabilities of class 1) and their labels in {0, 1}.
 * @throws RangeError naming the first row that is not a probability or not a label.
 */
export function scoreSums(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins = DEFAULT_SCORE_BINS,
): ScoreSums {
  if (probabilities.length !== labels.length) {
    throw new RangeError(`probabilities and labels differ in length: ${probabilities.length} and ${labels.length}`);
  }
  const sums = emptyScoreSums(bins);
  for (let i = 0; i < labels.length; i++) {
    const p = probabilities[i] as number;
    const y = labels[i] as number;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`probability ${i} is ${p}; it must lie in [0, 1]`);
    if (y !== 0 && y !== 1) throw new RangeError(`label ${i} is ${y}; it must be 0 or 1`);
    addScore(sums, p, y);
  }
  return sums;
}

function addScore(sums: ScoreSums, p: number, y: 0 | 1): void {
  sums.n += 1;
  sums.positives += y;
  sums.sumProbability += p;
  sums.sumVariance += p * (1 - p);
  sums.sumSquaredError += (p - y) ** 2;
  sums.sumLogLoss += rowLogLoss(p, y);
  const count = sums.bins.positives.length;
  const bin = Math.min(count - 1, Math.floor(p * count));
  const side = y === 1 ? sums.bins.positives : sums.bins.negatives;
  side[bin] = (side[bin] as number) + 1;
  sums.bins.sumProbability[bin] = (sums.bins.sumProbability[bin] as number) + p;
}

/** @throws RangeError when the numbers of bins differ. */
export function mergeScoreSums(a: ScoreSums, b: ScoreSums): ScoreSums {
  if (a.bins.positives.length !== b.bins.positives.length) {
    throw new RangeError(`score sums have ${a.bins.positives.length} and ${b.bins.positives.length} bins`);
  }
  const add = (x: number[], y: number[]) => x.map((value, i) => value + (y[i] as number));
  return {
    n: a.n + b.n,
    positives: a.positives + b.positives,
    sumProbability: a.sumProbability + b.sumProbability,
    sumVariance: a.sumVariance + b.sumVariance,
    sumSquaredError: a.sumSquaredError + b.sumSquaredError,
    sumLogLoss: a.sumLogLoss + b.sumLogLoss,
    bins: {
      positives: add(a.bins.positives, b.bins.positives),
      negatives: add(a.bins.negatives, b.bins.negatives),
      sumProbability: add(a.bins.sumProbability, b.bins.sumProbability),
    },
  };
}

/** Brier score of the window; null without rows. */
export function brierOfSums(sums: ScoreSums): Metric {
  return metric(sums, sums.n === 0 ? null : sums.sumSquaredError / sums.n);
}

/** Brier skill against a constant base rate, by default the window's own. See `brierSkill`. */
export function brierSkillOfSums(sums: ScoreSums, baseRate?: number): Metric {
  if (sums.n === 0) return metric(sums, null);
  const rate = baseRate ?? sums.positives / sums.n;
  const constant = sums.positives * (1 - rate) ** 2 + (sums.n - sums.positives) * rate ** 2;
  return metric(sums, constant === 0 ? null : 1 - sums.sumSquaredError / constant);
}

/** Log loss of the window in nats; null without rows. */
export function logLossOfSums(sums: ScoreSums): Metric {
  return metric(sums, sums.n === 0 ? null : sums.sumLogLoss / sums.n);
}

/**
 * AUC with scores rounded to bins: pairs that share a bin count half. `maxError` bounds its distance from the exact AUC:
 * half the share of positive–negative pairs that share a bin.
 */
export function aucOfSums(sums: ScoreSums): Metric & { maxError: number | null } {
  const negatives = sums.n - sums.positives;
  const pairs = sums.positives * negatives;
  if (pairs === 0) return { ...metric(sums, null), maxError: null };
  let wins = 0;
  let tied = 0;
  let negativesBelow = 0;
  sums.bins.positives.forEach((positives, i) => {
    const here = sums.bins.negatives[i] as number;
    wins += positives * (negativesBelow + here / 2);
    tied += positives * here;
    negativesBelow += here;
  });
  return { ...metric(sums, wins / pairs), maxError: tied / (2 * pairs) };
}

function metric(sums: ScoreSums, value: number | null): Metric {
  return { value, n: sums.n, positives: sums.positives };
}
