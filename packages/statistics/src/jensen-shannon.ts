import { alignCounts } from "./aligned-shares.ts";
import type { ColumnProfile } from "./profile.ts";

/**
 * Jensen–Shannon *distance*, base 2: √ of the divergence in bits, in [0, 1] (Endres & Schindelin 2003; equals scipy's
 * `jensenshannon(p, q, base=2)`). Over reference-quantile bins or categories, and the null cell. Other tools report the
 * divergence, or natural logarithms: their thresholds do not carry over. 0 when either window has no rows.
 * @throws RangeError when the profiles cannot be aligned.
 */
export function jensenShannonDistance(reference: ColumnProfile, current: ColumnProfile): number {
  const aligned = alignCounts(reference, current);
  return jensenShannonOfCounts(aligned.reference, aligned.current);
}

/** {@link jensenShannonDistance} of two rows of counts over the same cells. */
export function jensenShannonOfCounts(reference: readonly number[], current: readonly number[]): number {
  const nRef = reference.reduce((sum, count) => sum + count, 0);
  const nCur = current.reduce((sum, count) => sum + count, 0);
  if (nRef === 0 || nCur === 0) return 0;
  let divergence = 0;
  reference.forEach((count, i) => {
    const p = count / nRef;
    const q = (current[i] as number) / nCur;
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p / 2) * Math.log2(p / middle);
    if (q > 0) divergence += (q / 2) * Math.log2(q / middle);
  });
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}
