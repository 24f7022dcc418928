import { logStudentTCdf } from "./student-t.ts";

/** Sufficient statistics of observations measured from the null: their mean, and Σ (x − mean)². */
export interface CentredSums {
  n: number;
  mean: number;
  squares: number;
}

/**
 * ln E of the two-sided anytime-valid t-test of "mean = 0, any variance".
 *
 * Mixture: effect size δ = mean/σ ~ N(0, g) with Jeffreys' 1/σ for the scale on both sides (right Haar), so that E is a
 * likelihood ratio of the data's scale-free part and a martingale under the null: E_1 = 1, and E ≥ 1/α happens
 * ever with probability at most α. Lai, Ann. Statist. 4 (1976); Wang & Ramdas, arXiv 2310.03722.
 *
 *     E = (1 + n g)^(-1/2) · [ V / (V − g S² / (1 + n g)) ]^(n/2),   S = Σx, V = Σx²
 */
export function logTTwoSided(sums: CentredSums, g: number): number {
  const { n, mean, squares } = sums;
  if (n < 2) return 0;
  const between = n * mean * mean;
  if (between === 0) return -0.5 * Math.log1p(n * g);
  // V / (V − g S²/(1 + n g)) written with r = S² / (n V) so that no two near-equal numbers are subtracted.
  const total = between + squares;
  return -0.5 * Math.log1p(n * g) + (n / 2) * Math.log1p((n * g * between) / (total + n * g * squares));
}

/**
 * ln E of the one-sided anytime-valid t-test: evidence against "mean ≤ 0, any variance". The same mixture, δ kept above 0:
 * the two-sided value times twice the posterior probability of δ > 0, which is Student's t with n degrees of freedom.
 *
 * It holds for *every* mean ≤ 0, not only for 0: given the past, the likelihood ratio of any δ > 0 grows with the t statistic
 * and that of any true δ₀ < 0 falls with it, so by Chebyshev's association inequality the product's conditional mean is at
 * most the product of the means, and E stays a supermartingale. (With a half-normal prior on δ.)
 */
export function logTUp(sums: CentredSums, g: number): number {
  const { n, mean, squares } = sums;
  if (n < 2) return 0;
  return logTTwoSided(sums, g) + Math.LN2 + logStudentTCdf(posteriorT(n, mean, squares, g), n);
}

/** Posterior location / scale of the mean: P(δ > 0 | data) = P(T_n ≤ this). */
function posteriorT(n: number, mean: number, squares: number, g: number): number {
  if (mean === 0) return 0;
  const weight = n * g;
  const between = n * mean * mean;
  const residual = (between + squares * (1 + weight)) / (1 + weight);
  return (Math.sign(mean) * Math.sqrt((n * weight * between) / (1 + weight))) / Math.sqrt(residual);
}

/**
 * Half-width r of the one-sided confidence sequences: "mean > m" is proved at alpha exactly for m < x̄ − r, and
 * "mean < m" for m > x̄ + r. null while n is too small for any data to reach 1/α; 0 for identical observations.
 */
export function tMixtureBound(sums: { n: number; squares: number }, alpha: number, g: number): number | null {
  const { n, squares } = sums;
  const needed = -Math.log(alpha);
  if (n < 2 || logTUp({ n, mean: 1, squares: 0 }, g) < needed) return null;
  if (squares === 0) return 0;
  // Evidence grows with the distance from the null, measured in standard deviations.
  const at = (distance: number) => logTUp({ n, mean: distance, squares: 1 }, g);
  let low = 0;
  let high = 1;
  while (at(high) < needed && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (at(middle) < needed) low = middle;
    else high = middle;
  }
  return high * Math.sqrt(squares);
}
