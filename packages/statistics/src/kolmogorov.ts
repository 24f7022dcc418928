import { log1pMinus, stirlingCorrection } from "./log-gamma.ts";

/**
 * P(D_n ≥ d): survival function of the two-sided one-sample Kolmogorov statistic for sample size n.
 *
 * The regions are those of Simard & L'Ecuyer (J. Stat. Software 39(11), 2011), which scipy's `kstwo` follows:
 * closed forms at both ends, the Durbin matrix (Marsaglia, Tsang & Wang 2003) for small n and small d, Miller's
 * twice-the-one-sided value in the tail, the Pelz & Good (1976) series between. Agrees with scipy to 1e-9.
 */
export function kolmogorovSf(n: number, d: number): number {
  if (!(n >= 1) || !Number.isInteger(n) || Number.isNaN(d)) return Number.NaN;
  if (d >= 1) return 0;
  const t = n * d;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - rubenGambino(n, 2 * t - 1);
  if (t >= n - 1) return clip(2 * (1 - d) ** n);
  const scaled = t * d;
  if (d >= 0.5) return clip(2 * smirnovSf(n, d));
  if (n <= 140) return scaled <= 4 ? clip(1 - durbinMatrixCdf(n, d)) : clip(2 * smirnovSf(n, d));
  if (scaled >= 370) return 0;
  if (scaled >= 2.2) return clip(2 * smirnovSf(n, d));
  if (n <= 100_000 && n * d ** 1.5 <= 1.4) return clip(1 - durbinMatrixCdf(n, d));
  return clip(1 - pelzGoodCdf(n, d));
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p));
}

/** n! (u / n)^n, exact for 1/(2n) ≤ d ≤ 1/n. */
function rubenGambino(n: number, u: number): number {
  let product = 1;
  for (let i = 1; i <= n && product > 0; i++) product *= (i / n) * u;
  return product;
}

/** Binomial probability of j successes in n at p, with 0 < j < n, by Loader's saddle-point form. */
function binomialPmf(n: number, j: number, p: number): number {
  const m = n - j;
  const gap = p * n - j;
  const exponent = saddle(n) - saddle(j) - saddle(m) + j * log1pMinus(gap / j) + m * log1pMinus(-gap / m);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * j * m));
}

const SMALL_SADDLE = saddleTable();

/** ln n! − ln(√(2πn) (n/e)^n) for n = 1 … 9, where the series is too short. */
function saddleTable(): number[] {
  const table = [0];
  let logFactorial = 0;
  for (let n = 1; n < 10; n++) {
    logFactorial += Math.log(n);
    table.push(logFactorial - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI));
  }
  return table;
}

function saddle(n: number): number {
  return n < 10 ? (SMALL_SADDLE[n] as number) : stirlingCorrection(n);
}

/** P(D_n⁺ ≥ d), one-sided, by Birnbaum & Tingey's sum; its leading asymptotic term beyond a million observations. */
export function smirnovSf(n: number, d: number): number {
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  if (n > 1_000_000) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n));
  let sum = (1 - d) ** n;
  const last = Math.floor(n * (1 - d));
  for (let j = 1; j <= last && j < n; j++) {
    const p = d + j / n;
    if (p >= 1) break;
    sum += (d / p) * binomialPmf(n, j, p);
  }
  return Math.min(1, sum);
}

/** P(D_n < d) from the n-th power of Durbin's matrix; cost grows with (n d)³ log n. */
function durbinMatrixCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const m = 2 * k - 1;
  const h = k - n * d;
  const matrix = durbinMatrix(m, h);
  const { power, exponent } = matrixPower(matrix, m, n);
  let value = power[(k - 1) * m + (k - 1)] as number;
  let scale = exponent;
  for (let i = 1; i <= n; i++) {
    value = (value * i) / n;
    if (value < 1e-140) {
      value *= 1e140;
      scale -= 140;
    }
  }
  return value * 10 ** scale;
}

function durbinMatrix(m: number, h: number): Float64Array {
  const matrix = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) matrix[i * m + j] = i - j + 1 < 0 ? 0 : 1;
  }
  for (let i = 0; i < m; i++) {
    matrix[i * m] = (matrix[i * m] as number) - h ** (i + 1);
    matrix[(m - 1) * m + i] = (matrix[(m - 1) * m + i] as number) - h ** (m - i);
  }
  const corner = (m - 1) * m;
  matrix[corner] = (matrix[corner] as number) + (2 * h - 1 > 0 ? (2 * h - 1) ** m : 0);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      for (let g = 2; g <= i - j + 1; g++) matrix[i * m + j] = (matrix[i * m + j] as number) / g;
    }
  }
  return matrix;
}

function multiply(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < m; k++) {
      const left = a[i * m + k] as number;
      if (left === 0) continue;
      for (let j = 0; j < m; j++) out[i * m + j] = (out[i * m + j] as number) + left * (b[k * m + j] as number);
    }
  }
  return out;
}

/** matrix^n as power × 10^exponent, rescaled on the way so that nothing overflows. */
function matrixPower(matrix: Float64Array, m: number, n: number): { power: Float64Array; exponent: number } {
  const middle = (m >> 1) * m + (m >> 1);
  let base = matrix;
  let baseExponent = 0;
  let power: Float64Array | undefined;
  let exponent = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = power === undefined ? base : multiply(power, base, m);
      exponent += baseExponent;
      if ((power[middle] as number) > 1e140) {
        power = power.map((value) => value * 1e-140);
        exponent += 140;
      }
    }
    if (rest === 1) break;
    base = multiply(base, base, m);
    baseExponent *= 2;
    if ((base[middle] as number) > 1e140) {
      base = base.map((value) => value * 1e-140);
      baseExponent += 140;
    }
  }
  return { power: power ?? base, exponent };
}

/** Sums f(q) exp(−q / (2 z²)) over q = π² a², a = start, start + 1, … */
function thetaSum(start: number, z: number, f: (q: number) => number): number {
  let sum = 0;
  for (let a = start; ; a++) {
    const q = (Math.PI * a) ** 2;
    const weight = Math.exp(-q / (2 * z * z));
    if (weight < 1e-25) return sum;
    sum += f(q) * weight;
  }
}

/** P(√n D_n ≤ √n d) by the four-term series of Pelz & Good (1976). */
function pelzGoodCdf(n: number, d: number): number {
  const root = Math.sqrt(n);
  const z = root * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const scale = 2 * Math.sqrt(Math.PI / 2);
  const k0 = (scale / z) * thetaSum(0.5, z, () => 1);
  const k1 = (scale / (6 * z4)) * thetaSum(0.5, z, (q) => q - z2);
  const k2Half = thetaSum(0.5, z, (q) => 6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * q + (1 - 2 * z2) * q * q);
  const k2Whole = thetaSum(1, z, (q) => q);
  const k2 = (scale / (72 * z6 * z)) * k2Half - (scale / (36 * z2 * z)) * k2Whole;
  const k3Half = thetaSum(
    0.5,
    z,
    (q) =>
      -30 * z6 - 90 * z6 * z2 + (135 * z4 - 96 * z6) * q + (212 * z4 - 60 * z2) * q * q + (5 - 30 * z2) * q * q * q,
  );
  const k3Whole = thetaSum(1, z, (q) => 3 * q * z2 - q * q);
  const k3 = (scale / (6480 * z6 * z4)) * k3Half + (scale / (216 * z6)) * k3Whole;
  return k0 + k1 / root + k2 / n + k3 / (n * root);
}
