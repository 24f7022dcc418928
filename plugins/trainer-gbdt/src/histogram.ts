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
 * Adds the rows `rows[start..end)` to one feature's part of a histogram. Four rows at a time: the four bins are read
 * before the dependent sums, which hides their latency. Sums are float64: a leaf adds up to millions of float32 terms.
 */
export function addToHistogram(
  histogram: Float64Array,
  offset: number,
  bins: Uint8Array,
  rows: Int32Array,
  start: number,
  end: number,
  gathered: Float32Array,
): void {
  const unrolled = start + ((end - start) & ~3);
  let i = start;
  let k = 0;
  for (; i < unrolled; i += 4, k += 8) {
    const a = offset + ((bins[rows[i] as number] as number) << 1);
    const b = offset + ((bins[rows[i + 1] as number] as number) << 1);
    const c = offset + ((bins[rows[i + 2] as number] as number) << 1);
    const d = offset + ((bins[rows[i + 3] as number] as number) << 1);
    histogram[a] = (histogram[a] as number) + (gathered[k] as number);
    histogram[a + 1] = (histogram[a + 1] as number) + (gathered[k + 1] as number);
    histogram[b] = (histogram[b] as number) + (gathered[k + 2] as number);
    histogram[b + 1] = (histogram[b + 1] as number) + (gathered[k + 3] as number);
    histogram[c] = (histogram[c] as number) + (gathered[k + 4] as number);
    histogram[c + 1] = (histogram[c + 1] as number) + (gathered[k + 5] as number);
    histogram[d] = (histogram[d] as number) + (gathered[k + 6] as number);
    histogram[d + 1] = (histogram[d + 1] as number) + (gathered[k + 7] as number);
  }
  for (; i < end; i++, k += 2) {
    const a = offset + ((bins[rows[i] as number] as number) << 1);
    histogram[a] = (histogram[a] as number) + (gathered[k] as number);
    histogram[a + 1] = (histogram[a + 1] as number) + (gathered[k + 1] as number);
  }
}

/** {@link addToHistogram} for all rows in table order: no row index to follow, nothing to gather. */
export function addAllToHistogram(
  histogram: Float64Array,
  offset: number,
  bins: Uint8Array,
  gradients: Float32Array,
): void {
  const unrolled = bins.length & ~3;
  let i = 0;
  let k = 0;
  for (; i < unrolled; i += 4, k += 8) {
    const a = offset + ((bins[i] as number) << 1);
    const b = offset + ((bins[i + 1] as number) << 1);
    const c = offset + ((bins[i + 2] as number) << 1);
    const d = offset + ((bins[i + 3] as number) << 1);
    histogram[a] = (histogram[a] as number) + (gradients[k] as number);
    histogram[a + 1] = (histogram[a + 1] as number) + (gradients[k + 1] as number);
    histogram[b] = (histogram[b] as number) + (gradients[k + 2] as number);
    histogram[b + 1] = (histogram[b + 1] as number) + (gradients[k + 3] as number);
    histogram[c] = (histogram[c] as number) + (gradients[k + 4] as number);
    histogram[c + 1] = (histogram[c + 1] as number) + (gradients[k + 5] as number);
    histogram[d] = (histogram[d] as number) + (gradients[k + 6] as number);
    histogram[d + 1] = (histogram[d + 1] as number) + (gradients[k + 7] as number);
  }
  for (; i < bins.length; i++, k += 2) {
    const a = offset + ((bins[i] as number) << 1);
    histogram[a] = (histogram[a] as number) + (gradients[k] as number);
    histogram[a + 1] = (histogram[a + 1] as number) + (gradients[k + 1] as number);
  }
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
