import { logTUp, tMixtureBound } from "./t-mixture.ts";

/** One matured event day of a paired comparison: both models scored the same rows. */
export interface PairedDay {
  /** Mean over the day's rows of (candidate's loss − champion's loss); below 0, the candidate is better. */
  meanDifference: number;
  /** Rows behind the mean, at least 1. */
  rows: number;
}

export interface PairedDayOptions {
  /** Largest mean loss difference that still counts as "not worse". */
  margin: number;
  /** Mean loss difference above which the candidate does harm. Default 0. */
  marginHarm?: number;
  /** Probability of ever reaching a wrong verdict, over all looks. Default 0.05. */
  alpha?: number;
  /** No verdict on fewer days than this. Default 7, a whole week. */
  minDays?: number;
  /**
   * Consecutive days averaged to one observation for the non-inferiority verdict, against autocorrelation and skew; a rest
   * waits for its days. Default 2: measured on real traffic, single days let a worse candidate pass up to three times too often.
   */
  blockDays?: number;
  /** The same for the harm verdict. Default 1: a false alarm costs less here than a slow one. */
  blockDaysHarm?: number;
  /** Variance of the mixture over effect sizes (mean / standard deviation); fixed beforehand. Default 1. */
  mixtureVariance?: number;
}

export interface PairedDayResult {
  days: number;
  rows: number;
  /** Independent observations behind each verdict: complete blocks of days. */
  observations: { nonInferior: number; harm: number };
  /** Unweighted mean of the days; null without any. */
  mean: number | null;
  /** Standard deviation of the days; null below two. */
  sd: number | null;
  /** Anytime-valid one-sided bounds, each at `alphaEach` and from its verdict's blocks; null while too few days are in. */
  lower: number | null;
  upper: number | null;
  /** Evidence (e-value, natural logarithm) for mean < margin, and for mean > marginHarm. */
  logENonInferior: number;
  logEHarm: number;
  eNonInferior: number;
  eHarm: number;
  /** Level of each verdict. */
  alphaEach: number;
  verdict: "non_inferior" | "harm" | "collecting";
}

/**
 * Watches a candidate's paired losses day by day and says when enough is known.
 *
 * One observation is one event day (or a block of days): rows of a day share their weather, so counting rows overstates what
 * is known many times over. The evidence is the one-sided anytime-valid t-test of {@link logTUp}: exact for normal,
 * independent observations of unknown variance, from two observations on, and may be looked at every day.
 *
 * `harm` needs evidence against "mean ≤ marginHarm", `non_inferior` against "mean ≥ margin". With marginHarm < margin no true
 * mean makes both wrong, so each has all of alpha; otherwise each has half. Both at once (a small real loss, within the
 * margin) is `non_inferior`: the margin was stated beforehand as acceptable.
 * @throws RangeError naming the field that is out of range.
 */
export function pairedDayTest(days: readonly PairedDay[], options: PairedDayOptions): PairedDayResult {
  const settings = checkOptions(options);
  days.forEach((day, i) => {
    if (!Number.isFinite(day.meanDifference)) throw new RangeError(`day ${i}: meanDifference is ${day.meanDifference}`);
    if (!(day.rows >= 1)) throw new RangeError(`day ${i}: rows is ${day.rows}; leave out days without rows`);
  });
  const { margin, marginHarm, alpha, minDays, mixtureVariance: g } = settings;
  const all = spread(blockMeans(days, 1));
  const slow = spread(blockMeans(days, settings.blockDays));
  const fast = spread(blockMeans(days, settings.blockDaysHarm));
  const alphaEach = marginHarm < margin ? alpha : alpha / 2;
  const logENonInferior = logTUp({ ...slow, mean: margin - slow.mean }, g);
  const logEHarm = logTUp({ ...fast, mean: fast.mean - marginHarm }, g);
  const lowerReach = tMixtureBound(fast, alphaEach, g);
  const upperReach = tMixtureBound(slow, alphaEach, g);
  const needed = days.length >= minDays ? -Math.log(alphaEach) : Number.POSITIVE_INFINITY;
  return {
    days: days.length,
    rows: days.reduce((sum, day) => sum + day.rows, 0),
    observations: { nonInferior: slow.n, harm: fast.n },
    mean: all.n === 0 ? null : all.mean,
    sd: all.n < 2 ? null : Math.sqrt(all.squares / (all.n - 1)),
    lower: lowerReach === null ? null : fast.mean - lowerReach,
    upper: upperReach === null ? null : slow.mean + upperReach,
    logENonInferior,
    logEHarm,
    eNonInferior: Math.min(Number.MAX_VALUE, Math.exp(logENonInferior)),
    eHarm: Math.min(Number.MAX_VALUE, Math.exp(logEHarm)),
    alphaEach,
    verdict: logENonInferior >= needed ? "non_inferior" : logEHarm >= needed ? "harm" : "collecting",
  };
}

function checkOptions(options: PairedDayOptions): Required<PairedDayOptions> {
  const settings = {
    marginHarm: 0,
    alpha: 0.05,
    minDays: 7,
    blockDays: 2,
    blockDaysHarm: 1,
    mixtureVariance: 1,
    ...options,
  };
  for (const name of ["margin", "marginHarm"] as const) {
    if (!Number.isFinite(settings[name]))
      throw new RangeError(`${name} must be a finite loss difference, got ${settings[name]}`);
  }
  if (!(settings.alpha > 0 && settings.alpha < 1))
    throw new RangeError(`alpha must lie between 0 and 1, got ${settings.alpha}`);
  if (!(settings.mixtureVariance > 0))
    throw new RangeError(`mixtureVariance must be above 0, got ${settings.mixtureVariance}`);
  for (const name of ["minDays", "blockDays", "blockDaysHarm"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) {
      throw new RangeError(`${name} must be a whole number of at least 1, got ${settings[name]}`);
    }
  }
  return settings;
}

/** Means of consecutive complete blocks; an incomplete last block waits for its days. */
function blockMeans(days: readonly PairedDay[], blockDays: number): number[] {
  const blocks: number[] = [];
  for (let start = 0; start + blockDays <= days.length; start += blockDays) {
    let sum = 0;
    for (let i = start; i < start + blockDays; i++) sum += (days[i] as PairedDay).meanDifference;
    blocks.push(sum / blockDays);
  }
  return blocks;
}

function spread(values: readonly number[]): { n: number; mean: number; squares: number } {
  const n = values.length;
  if (n === 0) return { n, mean: 0, squares: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { n, mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}
