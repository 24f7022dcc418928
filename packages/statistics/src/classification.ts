/** A metric with the rows behind it; `value` is null where the rows cannot define it. */
export interface Metric {
  value: number | null;
  n: number;
  positives: number;
}

/** Probabilities nearer to 0 or 1 than this are moved to it in the log loss, as scikit-learn does. */
export const LOG_LOSS_EPSILON = 2 ** -52;

/**
 * Checks scores in [0, 1] (or any finite score where `anyScore`) against labels in {0, 1} of equal length.
 * @throws RangeError naming the first bad row.
 */
function checkPairs(scores: ArrayLike<number>, labels: ArrayLike<number>, anyScore = false): number {
  if (scores.length !== labels.length) {
    throw new RangeError(`scores and labels differ in length: ${scores.length} and ${labels.length}`);
  }
  let positives = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (anyScore ? !Number.isFinite(score) : !(score >= 0 && score <= 1)) {
      throw new RangeError(`score ${i} is ${score}; it must be ${anyScore ? "finite" : "a probability in [0, 1]"}`);
    }
    const label = labels[i];
    if (label !== 0 && label !== 1) throw new RangeError(`label ${i} is ${label}; it must be 0 or 1`);
    positives += label;
  }
  return positives;
}

/**
 * Area under the ROC curve: the probability that a positive outscores a negative, ties counting half (Mann–Whitney).
 * Equals scikit-learn's `roc_auc_score`. null when a class is absent. Scores may be any finite numbers.
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): Metric {
  const positives = checkPairs(scores, labels, true);
  const n = scores.length;
  const negatives = n - positives;
  if (positives === 0 || negatives === 0) return { value: null, n, positives };
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  );
  let wins = 0;
  let negativesBelow = 0;
  for (let start = 0; start < n; ) {
    const score = scores[order[start] as number];
    let tiedPositives = 0;
    let end = start;
    for (; end < n && scores[order[end] as number] === score; end++)
      tiedPositives += labels[order[end] as number] as number;
    const tiedNegatives = end - start - tiedPositives;
    wins += tiedPositives * (negativesBelow + tiedNegatives / 2);
    negativesBelow += tiedNegatives;
    start = end;
  }
  return { value: wins / (positives * negatives), n, positives };
}

/** Brier score, the mean of (p − y)²; lower is better (Brier 1950). null without rows. */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Metric {
  const positives = checkPairs(probabilities, labels);
  const n = labels.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ((probabilities[i] as number) - (labels[i] as number)) ** 2;
  return { value: n === 0 ? null : sum / n, n, positives };
}

/**
 * Brier skill: 1 − Brier / Brier of always answering `baseRate`. 1 is perfect, 0 no better than the base rate.
 * The base rate defaults to the rows' own (the hardest constant to beat); give the training rate to judge what the
 * model would have been replaced by. null without rows or where the constant is never wrong.
 */
export function brierSkill(probabilities: ArrayLike<number>, labels: ArrayLike<number>, baseRate?: number): Metric {
  const { value, n, positives } = brierScore(probabilities, labels);
  if (value === null) return { value: null, n, positives };
  const rate = baseRate ?? positives / n;
  const constant = (positives * (1 - rate) ** 2 + (n - positives) * rate ** 2) / n;
  return { value: constant === 0 ? null : 1 - value / constant, n, positives };
}

/** Negative mean log likelihood in nats, probabilities kept {@link LOG_LOSS_EPSILON} away from 0 and 1. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Metric {
  const positives = checkPairs(probabilities, labels);
  const n = labels.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += rowLogLoss(probabilities[i] as number, labels[i] as number);
  return { value: n === 0 ? null : sum / n, n, positives };
}

/** Log loss of one row, in nats. */
export function rowLogLoss(probability: number, label: number): number {
  const kept = Math.min(1 - LOG_LOSS_EPSILON, Math.max(LOG_LOSS_EPSILON, probability));
  return label === 1 ? -Math.log(kept) : -Math.log1p(-kept);
}
