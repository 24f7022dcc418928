import { brierScore, brierSkill, logLoss, rocAuc } from "@ballast/statistics";

/**
 * Metrics on rows the trainer never saw, the newest ones. `n` rows; what a set of rows cannot define (AUC of one class) is left out.
 * Binary: `auc`, `brier`, `base_brier` (always answering the rows' own rate), `brier_skill` = 1 − brier / base_brier, `log_loss` (nats),
 * `mean_prediction`, `mean_outcome`, `calibration_gap` = mean_outcome − mean_prediction. Regression: `rmse`, `mae`, `r2`.
 */
export function heldOutMetrics(
  task: "binary" | "regression",
  predictions: Float32Array,
  labels: Float32Array,
): Record<string, number> {
  const n = labels.length;
  const [meanPrediction, meanOutcome] = [mean(predictions), mean(labels)];
  const common = { n, mean_prediction: meanPrediction, mean_outcome: meanOutcome };
  const measured =
    task === "binary" ? binary(predictions, labels, meanOutcome) : regression(predictions, labels, meanOutcome);
  const all = { ...common, calibration_gap: meanOutcome - meanPrediction, ...measured };
  return Object.fromEntries(Object.entries(all).filter((e): e is [string, number] => Number.isFinite(e[1])));
}

function binary(predictions: Float32Array, labels: Float32Array, rate: number): Record<string, number | null> {
  return {
    auc: rocAuc(predictions, labels).value,
    brier: brierScore(predictions, labels).value,
    base_brier: rate * (1 - rate),
    brier_skill: brierSkill(predictions, labels).value,
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

function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
