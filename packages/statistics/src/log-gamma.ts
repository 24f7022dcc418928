/** Coefficients of Stirling's series, B(2k) / (2k (2k - 1)), DLMF 5.11.1. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
export const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 10, where eight terms of Stirling's series reach double precision.
 */
export function stirlingCorrection(x: number): number {
  const inverse = 1 / x;
  const square = inverse * inverse;
  let sum = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * square + (STIRLING[k] as number);
  return sum * inverse;
}

/**
 * Natural logarithm of Γ(x) for x > 0 (DLMF 5.11); NaN for x ≤ 0. Absolute error about 1e-14 for small x,
 * relative error about 1e-15 for large x.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shifted = x;
  let product = 1;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingCorrection(shifted) - Math.log(product)
  );
}

/** ln B(a, b) for a, b > 0, without the cancellation of three log-gammas when an argument is large. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  const share = small / (small + large);
  if (small >= 10) {
    const correction = stirlingCorrection(small) + stirlingCorrection(large) - stirlingCorrection(small + large);
    const body = (small - 0.5) * Math.log(share) + large * Math.log1p(-share);
    return HALF_LOG_TWO_PI - 0.5 * Math.log(large) + correction + body;
  }
  if (large >= 10) {
    const correction = stirlingCorrection(large) - stirlingCorrection(small + large);
    return logGamma(small) + correction + small - small * Math.log(small + large) + (large - 0.5) * Math.log1p(-share);
  }
  return logGamma(small) + logGamma(large) - logGamma(small + large);
}

/** ln(1 + x) − x without cancellation near zero, for x > −1. */
export function log1pMinus(x: number): number {
  if (x > 1 || x < -0.5) return Math.log1p(x) - x;
  const r = x / (2 + x);
  const y = r * r;
  let sum = 0;
  let power = 1;
  for (let k = 3; k < 200; k += 2) {
    const term = power / k;
    sum += term;
    if (term < 1e-18) break;
    power *= y;
  }
  return r * (2 * y * sum - x);
}
