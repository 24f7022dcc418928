import type { GateName } from "@ballast/db";

/** One gate's verdict with what it measured. */
export interface GateResult {
  gate: GateName;
  passed: boolean;
  /** In words with numbers: what was measured, what was allowed, and the fix. */
  message: string;
  measured: Record<string, number | string>;
}

/** Least held-out AUC: half-way from chance to the weakest model worth serving on the reference data (.61 to .69). */
export const AUC_FLOOR = 0.55;
/** Largest difference between ONNX Runtime and the trainer's own predictions. */
export const PARITY_TOLERANCE = 1e-5;
/** Largest difference between a row scored alone and in a batch. */
export const BATCH_TOLERANCE = 1e-6;

/** First of several spellings of a metric that was recorded as a finite number. */
function metric(metrics: Record<string, number>, names: readonly string[]): number | null {
  for (const name of names) {
    const value = metrics[name];
    if (value !== undefined && Number.isFinite(value)) return value;
  }
  return null;
}

/** 1 − Brier / Brier of always predicting the base rate; recorded as such or as its parts. */
function brierSkill(metrics: Record<string, number>): number | null {
  const recorded = metric(metrics, ["brier_skill", "brierSkill"]);
  if (recorded !== null) return recorded;
  const brier = metric(metrics, ["brier"]);
  const base = metric(metrics, ["base_brier", "baseBrier", "brier_base_rate"]);
  return brier !== null && base !== null && base > 0 ? 1 - brier / base : null;
}

/**
 * Least held-out Brier skill. Below 0 on purpose: the newest rows are held out, and when the base rate moves (a storm ends) an honest model
 * can do worse there than the rate it was trained at. A gate keeps broken models out; whether one is better, paired days decide.
 */
export const SKILL_FLOOR = -0.25;

/**
 * Held-out quality as recorded at registration. Binary: AUC at least {@link AUC_FLOOR} and a Brier skill of at least {@link SKILL_FLOOR}
 * against always predicting the base rate. Regression (an `r2` and no `auc`): better than predicting the mean. A version without these
 * metrics fails: what was not measured is no success.
 */
export function metricFloor(metrics: Record<string, number>): GateResult {
  const auc = metric(metrics, ["auc"]);
  const r2 = metric(metrics, ["r2"]);
  if (auc === null && r2 !== null) {
    const message = `Held-out R² ${r2.toFixed(4)} (above 0: better than the mean).`;
    return { gate: "metric_floor", passed: r2 > 0, message, measured: { r2 } };
  }
  const skill = brierSkill(metrics);
  const measured = {
    auc: auc ?? "not recorded",
    brierSkill: skill ?? "not recorded",
    aucFloor: AUC_FLOOR,
    skillFloor: SKILL_FLOOR,
  };
  if (auc === null || skill === null) {
    const missing = auc === null ? "auc" : "brier_skill (or brier and base_brier)";
    const message = `No held-out ${missing} was recorded; register the version with the metrics auc and brier_skill.`;
    return { gate: "metric_floor", passed: false, message, measured };
  }
  const passed = auc >= AUC_FLOOR && skill >= SKILL_FLOOR;
  const message = `Held-out AUC ${auc.toFixed(4)} (at least ${AUC_FLOOR}), Brier skill ${skill.toFixed(4)} (at least ${SKILL_FLOOR}).`;
  return { gate: "metric_floor", passed, message, measured };
}

/** The p-quantile (0 to 1) of times by the nearest rank; NaN without any. */
export function quantile(times: readonly number[], p: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
