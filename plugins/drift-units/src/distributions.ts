import type { DriftInput } from "@ballast/plugin-sdk";
import { type Conversion, cumulativeShares, type NumericProfile, sortedFinite } from "@ballast/plugin-sdk/statistics";

/** Measures how far the current window is from the reference, had the reference been converted. */
export interface Comparison {
  method: "exact" | "binned";
  n: { reference: number; current: number };
  /** sup |F_converted reference − F_current|, in [0, 1]. */
  ksD(conversion: Conversion): number;
  /** Why no verdict can be had from these inputs, if so. */
  blind?: string;
}

export function compare(input: DriftInput, reference: NumericProfile, current: NumericProfile): Comparison {
  const [a, b] = [input.reference.sample, input.current.sample];
  if (a !== undefined && b !== undefined) return exactComparison(sortedFinite(a), sortedFinite(b));
  return binnedComparison(reference, current);
}

/** Every conversion has a factor above 0, so the converted reference is still ascending. */
function exactComparison(a: Float64Array, b: Float64Array): Comparison {
  const n = { reference: a.length, current: b.length };
  return { method: "exact", n, ksD: (conversion) => sortedGap(a, b, conversion) };
}

function sortedGap(a: Float64Array, b: Float64Array, { factor, offset }: Conversion): number {
  // A conversion leaves rounding of the last digits; values that close to one another are the same value.
  const near = 1e-9 * Math.max(Math.abs(b[0] ?? 0), Math.abs(b.at(-1) ?? 0));
  let [i, j, d] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min((a[i] as number) * factor + offset, b[j] as number) + near;
    while (i < a.length && (a[i] as number) * factor + offset <= x) i++;
    while (j < b.length && (b[j] as number) <= x) j++;
    d = Math.max(d, Math.abs(i / a.length - j / b.length));
  }
  return d;
}

/** Above this share of the window in one cell, the bins cannot tell one conversion from another. */
const LARGEST_CELL = 0.5;

/**
 * From profiles: the current distribution is known at the bin edges; the reference's is taken as linear inside its bins. Wrong
 * by up to a bin's share, and blind where the conversion carried most of the window past the last edge.
 */
function binnedComparison(reference: NumericProfile, current: NumericProfile): Comparison {
  const n = { reference: reference.n, current: current.n };
  if (n.reference === 0 || n.current === 0) return { method: "binned", n, ksD: () => 0 };
  const { edges } = current;
  const known = cumulativeShares(current).slice(1, -1);
  const knots = [reference.min ?? 0, ...reference.edges, reference.max ?? 0];
  const shares = cumulativeShares(reference);
  const ksD = ({ factor, offset }: Conversion) =>
    edges.reduce((d, edge, i) => {
      return Math.max(d, Math.abs(shareBelow(knots, shares, (edge - offset) / factor) - (known[i] as number)));
    }, 0);
  const largest = Math.max(...current.counts) / current.n;
  const blind = `${Math.round(100 * largest)} % of the window falls in one bin: keep a sample of the column to name its unit`;
  return { method: "binned", n, ksD, ...(largest > LARGEST_CELL ? { blind } : {}) };
}

/** The reference's distribution function at x, linear between knots. */
function shareBelow(knots: readonly number[], shares: readonly number[], x: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((knots[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low >= knots.length) return 1;
  const [from, to] = [knots[low - 1] as number, knots[low] as number];
  const [below, above] = [shares[low - 1] as number, shares[low] as number];
  return below + ((above - below) * (x - from)) / (to - from);
}
