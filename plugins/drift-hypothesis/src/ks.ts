import type { DriftInput, DriftResult, DriftTest } from "@ballast/plugin-sdk";
import {
  type ColumnProfile,
  ksAsymptoticP,
  ksTest,
  type NumericProfile,
  nullShare,
  profileNumeric,
  requireSameEdges,
} from "@ballast/plugin-sdk/statistics";

type Side = DriftInput["reference"];

/**
 * Two-sample Kolmogorov–Smirnov. With both samples: the exact D and scipy's p-value. With a profile on either side: D over
 * the shared bin edges, which is never above the true D, so its p-value errs towards "no drift". Nulls are left out of D and
 * told in the details.
 */
export const ks: DriftTest = {
  id: "ks",
  title: "Kolmogorov–Smirnov",
  kinds: ["numeric"],
  run(input: DriftInput): DriftResult {
    const unknown = Object.keys(input.params)[0];
    if (unknown !== undefined) throw new RangeError(`ks takes no parameters, got "${unknown}"`);
    const reference = numericProfile(input, "reference");
    const current = numericProfile(input, "current");
    const { d, pValue, n, method } = compare(input, reference, current);
    const details: Record<string, unknown> = {
      method,
      nullShare: { reference: nullShare(input.reference.profile), current: nullShare(input.current.profile) },
    };
    if (n.reference === 0 || n.current === 0) {
      const skipped = `no values in the ${n.reference === 0 ? "reference" : "current window"}`;
      return { statistic: "ks_d", value: 0, n, details: { ...details, skipped } };
    }
    return { statistic: "ks_d", value: d, pValue, n, details };
  },
};

function numericProfile(input: DriftInput, side: "reference" | "current"): NumericProfile {
  const profile: ColumnProfile = input[side].profile;
  if (profile.kind !== "numeric")
    throw new RangeError(`ks needs a numeric column; the ${side} of ${input.column} is not`);
  return profile;
}

function compare(input: DriftInput, reference: NumericProfile, current: NumericProfile) {
  const [a, b] = [input.reference.sample, input.current.sample];
  if (a !== undefined && b !== undefined) return ksTest(a, b);
  const edges = a === undefined ? reference.edges : current.edges;
  return binned(overEdges(input.reference, reference, edges), overEdges(input.current, current, edges));
}

/** A side that kept its sample is counted over the other side's edges. */
function overEdges(side: Side, profile: NumericProfile, edges: number[]): NumericProfile {
  return side.sample === undefined ? profile : profileNumeric(side.sample, edges);
}

function binned(reference: NumericProfile, current: NumericProfile) {
  requireSameEdges(reference, current);
  const n = { reference: reference.n, current: current.n };
  if (n.reference === 0 || n.current === 0) return { d: 0, pValue: 1, n, method: "binned" };
  let [f, g, d] = [0, 0, 0];
  reference.counts.forEach((count, i) => {
    f += count;
    g += current.counts[i] as number;
    d = Math.max(d, Math.abs(f / n.reference - g / n.current));
  });
  return { d, pValue: ksAsymptoticP(d, n.reference, n.current), n, method: "binned" };
}
