import { describe, expect, it } from "vitest";
import {
  addAllRows,
  addRows,
  countBins,
  FEATURE_STRIDE,
  gatherGradients,
  histogramLength,
  subtractHistogram,
} from "./histogram.ts";
import { seededRandom } from "./random.ts";

const random = seededRandom(11);
const ROWS = 1001;
const first = Uint8Array.from({ length: ROWS }, () => random() * 256);
const second = Uint8Array.from({ length: ROWS }, () => random() * 256);
// Eighths add without rounding, so sums can be compared for equality whatever their order.
const gradients = Float32Array.from({ length: ROWS * 2 }, () => Math.floor(random() * 64) / 8);

function naive(rows: Iterable<number>): Float64Array {
  const out = new Float64Array(histogramLength(2));
  for (const row of rows) {
    for (const [f, bins] of [first, second].entries()) {
      const at = f * FEATURE_STRIDE + (bins[row] as number) * 2;
      out[at] = (out[at] as number) + (gradients[row * 2] as number);
      out[at + 1] = (out[at + 1] as number) + (gradients[row * 2 + 1] as number);
    }
  }
  return out;
}

function ofStretch(rows: Int32Array, start: number, end: number): Float64Array {
  const gathered = new Float32Array(2 * (end - start));
  gatherGradients(gradients, rows, start, end, gathered);
  const out = new Float64Array(histogramLength(2));
  addRows(out, 0, first, second, rows, start, end, gathered);
  return out;
}

describe("histograms", () => {
  const all = Int32Array.from({ length: ROWS }, (_, i) => i);
  const some = all.filter((i) => i % 3 === 0);

  it("sum gradients and hessians by bin, for even and odd numbers of rows", () => {
    for (const [start, end] of [
      [0, some.length],
      [5, 100],
      [5, 101],
      [7, 8],
      [9, 9],
    ] as const) {
      expect(ofStretch(some, start, end)).toEqual(naive(some.subarray(start, end)));
    }
  });

  it("over all rows in table order equal those over their row numbers", () => {
    const whole = new Float64Array(histogramLength(2));
    addAllRows(whole, 0, first, second, gradients);
    expect(whole).toEqual(naive(all));
  });

  it("of a sibling are what the other child leaves of the parent", () => {
    const parent = naive(all);
    subtractHistogram(parent, naive(some));
    expect(parent).toEqual(naive(all.filter((i) => i % 3 !== 0)));
  });

  it("count rows exactly", () => {
    const counts = new Int32Array(256).fill(99);
    countBins(first, some, 0, some.length, counts);
    expect(counts[first[0] as number]).toBe(some.filter((row) => first[row] === first[0]).length);
    expect(counts.reduce((a, b) => a + b)).toBe(some.length);
  });
});
