import type { ColumnProfile } from "@ballast/statistics";

/** One column, before and now. `sample` may be absent where only the profile was kept. */
export interface DriftInput {
  column: string;
  kind: "numeric" | "categorical";
  /** Unit the contract declares, e.g. `mile`; absent when it declares none. */
  unit?: string;
  reference: { profile: ColumnProfile; sample?: Float64Array };
  current: { profile: ColumnProfile; sample?: Float64Array };
  params: Record<string, number | string | boolean>;
}

/** A drift test's answer. A statistic always carries its name, its unit and its sample sizes. */
export interface DriftResult {
  /** e.g. `js_distance_base2`, `wasserstein_per_iqr`, `ks_d`. */
  statistic: string;
  value: number;
  /** Two-sided p-value where the test has one. */
  pValue?: number;
  n: { reference: number; current: number };
  /** Inputs a person needs to follow the verdict. */
  details?: Record<string, unknown>;
  /** Set by a test that can name what happened, such as a change of unit. */
  diagnosis?: UnitDiagnosis;
}

/** `column` arrives in unit `to`; multiply by `factor` and add `offset` to get the declared unit back. */
export interface UnitDiagnosis {
  kind: "unit-change";
  from: string;
  to: string;
  factor: number;
  offset: number;
  /** Kolmogorov–Smirnov D left after each candidate conversion, best first. */
  candidates: { unit: string; factor: number; offset: number; ksD: number }[];
}

/** Compares a column's current window with its reference. Pure; no state between calls. */
export interface DriftTest {
  id: string;
  title: string;
  kinds: ("numeric" | "categorical")[];
  run(input: DriftInput): DriftResult;
}

/** What a plugin's entry module exports as its default. */
export interface Plugin {
  trainers?: import("./trainer.ts").Trainer[];
  driftTests?: DriftTest[];
}

/** States a plugin; gives the literal its type and nothing more. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
