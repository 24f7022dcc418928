/** Sufficient statistics of one arm's observations. */
export interface MeanSums {
  n: number;
  sum: number;
  sumSquares: number;
}

/** A difference between two arms with its standard error; `n` counts both arms. */
export interface Difference {
  estimate: number;
  standardError: number;
  n: number;
}

function meanAndVariance(arm: MeanSums, name: string): { mean: number; variance: number } {
  if (!(arm.n >= 2)) throw new RangeError(`${name} needs at least 2 observations, got ${arm.n}`);
  const mean = arm.sum / arm.n;
  return { mean, variance: Math.max(0, (arm.sumSquares - arm.n * mean * mean) / (arm.n - 1)) };
}

/** Treatment mean minus control mean. @throws RangeError when an arm has fewer than 2 observations. */
export function absoluteDifference(control: MeanSums, treatment: MeanSums): Difference {
  const c = meanAndVariance(control, "control");
  const t = meanAndVariance(treatment, "treatment");
  const variance = c.variance / control.n + t.variance / treatment.n;
  return { estimate: t.mean - c.mean, standardError: Math.sqrt(variance), n: control.n + treatment.n };
}

export interface ConfidenceSequence {
  lower: number;
  upper: number;
  halfWidth: number;
}

export interface SequenceOptions {
  /** Total probability of ever missing the truth, over all looks. */
  alpha: number;
  /** n (both arms) at which the sequence is tightest; fixed before the start. Default 5000. */
  tuning?: number;
  /** 1: `lower` and `upper` each hold alone at alpha; 2: both together. Default 2. */
  sides?: 1 | 2;
}

/**
 * ρ of the asymptotic confidence sequence: minimises its width at n = tuning.
 * Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476, with α (two-sided) or 2α (one-sided).
 */
export function sequenceRho(alpha: number, tuning = 5000, sides: 1 | 2 = 2): number {
  const used = sides === 1 ? 2 * alpha : alpha;
  if (!(used > 0 && used < 1))
    throw new RangeError(`alpha must lie between 0 and ${sides === 1 ? 0.5 : 1}, got ${alpha}`);
  if (!(tuning > 0)) throw new RangeError(`tuning must be above 0, got ${tuning}`);
  const term = -2 * Math.log(used);
  return Math.sqrt((term + Math.log(term + 1)) / tuning);
}

/**
 * Asymptotic confidence sequence for a difference: valid at every look at once, as n grows (not at very small n, and
 * over-wide for rare events: use the rate-ratio test there). Units must be independent.
 */
export function asymptoticSequence(difference: Difference, options: SequenceOptions): ConfidenceSequence {
  const { alpha, tuning = 5000, sides = 2 } = options;
  const { estimate, standardError, n } = difference;
  const rho = sequenceRho(alpha, tuning, sides);
  const t = n * rho * rho + 1;
  const reach = (2 * t) / (n * rho) ** 2;
  const growth = sides === 2 ? Math.log(Math.sqrt(t) / alpha) : Math.log(1 + Math.sqrt(t) / (2 * alpha));
  const halfWidth = standardError * Math.sqrt(n) * Math.sqrt(reach * growth);
  return { lower: estimate - halfWidth, upper: estimate + halfWidth, halfWidth };
}

/** Always-valid two-sided p-value of "the difference is `nullValue`", dual to the two-sided sequence. */
export function asymptoticSequenceP(
  difference: Difference,
  options: { alpha: number; tuning?: number; nullValue?: number },
): number {
  const { estimate, standardError, n } = difference;
  const gap = estimate - (options.nullValue ?? 0);
  if (gap === 0) return 1;
  if (standardError === 0) return 0;
  const rho = sequenceRho(options.alpha, options.tuning, 2);
  const t = n * rho * rho + 1;
  const squared = (gap * gap * n) / (standardError * standardError);
  const logE = (rho * rho * squared) / (2 * t) - 0.5 * Math.log(t);
  return Math.min(1, Math.exp(-logE));
}
