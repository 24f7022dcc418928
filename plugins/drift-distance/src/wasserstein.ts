import type { DriftInput, DriftResult, DriftTest } from "@ballast/plugin-sdk";
import {
  type ColumnProfile,
  type NumericProfile,
  nullShare,
  profileNumeric,
  wassersteinPerIqr,
  wassersteinPerIqrOfProfiles,
} from "@ballast/plugin-sdk/statistics";

const DEFAULT_FENCE = 10;

/**
 * First-order Wasserstein distance divided by the reference's inter-quartile range. Exact with both samples (values beyond
 * the quartiles ∓ `fence` · IQR moved to the fence, 0 = none); approximate from profiles. Nulls are left out and told.
 */
export const wasserstein: DriftTest = {
  id: "wasserstein",
  title: "Wasserstein distance per IQR",
  kinds: ["numeric"],
  run(input: DriftInput): DriftResult {
    const fence = readFence(input.params);
    const { result, method } = compare(input, fence);
    const { n } = result;
    const details: Record<string, unknown> = {
      method,
      scale: result.scale,
      nullShare: { reference: nullShare(input.reference.profile), current: nullShare(input.current.profile) },
    };
    if (n.reference === 0 || n.current === 0) {
      const skipped = `no values in the ${n.reference === 0 ? "reference" : "current window"}`;
      return { statistic: "wasserstein_per_iqr", value: 0, n, details: { ...details, skipped } };
    }
    if (method === "exact") Object.assign(details, { fence, clipped: result.clipped });
    return { statistic: "wasserstein_per_iqr", value: result.value, n, details };
  },
};

function readFence(params: DriftInput["params"]): number {
  for (const key of Object.keys(params)) {
    if (key !== "fence") throw new RangeError(`wasserstein does not know the parameter "${key}"; it takes fence`);
  }
  const value = params.fence ?? DEFAULT_FENCE;
  if (typeof value !== "number" || !(value >= 0))
    throw new RangeError(`fence must be a number of 0 or more, got ${value}`);
  return value;
}

function compare(input: DriftInput, fence: number) {
  const reference = numericProfile(input.reference.profile, input.column);
  const current = numericProfile(input.current.profile, input.column);
  const [a, b] = [input.reference.sample, input.current.sample];
  if (a !== undefined && b !== undefined) return { result: wassersteinPerIqr(a, b, { fence }), method: "exact" };
  const edges = a === undefined ? reference.edges : current.edges;
  const left = a === undefined ? reference : profileNumeric(a, edges);
  const right = b === undefined ? current : profileNumeric(b, edges);
  return { result: wassersteinPerIqrOfProfiles(left, right), method: "binned" };
}

function numericProfile(profile: ColumnProfile, column: string): NumericProfile {
  if (profile.kind !== "numeric") throw new RangeError(`wasserstein needs a numeric column; ${column} is not`);
  return profile;
}
