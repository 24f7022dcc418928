import { normalQuantile, normalTwoSidedP } from "./normal.ts";
import type { ScoreSums } from "./score-sums.ts";
import { studentTQuantile } from "./student-t.ts";

/** Calibration in the large: what the model said on average, and what happened. */
export interface CalibrationGap {
  meanPredicted: number | null;
  observed: number | null;
  /** observed − meanPredicted: above 0, the model says too little. */
  gap: number | null;
  /** Two-sided interval of the gap. */
  interval: [number, number] | null;
  /** gap / its standard error. */
  z: number | null;
  pValue: number | null;
  n: number;
}

/**
 * Gap between observed and mean predicted rate. The standard error √Σp(1−p) / n supposes that the probabilities are right
 * (the null hypothesis) and that **rows are independent**. Real traffic is clustered: judge many days with
 * {@link calibrationOverDays}. z² is the calibration-in-the-large score test (Cox 1958).
 */
export function calibrationGap(sums: ScoreSums, confidence = 0.95): CalibrationGap {
  const { n } = sums;
  if (n === 0) return { meanPredicted: null, observed: null, gap: null, interval: null, z: null, pValue: null, n };
  const meanPredicted = sums.sumProbability / n;
  const observed = sums.positives / n;
  const gap = observed - meanPredicted;
  const error = Math.sqrt(sums.sumVariance) / n;
  if (error === 0) return { meanPredicted, observed, gap, interval: null, z: null, pValue: null, n };
  const reach = normalQuantile(0.5 + confidence / 2) * error;
  const z = gap / error;
  return { meanPredicted, observed, gap, interval: [gap - reach, gap + reach], z, pValue: normalTwoSidedP(z), n };
}

/**
 * The same gap with its uncertainty taken from the spread *between days*, which a shared cause (weather) sets: each day's
 * gap is one observation, and the interval is Student's t with days − 1 degrees of freedom. The gap is the unweighted mean of
 * the days' gaps. Days without rows are left out; null interval below 2 days.
 */
export function calibrationOverDays(
  days: readonly ScoreSums[],
  confidence = 0.95,
): { gap: number | null; interval: [number, number] | null; days: number; n: number } {
  const used = days.filter((day) => day.n > 0);
  const gaps = used.map((day) => (day.positives - day.sumProbability) / day.n);
  const n = used.reduce((sum, day) => sum + day.n, 0);
  if (gaps.length === 0) return { gap: null, interval: null, days: 0, n };
  const gap = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
  if (gaps.length === 1) return { gap, interval: null, days: 1, n };
  const squares = gaps.reduce((sum, value) => sum + (value - gap) ** 2, 0);
  const error = Math.sqrt(squares / (gaps.length - 1) / gaps.length);
  const reach = studentTQuantile(0.5 + confidence / 2, gaps.length - 1) * error;
  return { gap, interval: [gap - reach, gap + reach], days: gaps.length, n };
}

export interface ReliabilityBin {
  /** Bin [from, to) of predicted probability; the last one is closed. */
  from: number;
  to: number;
  n: number;
  positives: number;
  /** null in an empty bin. */
  meanPredicted: number | null;
  observed: number | null;
  /** Wilson interval of the observed rate (independent rows); null in an empty bin. */
  interval: [number, number] | null;
}

/**
 * Reliability diagram: observed rate by predicted probability, in `bins` equal-width bins.
 * @throws RangeError when `bins` does not divide the number of bins kept in the sums.
 */
export function reliabilityBins(sums: ScoreSums, bins = 10, confidence = 0.95): ReliabilityBin[] {
  const fine = sums.bins.positives.length;
  if (!Number.isInteger(bins) || bins < 1 || fine % bins !== 0) {
    throw new RangeError(`bins must divide the ${fine} bins kept, got ${bins}`);
  }
  const width = fine / bins;
  return Array.from({ length: bins }, (_, b) => {
    const total = (values: number[]) => values.slice(b * width, (b + 1) * width).reduce((sum, value) => sum + value, 0);
    const positives = total(sums.bins.positives);
    const n = positives + total(sums.bins.negatives);
    const range = { from: b / bins, to: (b + 1) / bins, n, positives };
    if (n === 0) return { ...range, meanPredicted: null, observed: null, interval: null };
    const meanPredicted = total(sums.bins.sumProbability) / n;
    return { ...range, meanPredicted, observed: positives / n, interval: wilsonInterval(positives, n, confidence) };
  });
}

/** Wilson's score interval for a proportion (JASA 22, 1927); [0, 1] when n = 0. */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): [number, number] {
  if (n === 0) return [0, 1];
  const z = normalQuantile(0.5 + confidence / 2);
  const p = successes / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}

/** Expected calibration error Σ (n_b / n) |observed_b − predicted_b| over equal-width bins; null without rows. */
export function expectedCalibrationError(sums: ScoreSums, bins = 10): { value: number | null; n: number } {
  if (sums.n === 0) return { value: null, n: 0 };
  let total = 0;
  for (const bin of reliabilityBins(sums, bins)) {
    if (bin.observed !== null && bin.meanPredicted !== null)
      total += bin.n * Math.abs(bin.observed - bin.meanPredicted);
  }
  return { value: total / sums.n, n: sums.n };
}
