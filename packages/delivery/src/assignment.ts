/** Buckets a key can fall into: a hundredth of a percent each. */
export const ASSIGNMENT_BUCKETS = 10_000;

/** FNV-1a over UTF-16 code units (low byte, then high byte where there is one), 32 bits. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    if (code > 0xff) hash = Math.imul(hash ^ (code >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** MurmurHash3's 32-bit finaliser: FNV-1a alone leaves neighbouring short keys in neighbouring buckets. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The bucket, 0 to 9,999, of an assignment key under a deployment's salt. The same on every machine and for ever:
 * gateway and platform share this function, and a caller's variant follows from it alone.
 *
 * Source: FNV-1a (Fowler, Noll, Vo), finalised as MurmurHash3 x86_32 (Appleby).
 */
export function assignmentBucket(salt: string, key: string): number {
  return mix(fnv1a(key, fnv1a(`${salt}\u0000`, 0x811c9dc5))) % ASSIGNMENT_BUCKETS;
}

/**
 * Which variant answers a key when `percent` (0 to 100, two decimals count) of keys go to the candidate.
 * Sticky, and monotone in `percent`: a key that was in the 1 % is still in the 10 %.
 */
export function assign(salt: string, key: string, percent: number): "champion" | "candidate" {
  return assignmentBucket(salt, key) < Math.round((percent * ASSIGNMENT_BUCKETS) / 100) ? "candidate" : "champion";
}
