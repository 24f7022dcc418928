import { HALF_LOG_TWO_PI, log1pMinus, logBeta, stirlingCorrection } from "./log-gamma.ts";

const TINY = 1e-300;
const MAX_TERMS = 1_000_000;

/** ln[x^a y^b / B(a, b)] with y = 1 − x, in deviance form when both parameters are large. */
function logBetaPower(a: number, b: number, x: number, y: number): number {
  if (a < 10 || b < 10) return a * Math.log(x) + b * Math.log(y) - logBeta(a, b);
  const gap = x * b - y * a;
  const deviance = a * log1pMinus(gap / a) + b * log1pMinus(-gap / b);
  const correction = stirlingCorrection(a) + stirlingCorrection(b) - stirlingCorrection(a + b);
  return deviance + 0.5 * (Math.log(a) + Math.log(b) - Math.log(a + b)) - HALF_LOG_TWO_PI - correction;
}

/** The continued fraction of DLMF 8.17.22 by Lentz's method; converges fast for x < (a + 1) / (a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let h = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  return h;
}

/**
 * ln I_x(a, b), the logarithm of the regularised incomplete beta function, finite far into the lower tail.
 * `y` is 1 − x where the caller knows it more exactly. a, b > 0 and 0 ≤ x ≤ 1, else NaN.
 */
export function logRegularizedBeta(x: number, a: number, b: number, y: number = 1 - x): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (y === 0) return 0;
  if (x < (a + 1) / (a + b + 2)) return logBetaPower(a, b, x, y) + Math.log(betaFraction(a, b, x)) - Math.log(a);
  const upper = Math.exp(logBetaPower(b, a, y, x) + Math.log(betaFraction(b, a, y)) - Math.log(b));
  return Math.log1p(-Math.min(1, upper));
}

/** Regularised incomplete beta function I_x(a, b). Same arguments as {@link logRegularizedBeta}. */
export function regularizedBeta(x: number, a: number, b: number, y: number = 1 - x): number {
  return Math.exp(logRegularizedBeta(x, a, b, y));
}
