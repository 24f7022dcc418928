import {
  formatCount,
  formatDecimal,
  formatDifference,
  formatDuration,
  formatLatency,
  formatScore,
  MISSING,
} from "@ballast/ui";

export interface MetricWords {
  /** With the unit, for a table's head. */
  label: string;
  text: (value: number | null | undefined) => string;
  /** Which end wins a comparison; null where neither does. */
  better: "lower" | "higher" | null;
}

const score = (label: string, better: MetricWords["better"]): MetricWords => ({ label, better, text: formatScore });
const count = (label: string): MetricWords => ({ label, better: null, text: formatCount });

const known: Readonly<Record<string, MetricWords>> = {
  auc: score("AUC", "higher"),
  brier: score("Brier score", "lower"),
  base_brier: score("Brier score of the base rate", null),
  brier_skill: score("Brier skill", "higher"),
  log_loss: score("Log loss, nats", "lower"),
  rmse: score("RMSE", "lower"),
  mae: score("Mean absolute error", "lower"),
  r2: score("R²", "higher"),
  mean_prediction: score("Mean prediction", null),
  mean_outcome: score("Mean outcome", null),
  calibration_gap: {
    label: "Calibration gap, outcome − prediction",
    better: null,
    text: (value) => formatDifference(value),
  },
  n: count("Held-out rows, n"),
  rows_train: count("Rows trained on"),
  rows_validation: count("Rows for early stopping"),
  rows_test: count("Rows held out"),
  onnx_parity_max_abs: { label: "ONNX difference, largest", better: "lower", text: plainNumber },
  train_seconds: {
    label: "Training time",
    better: null,
    text: (value) => formatDuration(typeof value === "number" ? value * 1_000 : null),
  },
  latency_us: {
    label: "Latency",
    better: "lower",
    text: (value) => formatLatency(typeof value === "number" ? value / 1_000 : null),
  },
  // A run knows amounts, not their currency: a project has one.
  cost_micros: {
    label: "Cost, project's currency",
    better: "lower",
    text: (value) => formatDecimal(typeof value === "number" ? value / 1e6 : null, 4),
  },
};

const fourDigits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat("en-US");

/** A number whose kind is not known: whole ones in full, others to four significant digits. */
export function plainNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  if (Number.isInteger(value)) return whole.format(value).replace("-", "\u2212");
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replaceAll("-", "\u2212");
  return fourDigits.format(value).replace("-", "\u2212");
}

/** How a metric is called and written. `trainer_…` is the trainer's own figure; unknown names stay as they were logged. */
export function metricWords(name: string): MetricWords {
  const found = known[name];
  if (found) return found;
  if (name.startsWith("trainer_")) {
    const own = name.slice("trainer_".length).replaceAll("_", " ");
    const better = /loss|rmse/.test(own) ? "lower" : /auc/.test(own) ? "higher" : null;
    return { label: `Trainer: ${own}`, better, text: own === "trees" ? formatCount : plainNumber };
  }
  return { label: name, better: null, text: plainNumber };
}

/** Known metrics in the order one reads them, then the rest by name. */
export function orderMetrics(names: Iterable<string>): string[] {
  const order = Object.keys(known);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The best of some values for a metric; undefined where no end is better, or where all are equal. */
export function bestOf(name: string, values: readonly (number | undefined)[]): number | undefined {
  const { better } = metricWords(name);
  const present = values.filter((value): value is number => value !== undefined);
  if (better === null || new Set(present).size < 2) return undefined;
  return better === "lower" ? Math.min(...present) : Math.max(...present);
}
