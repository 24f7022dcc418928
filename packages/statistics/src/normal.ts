import { regularizedGammaP, regularizedGammaQ } from "./incomplete-gamma.ts";

/** Standard normal distribution function Φ(x), with relative accuracy in the lower tail. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const half = (x * x) / 2;
  if (x < 0) return 0.5 * regularizedGammaQ(0.5, half);
  return 0.5 + 0.5 * regularizedGammaP(0.5, half);
}

/** Two-sided p-value of a standard normal z. */
export function normalTwoSidedP(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** A start within a few per cent (Abramowitz & Stegun 26.2.23) for the lower half. */
function lowerStart(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  return numerator / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}

/** Standard normal quantile; p in [0, 1], else NaN. Halley steps on ln Φ until double precision. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = lowerStart(p);
  for (let i = 0; i < 4; i++) {
    const cdf = normalCdf(x);
    const step = ((cdf - p) / cdf) * Math.exp(0.5 * (x * x + LOG_TWO_PI) + Math.log(cdf));
    x -= step / (1 + (step * x) / 2);
  }
  return x;
}
