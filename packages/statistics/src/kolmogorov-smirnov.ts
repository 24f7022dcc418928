import { kolmogorovSf } from "./kolmogorov.ts";
import { sortedFinite } from "./samples.ts";

export type KsMethod = "auto" | "exact" | "asymptotic";

export interface KsResult {
  /** sup |F − G| over the two empirical distribution functions. */
  d: number;
  /** Two-sided p-value; 1 when either sample is empty. */
  pValue: number;
  method: "exact" | "asymptotic";
  n: { reference: number; current: number };
}

/** Above this many cells n · m, `auto` takes the asymptotic p-value: the exact one costs one step a cell. */
const EXACT_CELLS = 1_000_000;

/**
 * Two-sample Kolmogorov–Smirnov test, two-sided. Non-finite values are left out.
 *
 * `exact` counts lattice paths (Hodges 1958) and supposes no ties; with ties its p-value is conservative.
 * `asymptotic` is the one-sample Kolmogorov distribution at n m / (n + m), rounded: scipy's `ks_2samp(method="asymp")`.
 */
export function ksTest(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  method: KsMethod = "auto",
): KsResult {
  const a = sortedFinite(reference);
  const b = sortedFinite(current);
  const n = { reference: a.length, current: b.length };
  const exact = method === "exact" || (method === "auto" && a.length * b.length <= EXACT_CELLS);
  const name = exact ? "exact" : "asymptotic";
  if (a.length === 0 || b.length === 0) return { d: 0, pValue: 1, method: name, n };
  const gap = largestGap(a, b);
  const d = gap / (a.length * b.length);
  const pValue = exact ? exactP(a.length, b.length, gap) : ksAsymptoticP(d, a.length, b.length);
  return { d, pValue, method: name, n };
}

/** Asymptotic two-sided p-value of a two-sample D. */
export function ksAsymptoticP(d: number, n: number, m: number): number {
  return kolmogorovSf(Math.max(1, roundHalfEven((n * m) / (n + m))), d);
}

/** Rounds as numpy does: at a tie, to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** sup |i m − j n| over the merged order, an exact integer; D is this over n m. Both samples ascending. */
function largestGap(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const m = b.length;
  let i = 0;
  let j = 0;
  let gap = 0;
  while (i < n && j < m) {
    const x = Math.min(a[i] as number, b[j] as number);
    while (i < n && a[i] === x) i++;
    while (j < m && b[j] === x) j++;
    gap = Math.max(gap, Math.abs(i * m - j * n));
  }
  return gap;
}

/**
 * Share of the C(n+m, n) lattice paths that reach |i m − j n| ≥ gap. The share of paths to (i, j) that came through
 * (i − 1, j) is i / (i + j), so every term is positive and a small p-value keeps its digits.
 */
function exactP(n: number, m: number, gap: number): number {
  if (gap === 0) return 1;
  const row = new Float64Array(m + 1);
  for (let j = 1; j <= m; j++) row[j] = j * n >= gap ? 1 : 0;
  for (let i = 1; i <= n; i++) {
    row[0] = i * m >= gap ? 1 : 0;
    for (let j = 1; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= gap) row[j] = 1;
      else row[j] = (i * (row[j] as number) + j * (row[j - 1] as number)) / (i + j);
    }
  }
  return Math.min(1, row[m] as number);
}
