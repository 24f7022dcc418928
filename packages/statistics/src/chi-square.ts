import { chiSquareSf } from "./incomplete-gamma.ts";

export interface ChiSquareResult {
  /** Pearson's statistic. */
  chiSquare: number;
  df: number;
  pValue: number;
  /** √(χ² / n) for two rows: 0 is "same shares", 1 is "no category in common". An effect size, free of n. */
  cramersV: number;
  /** Smallest expected count; the approximation is doubtful below about 5. */
  minExpected: number;
  n: { reference: number; current: number };
}

/**
 * Chi-square test of homogeneity of two rows of counts over the same cells. Cells empty in both rows are left out.
 * Equals scipy's `chi2_contingency([reference, current], correction=yates)`; Yates' correction acts only at one
 * degree of freedom. Fewer than two cells, or an empty row: χ² = 0, p = 1.
 * @throws RangeError when the rows differ in length or hold a negative or non-finite count.
 */
export function chiSquareTest(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: { yates?: boolean } = {},
): ChiSquareResult {
  const cells = occupiedCells(reference, current);
  const nRef = cells.reduce((sum, [r]) => sum + r, 0);
  const nCur = cells.reduce((sum, [, c]) => sum + c, 0);
  const n = { reference: nRef, current: nCur };
  const df = cells.length - 1;
  if (df < 1 || nRef === 0 || nCur === 0) {
    return { chiSquare: 0, df: Math.max(0, df), pValue: 1, cramersV: 0, minExpected: 0, n };
  }
  const total = nRef + nCur;
  const correct = options.yates === true && df === 1;
  let chiSquare = 0;
  let minExpected = Number.POSITIVE_INFINITY;
  for (const [r, c] of cells) {
    for (const [observed, rowTotal] of [
      [r, nRef],
      [c, nCur],
    ] as const) {
      const expected = ((r + c) * rowTotal) / total;
      const gap = Math.abs(observed - expected);
      const used = correct ? gap - Math.min(0.5, gap) : gap;
      chiSquare += (used * used) / expected;
      minExpected = Math.min(minExpected, expected);
    }
  }
  return { chiSquare, df, pValue: chiSquareSf(chiSquare, df), cramersV: Math.sqrt(chiSquare / total), minExpected, n };
}

function occupiedCells(reference: ArrayLike<number>, current: ArrayLike<number>): [number, number][] {
  if (reference.length !== current.length) {
    throw new RangeError(`chi-square needs equal cells: reference has ${reference.length}, current ${current.length}`);
  }
  const cells: [number, number][] = [];
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number;
    const c = current[i] as number;
    if (!(r >= 0 && c >= 0 && Number.isFinite(r + c))) {
      throw new RangeError(`chi-square needs counts of zero or more: cell ${i} holds ${r} and ${c}`);
    }
    if (r + c > 0) cells.push([r, c]);
  }
  return cells;
}
