import { requireSameEdges } from "./build-profile.ts";
import type { NumericProfile } from "./profile.ts";
import type { RobustScale, WassersteinPerIqr } from "./wasserstein.ts";

/**
 * W1 / IQR(reference) from two profiles over the same edges, with the mass of each cell spread evenly over it.
 *
 * The open outer cells end at the extremes seen, but no further than one IQR from the outer edge, so that an outlier
 * cannot stretch them. Close to the exact value while the mass stays within the edges; once much of it has left them
 * the result is too small (but still large). 0 when either side has no values.
 * @throws RangeError when the edges differ.
 */
export function wassersteinPerIqrOfProfiles(reference: NumericProfile, current: NumericProfile): WassersteinPerIqr {
  requireSameEdges(reference, current);
  const n = { reference: reference.n, current: current.n };
  const clipped = { reference: 0, current: 0 };
  if (reference.n === 0 || current.n === 0) return { value: 0, scale: { value: 1, basis: "unit" }, clipped, n };
  const f = cumulativeShares(reference);
  const g = cumulativeShares(current);
  const knots = cellKnots(reference, current, f);
  const scale = scaleOf(reference, knots, f);
  let total = 0;
  for (let i = 1; i < knots.length; i++) {
    const width = (knots[i] as number) - (knots[i - 1] as number);
    const left = (f[i - 1] as number) - (g[i - 1] as number);
    const right = (f[i] as number) - (g[i] as number);
    total += width * meanAbsolute(left, right);
  }
  return { value: total / scale.value, scale, clipped, n };
}

/** Mean of |x| as x runs evenly from a to b. */
function meanAbsolute(a: number, b: number): number {
  if (a * b >= 0) return Math.abs(a + b) / 2;
  return (a * a + b * b) / (2 * Math.abs(a - b));
}

/** Shares of the non-null values up to each knot: 0, after the first cell, …, 1. */
export function cumulativeShares(profile: NumericProfile): number[] {
  const shares = [0];
  let sum = 0;
  for (const count of profile.counts) {
    sum += count;
    shares.push(sum / profile.n);
  }
  return shares;
}

/** The inner edges with a finite end put on either side: one knot for each entry of {@link cumulativeShares}. */
function cellKnots(reference: NumericProfile, current: NumericProfile, shares: readonly number[]): number[] {
  const { edges } = reference;
  const lowest = Math.min(reference.min ?? 0, current.min ?? 0);
  const highest = Math.max(reference.max ?? 0, current.max ?? 0);
  const first = edges[0];
  const last = edges.at(-1);
  if (first === undefined || last === undefined) return [lowest, highest];
  const inner = shares.slice(1, -1);
  const iqr = positionOf(edges, inner, 0.75) - positionOf(edges, inner, 0.25);
  // A constant column has two edges, a hair apart: nothing of its own to measure a reach by.
  const reach = iqr > 0 && edges.length > 2 ? iqr : edges.length > 2 ? last - first : Number.POSITIVE_INFINITY;
  const low = Math.min(first, Math.max(lowest, first - reach));
  const high = Math.max(last, Math.min(highest, last + reach));
  return [low, ...edges, high];
}

/** Where the piecewise linear distribution function through (knots, shares) reaches p; the nearest end beyond them. */
function positionOf(knots: readonly number[], shares: readonly number[], p: number): number {
  const at = shares.findIndex((share) => share >= p);
  if (at === 0) return knots[0] as number;
  if (at < 0) return knots.at(-1) as number;
  const below = shares[at - 1] as number;
  const from = knots[at - 1] as number;
  return from + (((knots[at] as number) - from) * (p - below)) / ((shares[at] as number) - below);
}

function scaleOf(reference: NumericProfile, knots: readonly number[], shares: readonly number[]): RobustScale {
  const iqr = positionOf(knots, shares, 0.75) - positionOf(knots, shares, 0.25);
  if (iqr > 0 && reference.min !== reference.max) return { value: iqr, basis: "iqr" };
  const range = (reference.max ?? 0) - (reference.min ?? 0);
  if (range > 0) return { value: range, basis: "range" };
  const magnitude = Math.abs(reference.min ?? 0);
  return magnitude > 0 ? { value: magnitude, basis: "magnitude" } : { value: 1, basis: "unit" };
}
