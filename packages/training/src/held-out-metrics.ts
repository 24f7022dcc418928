import { brierScore, logLoss, rocAuc } from "@ballast/statistics";

/**
 * Metrics on rows the trainer never saw, the newest ones. `n` rows; what a set of rows cannot define (AUC of one class) is left out.
 * Binary: `auc`, `brier`, `base_brier` (always answering `knownRate`, the rate of the rows trained on: what one could know without a
 * model; the rows' own rate would be hindsight), `brier_skill` = 1 − brier / base_brier, `log_loss` (nats),
 * `mean_prediction`, `mean_outcome`, `calibration_gap` = mean_outcome − mean_prediction. Regression: `rmse`, `mae`, `r2`.
 */
export function heldOutMetrics(
  task: "binary" | "regression",
  predictions: Float32Array,
  labels: Float32Array,
  knownRate: number,
): Record<string, number> {
  const n = labels.length;
  const [meanPrediction, meanOutcome] = [mean(predictions), mean(labels)];
  const common = { n, mean_prediction: meanPrediction, mean_outcome: meanOutcome };
  const measured =
    task === "binary"
      ? binary(predictions, labels, { known: knownRate, own: meanOutcome })
      : regression(predictions, labels, meanOutcome);
  const all = { ...common, calibration_gap: meanOutcome - meanPrediction, ...measured };
  return Object.fromEntries(Object.entries(all).filter((e): e is [string, number] => Number.isFinite(e[1])));
}

function binary(
  predictions: Float32Array,
  labels: Float32Array,
  rate: { known: number; own: number },
): Record<string, number | null> {
  const brier = brierScore(predictions, labels).value;
  const base = rate.own * (1 - rate.own) + (rate.known - rate.own) ** 2;
  return {
    auc: rocAuc(predictions, labels).value,
    brier,
    base_brier: base,
    brier_skill: brier !== null && base > 0 ? 1 - brier / base : null,
    log_loss: logLoss(predictions, labels).value,
  };
}

function regression(predictions: Float32Array, labels: Float32Array, meanLabel: number): Record<string, number | null> {
  let squares = 0;
  let absolute = 0;
  let spread = 0;
  for (let i = 0; i < labels.length; i++) {
    const y = labels[i] as number;
    const error = (predictions[i] as number) - y;
    squares += error * error;
    absolute += Math.abs(error);
    spread += (y - meanLabel) ** 2;
  }
  const n = labels.length;
  return { rmse: Math.sqrt(squares / n), mae: absolute / n, r2: spread > 0 ? 1 - squares / spread : null };
}

/** Mean; NaN without values. */
export function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
