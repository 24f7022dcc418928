import { BIN_SLOTS } from "./binning.ts";

/** Floats per feature in a histogram: for each bin the sum of gradients, then the sum of hessians, interleaved. */
export const FEATURE_STRIDE = BIN_SLOTS * 2;

/** Gradient and hessian of the rows `rows[start..end)`, interleaved in that order, so that histograms read them in line. */
export function gatherGradients(
  gradients: Float32Array,
  rows: Int32Array,
  start: number,
  end: number,
  out: Float32Array,
): void {
  for (let i = start, k = 0; i < end; i++, k += 2) {
    const at = (rows[i] as number) << 1;
    out[k] = gradients[at] as number;
    out[k + 1] = gradients[at + 1] as number;
  }
}

/**
 * Adds the rows `rows[start..end)` to the parts of a histogram that belong to two features, `first` and `second`. Two
 * features and two rows at a time share the loads of row numbers and gradients (1.5 times as fast as one feature), and
 * all four bins are read before the dependent sums, which hides their latency. Sums are float64: a leaf adds up to
 * millions of float32 terms.
 *
 * @param at where in `histogram` the part of `first` begins; that of `second` follows it
 * @param gathered gradients in the order of the stretch, see {@link gatherGradients}
 */
export function addRows(
  histogram: Float64Array,
  at: number,
  first: Uint8Array,
  second: Uint8Array,
  rows: Int32Array,
  start: number,
  end: number,
  gathered: Float32Array,
): void {
  const next = at + FEATURE_STRIDE;
  const even = start + ((end - start) & ~1);
  let k = 0;
  for (let i = start; i < even; i += 2, k += 4) {
    const r = rows[i] as number;
    const s = rows[i + 1] as number;
    const a = at + ((first[r] as number) << 1);
    const b = next + ((second[r] as number) << 1);
    const c = at + ((first[s] as number) << 1);
    const d = next + ((second[s] as number) << 1);
    const gr = gathered[k] as number;
    const hr = gathered[k + 1] as number;
    const gs = gathered[k + 2] as number;
    const hs = gathered[k + 3] as number;
    histogram[a] = (histogram[a] as number) + gr;
    histogram[a + 1] = (histogram[a + 1] as number) + hr;
    histogram[b] = (histogram[b] as number) + gr;
    histogram[b + 1] = (histogram[b + 1] as number) + hr;
    histogram[c] = (histogram[c] as number) + gs;
    histogram[c + 1] = (histogram[c + 1] as number) + hs;
    histogram[d] = (histogram[d] as number) + gs;
    histogram[d + 1] = (histogram[d + 1] as number) + hs;
  }
  if (even === end) return;
  const row = rows[even] as number;
  addOne(histogram, at + ((first[row] as number) << 1), gathered, k);
  addOne(histogram, next + ((second[row] as number) << 1), gathered, k);
}

/** {@link addRows} for all rows in table order: no row number to follow, nothing to gather. */
export function addAllRows(
  histogram: Float64Array,
  at: number,
  first: Uint8Array,
  second: Uint8Array,
  gradients: Float32Array,
): void {
  const next = at + FEATURE_STRIDE;
  const even = first.length & ~1;
  for (let i = 0, k = 0; i < even; i += 2, k += 4) {
    const a = at + ((first[i] as number) << 1);
    const b = next + ((second[i] as number) << 1);
    const c = at + ((first[i + 1] as number) << 1);
    const d = next + ((second[i + 1] as number) << 1);
    const gr = gradients[k] as number;
    const hr = gradients[k + 1] as number;
    const gs = gradients[k + 2] as number;
    const hs = gradients[k + 3] as number;
    histogram[a] = (histogram[a] as number) + gr;
    histogram[a + 1] = (histogram[a + 1] as number) + hr;
    histogram[b] = (histogram[b] as number) + gr;
    histogram[b + 1] = (histogram[b + 1] as number) + hr;
    histogram[c] = (histogram[c] as number) + gs;
    histogram[c + 1] = (histogram[c + 1] as number) + hs;
    histogram[d] = (histogram[d] as number) + gs;
    histogram[d + 1] = (histogram[d + 1] as number) + hs;
  }
  if (even === first.length) return;
  addOne(histogram, at + ((first[even] as number) << 1), gradients, even * 2);
  addOne(histogram, next + ((second[even] as number) << 1), gradients, even * 2);
}

function addOne(histogram: Float64Array, slot: number, gradients: Float32Array, k: number): void {
  histogram[slot] = (histogram[slot] as number) + (gradients[k] as number);
  histogram[slot + 1] = (histogram[slot + 1] as number) + (gradients[k + 1] as number);
}

/** Floats in a histogram of `features` features, rounded up to pairs: an odd last one is paired with itself. */
export function histogramLength(features: number): number {
  return (features + (features & 1)) * FEATURE_STRIDE;
}

/** parent - child, in place in `parent`: the sibling's histogram at the price of one pass over bins instead of rows. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}

/** Rows per bin of one feature among `rows[start..end)`. */
export function countBins(bins: Uint8Array, rows: Int32Array, start: number, end: number, out: Int32Array): void {
  out.fill(0);
  for (let i = start; i < end; i++) {
    const bin = bins[rows[i] as number] as number;
    out[bin] = (out[bin] as number) + 1;
  }
}
