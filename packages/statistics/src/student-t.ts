import { logRegularizedBeta } from "./incomplete-beta.ts";
import { normalQuantile } from "./normal.ts";

/** ln P(T ≤ t) for Student's t with `df` > 0 degrees of freedom; finite far into the lower tail. */
export function logStudentTCdf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN;
  const total = df + t * t;
  const tail =
    t * t === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : logHalfTail(df / total, (t * t) / total, df);
  return t <= 0 ? tail : Math.log1p(-Math.exp(tail));
}

function logHalfTail(x: number, y: number, df: number): number {
  return logRegularizedBeta(x, df / 2, 0.5, y) - Math.LN2;
}

/** P(T ≤ t) for Student's t with `df` > 0 degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  return Math.exp(logStudentTCdf(t, df));
}

/** Quantile of Student's t; p in (0, 1) and df > 0, else NaN. Bracketed bisection, good to 1e-12 relative. */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1) || !(df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentTQuantile(1 - p, df);
  const target = Math.log(p);
  let high = 0;
  let low = Math.min(-1, normalQuantile(p));
  while (logStudentTCdf(low, df) > target) {
    high = low;
    low *= 2;
  }
  for (let i = 0; i < 200 && high - low > 1e-14 * Math.abs(low); i++) {
    const middle = (low + high) / 2;
    if (logStudentTCdf(middle, df) > target) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
