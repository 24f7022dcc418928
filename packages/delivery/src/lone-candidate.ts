import type { LoneEvidence } from "@ballast/db";
import { emptyRateRatio, logBeta, rateRatioLogE, updateRateRatio, WORSE_RATE_RATIOS } from "@ballast/statistics";

/** How a guard judges a candidate beside which no champion answers. */
export interface LoneLimits {
  /** What one event counts, 0 to 1; see `evidence.ts`. */
  eventWeight: number;
  /** No champion excuses a higher rate than this; 1 where any may be its usual one. */
  mostExcused: number;
  /** The most evidence that a single block may give. */
  mostPerBlock: number;
}

/** A rate below this is no gross one, whatever the champion's was. */
const LEAST_GROSS = 0.05;
/** The candidate alone may do this many times what the champion did at most: rates also move with time. */
const GROSS_FACTOR = 3;
/** Part of the guard's alpha that the test spends, and again as much the bound on the champion's rate: gross failure needs no more. */
const ALPHA_PART = 0.1;
/** e-values are stored as JSON, which has no ∞. */
const LARGEST_E = 1e300;

/**
 * Upper end of a confidence sequence for a rate, from `events` of `n`: below the true one at any time ever with a probability of at
 * most `alpha`. The mixture of likelihoods over a uniform prior against that of a rate p is a martingale if p is true (Robbins 1970;
 * Ville 1939), so every p at which it has reached 1/alpha can be ruled out. 1 without observations.
 */
export function rateUpperBound(events: number, n: number, alpha: number): number {
  if (events >= n) return 1;
  const mixture = logBeta(1 + events, 1 + n - events);
  const logE = (p: number) => mixture - (events === 0 ? 0 : events * Math.log(p)) - (n - events) * Math.log1p(-p);
  let inside = events / n;
  let outside = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (inside + outside) / 2;
    if (logE(middle) < Math.log(1 / alpha)) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** What a candidate alone is allowed. */
export interface Allowance {
  /** Of events, in a request; 1 or more: any. */
  rate: number;
  /** Evidence of a higher rate at which it is too much. */
  needed: number;
}

/** What a candidate alone is allowed, from what the champion did, by a guard of level `alpha`. */
export function allowanceOf(
  champion: { events: number; requests: number },
  limits: LoneLimits,
  alpha: number,
): Allowance {
  const bound = rateUpperBound(champion.events, champion.requests, ALPHA_PART * alpha);
  const rate = Math.min(limits.mostExcused, Math.max(LEAST_GROSS, GROSS_FACTOR * bound));
  return { rate, needed: Math.round(1 / (ALPHA_PART * alpha)) };
}

/**
 * Adds a block of requests that only the candidate answered. Tested is that each of them is an event with a probability of at most the rate allowed:
 * likelihood ratios of higher odds, mixed, as one e-value per block. A candidate may die after weeks of good service, so the evidence is
 * a mixture over the block with which it turned bad: block t is the first with the prior probability 1/(t(t + 1)), and
 * E_t = (E_{t−1} + 1/(t(t + 1))) · e_t. With what is left of the prior it is a supermartingale that begins at 1.
 */
export function foldLone(
  lone: LoneEvidence | undefined,
  block: { events: number; requests: number },
  allowance: Allowance,
  { eventWeight, mostPerBlock }: LoneLimits,
): LoneEvidence {
  const held = lone ?? { e: 0, blocks: 0, events: 0, requests: 0 };
  const { rate } = allowance;
  const blocks = held.blocks + 1;
  const counts = { blocks, events: held.events + block.events, requests: held.requests + block.requests, ...allowance };
  if (rate >= 1) return { e: held.e, ...counts };
  // The rate takes the place of the share: an event's odds are r · rate : 1 − rate.
  const ratios = updateRateRatio(emptyRateRatio(WORSE_RATE_RATIOS), {
    share: rate,
    treatmentEvents: block.events * eventWeight,
    controlEvents: (block.requests - block.events) * eventWeight,
  });
  const ofBlock = Math.min(mostPerBlock, Math.exp(rateRatioLogE(ratios)));
  return { e: Math.min(LARGEST_E, (held.e + 1 / (blocks * (blocks + 1))) * ofBlock), ...counts };
}
