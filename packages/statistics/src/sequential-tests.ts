import { logRegularizedBeta } from "./incomplete-beta.ts";
import { logBeta, logGamma } from "./log-gamma.ts";

/**
 * ln Λ of the mixture sequential probability ratio test with a N(0, τ²) mixture (Robbins 1970; Johari et al., KDD 2017).
 * @param difference estimated difference of means, both arms with `nPerArm` observations
 * @param variance variance of one observation of each arm, added up (Bernoulli: pA(1−pA) + pB(1−pB))
 * @param tau2 variance of the mixture, fixed beforehand: the square of a plausible effect
 * Reject when Λ ≥ 1/α; the always-valid p-value is the running minimum of 1/Λ.
 */
export function logMsprt(difference: number, variance: number, nPerArm: number, tau2: number): number {
  if (!(variance > 0) || !(nPerArm > 0) || !(tau2 > 0)) {
    throw new RangeError(`variance, nPerArm and tau2 must be above 0, got ${variance}, ${nPerArm}, ${tau2}`);
  }
  const spread = variance + nPerArm * tau2;
  const squared = (nPerArm * difference) ** 2;
  return 0.5 * Math.log(variance / spread) + (squared * tau2) / (2 * variance * spread);
}

export interface CountSplit {
  /** Events in the treatment (canary). */
  treatment: number;
  /** Events in the control (baseline). */
  control: number;
  /** The treatment's share of exposures, fixed over the whole test, in (0, 1). */
  share: number;
  /** Beta prior of the treatment's share of events; by default (1, (1 − share)/share), centred on `share`. */
  prior?: [number, number];
}

/**
 * Conditional beta-binomial e-values for event counts (errors, complaints): given the total, the treatment's events are
 * Binomial(total, share) when the rates are equal. `logE` is two-sided, `logEUp` one-sided (treatment worse); reject when
 * E ≥ 1/α. Exact for rare events. Only for a fixed split: use the rate-ratio test when the share changes.
 * After Lindon & Malek (multinomial e-process, arXiv 2011.03567).
 */
export function betaBinomialE(split: CountSplit): { logE: number; logEUp: number } {
  const { treatment, control, share } = split;
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie between 0 and 1, got ${share}`);
  if (!(treatment >= 0 && control >= 0)) throw new RangeError(`counts must not be negative: ${treatment}, ${control}`);
  const [a, b] = split.prior ?? [1, (1 - share) / share];
  const exponent = treatment * Math.log(share) + control * Math.log1p(-share);
  const logE = logBeta(a + treatment, b + control) - logBeta(a, b) - exponent;
  const posterior = logRegularizedBeta(1 - share, b + control, a + treatment, share);
  const logEUp = logE + posterior - logRegularizedBeta(1 - share, b, a, share);
  return { logE, logEUp };
}

/**
 * Sequential test of the sample ratio: ln E of a Dirichlet mixture against the intended shares (Lindon & Malek, arXiv
 * 2011.03567). Reject (something steers the assignment) when E ≥ 1/α; α = 0.01 is usual. `concentration` is the weight of
 * the mixture around the intended shares: high looks for small deviations; or give the Dirichlet parameters themselves.
 * @throws RangeError when lengths differ or shares do not add up to 1.
 */
export function logSampleRatioE(
  counts: readonly number[],
  shares: readonly number[],
  options: { concentration?: number; parameters?: readonly number[] } = {},
): number {
  const parameters = options.parameters ?? shares.map((share) => share * (options.concentration ?? 10_000));
  if (counts.length !== shares.length || parameters.length !== shares.length) {
    throw new RangeError(
      `counts, shares and parameters must be of one length: ${counts.length}, ${shares.length}, ${parameters.length}`,
    );
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.some((share) => !(share > 0)) || Math.abs(total - 1) > 1e-9) {
    throw new RangeError(`shares must be above 0 and add up to 1, got ${shares.join(", ")}`);
  }
  const n = counts.reduce((sum, count) => sum + count, 0);
  const mass = parameters.reduce((sum, value) => sum + value, 0);
  let logE = logGamma(mass) - logGamma(mass + n);
  counts.forEach((count, i) => {
    const a = parameters[i] as number;
    logE += logGamma(a + count) - logGamma(a) - count * Math.log(shares[i] as number);
  });
  return logE;
}
