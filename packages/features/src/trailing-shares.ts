/** Rows of a source in ascending time. */
export interface StreamRows {
  /** Epoch ms, integers. */
  times: Float64Array;
  /** Number of the row's key, from 0 without gaps; −1 for a row that counts for nobody. */
  keys: Float64Array;
  /** 1 where the row counts for the share, else 0. */
  hits: Float64Array;
}

/** Moments and keys asked about, in any order; −1 for a key that no row has, NaN for no time. */
export interface AskedRows {
  times: Float64Array;
  keys: Float64Array;
}

/**
 * The share of hits among a key's rows in (t − W, t] for each row asked about and each window W (ms): float64 division of two
 * exact counts, rounded to float32; NaN where there is no row. `[w][i]`: window w, row i.
 *
 * One pass in time: each key has one end that takes rows in, and a start per window that lets them go, so the work grows
 * with rows and not with the size of windows. Besides its input it holds 9 bytes per source row.
 */
export function trailingShares(rows: StreamRows, asked: AskedRows, windowsMs: readonly number[]): Float32Array[] {
  const { first, times, hits } = byKey(rows);
  const keyCount = first.length - 1;
  const shares = windowsMs.map(() => new Float32Array(asked.times.length).fill(Number.NaN));
  const end = first.slice(0, keyCount);
  const start = windowsMs.map(() => first.slice(0, keyCount));
  const sum = windowsMs.map(() => new Float64Array(keyCount));
  const windows = windowsMs.length;
  for (const i of ascending(asked.times)) {
    const key = asked.keys[i] as number;
    const t = asked.times[i] as number;
    if (key < 0 || key >= keyCount || Number.isNaN(t)) continue;
    const stop = first[key + 1] as number;
    const from = end[key] as number;
    let to = from;
    let taken = 0;
    while (to < stop && (times[to] as number) <= t) taken += hits[to++] as number;
    end[key] = to;
    for (let w = 0; w < windows; w++) {
      const starts = start[w] as Int32Array;
      const sums = sum[w] as Float64Array;
      const gone = t - (windowsMs[w] as number);
      let at = starts[key] as number;
      let held = (sums[key] as number) + taken;
      while (at < to && (times[at] as number) <= gone) held -= hits[at++] as number;
      starts[key] = at;
      sums[key] = held;
      if (at < to) (shares[w] as Float32Array)[i] = held / (to - at);
    }
  }
  return shares;
}

/** Rows grouped by key, in time order within each: those of key k are `first[k]` to `first[k + 1]` − 1. */
function byKey({ times, keys, hits }: StreamRows) {
  let keyCount = 0;
  for (const key of keys) if (key >= keyCount) keyCount = key + 1;
  const first = new Int32Array(keyCount + 1);
  for (const key of keys) if (key >= 0) first[key + 1] = (first[key + 1] as number) + 1;
  for (let key = 0; key < keyCount; key++) first[key + 1] = (first[key + 1] as number) + (first[key] as number);
  const next = first.slice();
  const grouped = {
    first,
    times: new Float64Array(first[keyCount] as number),
    hits: new Uint8Array(first[keyCount] as number),
  };
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    if (key < 0) continue;
    const at = next[key] as number;
    next[key] = at + 1;
    grouped.times[at] = times[i] as number;
    grouped.hits[at] = hits[i] as number;
  }
  return grouped;
}

/** Indices in ascending order of value, NaN last. */
function ascending(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, i) => i);
  for (let i = 1; i < values.length; i++)
    if (!((values[i] as number) >= (values[i - 1] as number))) return order.sort(byValue(values));
  return order;
}

const byValue = (values: Float64Array) => (a: number, b: number) => {
  const [x, y] = [values[a] as number, values[b] as number];
  if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : 1;
  return Number.isNaN(y) ? -1 : x - y;
};
