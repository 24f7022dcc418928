import type { DriftInput, DriftResult, DriftTest, UnitDiagnosis } from "@ballast/plugin-sdk";
import { conversion, findUnit, type NumericProfile, type Unit, unitsOf } from "@ballast/plugin-sdk/statistics";
import { type Comparison, compare } from "./distributions.ts";

interface Limits {
  /** The best conversion must take at least this much off D. */
  minGain: number;
  /** … leave at most this share of the second best's D … */
  maxRatio: number;
  /** … and explain the window this well by itself. */
  maxResidual: number;
  /** Values on each side. */
  minRows: number;
}

/** Cut-offs measured in docs/algorithms/unit-change.md. */
const DEFAULTS: Limits = { minGain: 0.1, maxRatio: 0.4, maxResidual: 0.15, minRows: 100 };

interface Candidate {
  unit: Unit;
  /** Multiply the arriving values by `factor`, add `offset`: the declared unit again. */
  factor: number;
  offset: number;
  ksD: number;
}

/**
 * Names the unit in which a column with a declared unit now arrives.
 *
 * Each unit of the declared one's dimension is tried: the reference, converted to it, is compared with the window by
 * Kolmogorov–Smirnov's D. A unit is named only if its D is the smallest, lies `minGain` (0.1) under that of "no change", is at
 * most `maxRatio` (0.4) of the next best and at most `maxResidual` (0.15). Natural drift fits no unit well; then nothing is
 * named. The statistic is the D of "no change".
 */
export const unitChange: DriftTest = {
  id: "unit-change",
  title: "Change of unit",
  kinds: ["numeric"],
  run(input: DriftInput): DriftResult {
    const limits = readLimits(input.params);
    const comparison = compare(input, numericProfile(input, "reference"), numericProfile(input, "current"));
    const { n, method } = comparison;
    const value = comparison.ksD({ factor: 1, offset: 0 });
    const result = { statistic: "ks_d", value, n };
    const declared = input.unit === undefined ? undefined : findUnit(input.unit);
    const silent = whySilent(input.unit, declared, comparison, limits);
    if (silent !== undefined || declared === undefined) return { ...result, details: { method, reason: silent } };
    const candidates = rank(declared, comparison);
    const reason = whyNot(declared, candidates, value, limits);
    const details = { method, declared: declared.name, limits, candidates: candidates.map(toPublic), reason };
    if (reason !== undefined) return { ...result, details };
    return { ...result, details, diagnosis: diagnose(declared, candidates) };
  },
};

function readLimits(params: DriftInput["params"]): Limits {
  const limits = { ...DEFAULTS };
  for (const [key, value] of Object.entries(params)) {
    if (!Object.hasOwn(DEFAULTS, key)) {
      throw new RangeError(
        `unit-change does not know the parameter "${key}"; it takes ${Object.keys(DEFAULTS).join(", ")}`,
      );
    }
    if (typeof value !== "number" || !(value >= 0))
      throw new RangeError(`${key} must be a number of 0 or more, got ${value}`);
    limits[key as keyof Limits] = value;
  }
  return limits;
}

function numericProfile(input: DriftInput, side: "reference" | "current"): NumericProfile {
  const { profile } = input[side];
  if (profile.kind !== "numeric")
    throw new RangeError(`unit-change needs a numeric column; the ${side} of ${input.column} is not`);
  return profile;
}

function whySilent(name: string | undefined, unit: Unit | undefined, comparison: Comparison, limits: Limits) {
  const { n, blind } = comparison;
  if (name === undefined) return "the contract declares no unit";
  if (unit === undefined) return `the declared unit "${name}" is not in the table of units`;
  if (Math.min(n.reference, n.current) < limits.minRows) return `fewer than ${limits.minRows} values on one side`;
  return blind;
}

/** All units of the dimension, the declared one among them, smallest D first. */
function rank(declared: Unit, comparison: Comparison): Candidate[] {
  return unitsOf(declared.dimension)
    .map((unit) => ({ unit, ...conversion(unit, declared), ksD: comparison.ksD(conversion(declared, unit)) }))
    .sort((a, b) => a.ksD - b.ksD || a.unit.name.localeCompare(b.unit.name, "en"));
}

function whyNot(declared: Unit, [best, second]: Candidate[], unchanged: number, limits: Limits): string | undefined {
  if (best === undefined || second === undefined) return "the dimension has no other unit";
  if (best.unit.name === declared.name) return `${declared.name} still fits best`;
  const d = best.ksD.toFixed(3);
  if (unchanged - best.ksD < limits.minGain)
    return `${best.unit.name} fits best (D ${d}) but no change fits nearly as well`;
  if (best.ksD > limits.maxResidual)
    return `no unit of ${declared.dimension} explains the window (best: ${best.unit.name}, D ${d})`;
  if (best.ksD > limits.maxRatio * second.ksD)
    return `${best.unit.name} (D ${d}) and ${second.unit.name} fit about as well`;
  return undefined;
}

function diagnose(declared: Unit, candidates: Candidate[]): UnitDiagnosis {
  const best = candidates[0] as Candidate;
  return {
    kind: "unit-change",
    from: declared.name,
    to: best.unit.name,
    factor: best.factor,
    offset: best.offset,
    candidates: candidates.map(toPublic),
  };
}

function toPublic({ unit, factor, offset, ksD }: Candidate) {
  return { unit: unit.name, factor, offset, ksD };
}
