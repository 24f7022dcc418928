import { seededRandom } from "./random.ts";

/** Bin of missing values; every other bin is below it. */
export const MISSING_BIN = 255;
/** Bin slots per feature: 255 for values and one for missing. */
export const BIN_SLOTS = 256;

/** Bin edges come from at most this many rows: quantiles of 200,000 are good to about 0.1 % of rank. */
const SAMPLE_ROWS = 200_000;

/** A table as bin numbers, column-major. */
export interface BinnedTable {
  rows: number;
  /** `columns[j][i]` is the bin of feature j in row i; {@link MISSING_BIN} for NaN. */
  columns: Uint8Array[];
  /**
   * `upper[j][b]` is the largest value of bin b: bin b holds `upper[b-1] < x <= upper[b]`. Each is a value that occurs in
   * the data, so that `x <= upper[b]` decides alike here and in a float32 ONNX graph; the last is +Infinity.
   */
  upper: Float32Array[];
}

/** Row numbers, ascending, one drawn from each of `size` equal stretches of the table: time stays evenly covered. */
function sampleRows(rows: number, size: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  return Int32Array.from({ length: size }, (_, k) => Math.min(rows - 1, Math.floor(((k + random()) * rows) / size)));
}

/** The non-missing values of a column (of the sampled rows, if sampled), ascending. */
function sortedValues(column: Float32Array, sample: Int32Array | undefined): Float32Array {
  const values = new Float32Array(sample ? sample.length : column.length);
  let n = 0;
  for (let k = 0; k < values.length; k++) {
    const x = column[sample ? (sample[k] as number) : k] as number;
    if (!Number.isNaN(x)) values[n++] = x;
  }
  return values.subarray(0, n).sort();
}

/**
 * Upper edges of at most `maxBins` bins. Few distinct values: one bin each. Many: equal shares of what is left, so that
 * one frequent value takes one bin and the rest still share all the others.
 */
function findUpperEdges(sorted: Float32Array, maxBins: number): Float32Array {
  const edges: number[] = [];
  let distinct = sorted.length > 0 ? 1 : 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  let inBin = 0;
  let left = sorted.length;
  for (let i = 0; i < sorted.length; i++) {
    inBin++;
    if (sorted[i] === sorted[i + 1]) continue;
    const binsLeft = maxBins - edges.length;
    if (binsLeft === 1) break;
    if (distinct > maxBins && inBin * binsLeft < left) continue;
    edges.push(sorted[i] as number);
    left -= inBin;
    inBin = 0;
  }
  if (inBin > 0 || edges.length === 0) edges.push(Number.POSITIVE_INFINITY);
  else edges[edges.length - 1] = Number.POSITIVE_INFINITY;
  return Float32Array.from(edges);
}

/** The first bin whose upper edge is not below x, by binary search; NaN gets {@link MISSING_BIN}. */
function assignBins(column: Float32Array, upper: Float32Array): Uint8Array {
  const bins = new Uint8Array(column.length);
  const last = upper.length - 1;
  for (let i = 0; i < column.length; i++) {
    const x = column[i] as number;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (x > (upper[middle] as number)) low = middle + 1;
      else high = middle;
    }
    bins[i] = Number.isNaN(x) ? MISSING_BIN : low;
  }
  return bins;
}

/** Finds bin edges from the data (seeded sample above 200,000 rows) and turns every value into its bin number. */
export function binTable(features: Float32Array[], rows: number, maxBins: number, seed: number): BinnedTable {
  const sample = rows > SAMPLE_ROWS ? sampleRows(rows, SAMPLE_ROWS, seed) : undefined;
  const upper = features.map((column) => findUpperEdges(sortedValues(column, sample), maxBins));
  const columns = features.map((column, j) => assignBins(column, upper[j] as Float32Array));
  return { rows, columns, upper };
}
