import { DAY_MS, type EpochMs, HOUR_MS } from "@ballast/core";
import { cellOf, quantileEdges } from "@ballast/statistics";

interface OnsetInput {
  /** Event times, ascending, epoch ms, and the values that came with them; NaN for none. */
  t: ArrayLike<EpochMs>;
  values: ArrayLike<number>;
  /** The column's reference in the declared unit, ascending. */
  reference: Float64Array;
  /** Arriving value × factor + offset gives the declared unit. */
  factor: number;
  offset: number;
}

interface Onset {
  /** First event time from which rows fit the converted reference. */
  from: EpochMs;
  /** Index of the first such row. */
  index: number;
  /** Rows with a value from there on. */
  rows: number;
  /** Log-likelihood gained by "changed here" over "never changed", nats. */
  gain: number;
}

const QUANTILES = 29;
const LEAST_REFERENCE = 20;

/**
 * Where a change of unit began: the row from which the rest of the rows is best explained by the converted reference and all
 * before by the reference itself (maximum-likelihood change point, one pass). Each row speaks through two features: the cell it
 * falls in, cells being quantiles of both references, and whether it is a whole number, for rounding is a fingerprint that a
 * conversion destroys. The rows themselves place the moment only to within a likelihood interval (candidates at most 2 nats worse than the
 * best): senders change at round moments, so a midnight in that interval is taken before a whole hour, and that before the best row's own time.
 * null when no row is better explained by a change, or the reference has fewer than 20 values.
 */
export function locateOnset(input: OnsetInput): Onset | null {
  const { t, values, reference, factor, offset } = input;
  if (reference.length < LEAST_REFERENCE) return null;
  const evidence = rowEvidence(values, reference, factor, offset);
  let sum = 0;
  let gain = 0;
  let best = -1;
  const gains = new Float64Array(values.length).fill(Number.NEGATIVE_INFINITY);
  for (let i = values.length - 1; i >= 0; i--) {
    if (!Number.isFinite(values[i])) continue;
    sum += evidence(values[i] as number);
    gains[i] = sum;
    if (sum >= gain) [gain, best] = [sum, i];
  }
  if (best < 0 || gain <= 0) return null;
  const { index, from } = roundestMoment(t, gains, best);
  let rows = 0;
  for (let i = index; i < values.length; i++) if (Number.isFinite(values[i])) rows++;
  return { from, index, rows, gain: gains[index] as number };
}

/** Log-likelihood a moment may fall short of the best and still be as good a statement: the 95 % interval of one parameter, nats. */
const AS_GOOD = 2;

/** The roundest moment at which a row as good as the best one starts; among equals the likeliest. */
function roundestMoment(t: ArrayLike<EpochMs>, gains: Float64Array, best: number): { index: number; from: EpochMs } {
  for (const unit of [DAY_MS, HOUR_MS]) {
    let found: { index: number; from: EpochMs } | null = null;
    for (let i = 0; i < gains.length; i++) {
      if ((gains[i] as number) < (gains[best] as number) - AS_GOOD) continue;
      const moment = Math.floor((t[i] as number) / unit) * unit;
      const passed = i > 0 ? moment > (t[i - 1] as number) : moment === t[i];
      if (passed && (found === null || (gains[i] as number) > (gains[found.index] as number)))
        found = { index: i, from: moment };
    }
    if (found !== null) return found;
  }
  return { index: best, from: t[best] as number };
}

/** ln P(value | changed) − ln P(value | not changed). */
function rowEvidence(values: ArrayLike<number>, reference: Float64Array, factor: number, offset: number) {
  const changed = reference.map((value) => (value - offset) / factor).sort();
  const edges = [...new Set([...quantileEdges(reference, QUANTILES), ...quantileEdges(changed, QUANTILES)])].sort(
    (a, b) => a - b,
  );
  const [p, q] = [cellShares(reference, edges), cellShares(changed, edges)];
  const cell = p.map((share, i) => Math.log((q[i] as number) / share));
  const before = wholeShare(reference, 0);
  // What rounding the sender does after the change is not known from the reference: read it off the newest rows.
  const after = wholeShare(values, Math.floor(values.length * 0.75));
  const whole = Math.log(after / before);
  const broken = Math.log((1 - after) / (1 - before));
  return (value: number) => (cell[cellOf(edges, value)] as number) + (Number.isInteger(value) ? whole : broken);
}

/** Share of values per cell, one pseudo-value each, so that a cell never seen has finite weight. */
function cellShares(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(1);
  for (const value of values) {
    const cell = cellOf(edges, value);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return counts.map((count) => count / (values.length + counts.length));
}

function wholeShare(values: ArrayLike<number>, from: number): number {
  let [n, whole] = [0, 0];
  for (let i = from; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    n++;
    if (Number.isInteger(values[i])) whole++;
  }
  return (whole + 1) / (n + 2);
}
