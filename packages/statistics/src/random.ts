/** A seeded source of random numbers: equal seeds give equal sequences on every machine. Not for secrets. */
export interface Random {
  /** The next 32 random bits as an unsigned integer. */
  uint32(): number;
  /** Uniform on [0, 1) with 53 random bits. */
  uniform(): number;
  /** Uniform integer in [0, n), by multiplication (bias below 2^-53 n). */
  integer(n: number): number;
  /** Standard normal (Box–Muller, both values used). */
  normal(): number;
  /** Number of successes in n ≥ 0 trials of probability p. Cost grows with n · min(p, 1 − p). */
  binomial(n: number, p: number): number;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** SplitMix32: spreads one 32-bit seed over a generator's state. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
}

/** xoshiro128** (Blackman & Vigna 2018) over a state of four 32-bit words, not all zero. */
export function xoshiro128(s0: number, s1: number, s2: number, s3: number): () => number {
  let [a, b, c, d] = [s0 | 0, s1 | 0, s2 | 0, s3 | 0];
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** Counts successes by jumping from one to the next (geometric gaps): exact, and fast for small p. */
function binomialByGaps(uniform: () => number, n: number, p: number): number {
  if (p <= 0) return 0;
  if (p > 0.5) return n - binomialByGaps(uniform, n, 1 - p);
  const scale = 1 / Math.log1p(-p);
  let successes = 0;
  for (let at = gap(uniform, scale); at < n; at += 1 + gap(uniform, scale)) successes++;
  return successes;
}

function gap(uniform: () => number, scale: number): number {
  return Math.floor(Math.log(1 - uniform()) * scale);
}

/** Makes a {@link Random} from an integer seed. */
export function createRandom(seed: number): Random {
  const words = splitMix32(seed);
  const uint32 = xoshiro128(words(), words(), words(), words() | 1);
  let spare: number | undefined;
  const uniform = () => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uint32,
    uniform,
    integer: (n) => Math.floor(uniform() * n),
    normal,
    binomial: (n, p) => binomialByGaps(uniform, n, p),
  };
}
