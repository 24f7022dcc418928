import { alignCounts } from "./aligned-shares.ts";
import type { ColumnProfile } from "./profile.ts";

/** The most that ln(p / q) of one cell may count: a cell seen on one side only then adds 6.9 times its share. */
export const PSI_LOG_RATIO_LIMIT = Math.log(1000);

/**
 * Population stability index Σ (q − p) ln(q / p) in nats, over reference-quantile bins (or categories) and the null cell.
 *
 * Smoothing: the log ratio of each cell is limited to ±ln 1000. This leaves every ordinary cell as the textbook has
 * it, gives an empty cell a finite weight that does not depend on the sample sizes, and keeps the index symmetric
 * and growing with the gap. 0 when either window has no rows.
 * @throws RangeError when the profiles cannot be aligned.
 */
export function populationStabilityIndex(reference: ColumnProfile, current: ColumnProfile): number {
  const aligned = alignCounts(reference, current);
  return psiOfCounts(aligned.reference, aligned.current);
}

/** {@link populationStabilityIndex} of two rows of counts over the same cells. */
export function psiOfCounts(reference: readonly number[], current: readonly number[]): number {
  const nRef = reference.reduce((sum, count) => sum + count, 0);
  const nCur = current.reduce((sum, count) => sum + count, 0);
  if (nRef === 0 || nCur === 0) return 0;
  let psi = 0;
  reference.forEach((count, i) => {
    const p = count / nRef;
    const q = (current[i] as number) / nCur;
    if (p === q) return;
    const ratio = Math.log(q) - Math.log(p);
    psi += (q - p) * Math.max(-PSI_LOG_RATIO_LIMIT, Math.min(PSI_LOG_RATIO_LIMIT, ratio));
  });
  return psi;
}
