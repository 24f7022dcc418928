/** Buckets that assignment keys are spread over: 0.01 % each. */
export const BUCKETS = 10_000;

/**
 * The bucket of an assignment key under a salt, 0 to 9,999: MurmurHash3 (x86, 32 bit) over the UTF-16 code units of
 * `salt:key`, each taken as one 32-bit block. The same key stays in its bucket for as long as the salt does, so a
 * growing share only ever adds callers.
 */
export function bucketOf(salt: string, key: string): number {
  let h = mix(0, salt);
  h = block(h, 0x3a);
  h = mix(h, key);
  h ^= salt.length + 1 + key.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 0) % BUCKETS;
}

function mix(seed: number, text: string): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = block(h, text.charCodeAt(i));
  return h;
}

function block(h: number, unit: number): number {
  let k = Math.imul(unit, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = h ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** True if a caller in `bucket` belongs to the candidate at `percent` of traffic (0 to 100, two decimals). */
export function goesToCandidate(bucket: number, percent: number): boolean {
  return bucket < Math.round((percent * BUCKETS) / 100);
}
