import { describe, expect, it } from "vitest";
import { MISSING_BIN } from "./binning.ts";
import { FEATURE_STRIDE, histogramLength } from "./histogram.ts";
import { seededRandom } from "./random.ts";
import { SplitFinder, type SplitLimits } from "./split.ts";

interface Case {
  columns: number[][];
  gradients: number[];
  hessians: number[];
  binCount: number;
}

function randomCase(seed: number): Case {
  const random = seededRandom(seed);
  const rows = 30 + Math.floor(random() * 60);
  const binCount = 2 + Math.floor(random() * 7);
  const draw = () =>
    Array.from({ length: rows }, () => (random() < 0.2 ? MISSING_BIN : Math.floor(random() * binCount)));
  return {
    columns: [draw(), draw(), draw()],
    gradients: Array.from({ length: rows }, () => random() - 0.5),
    // Down to a tenth of the largest, so that hessians say little about row counts.
    hessians: Array.from({ length: rows }, () => 0.025 + random() * 0.225),
    binCount,
  };
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Every split of every feature, tried row by row: the definition, without histograms. */
function bestByEnumeration({ columns, gradients, hessians, binCount }: Case, limits: SplitLimits): number {
  const score = (picked: number[]) => {
    const h = sum(picked.map((i) => hessians[i] as number));
    return h + limits.l2 > 0 ? sum(picked.map((i) => gradients[i] as number)) ** 2 / (h + limits.l2) : 0;
  };
  const all = gradients.map((_, i) => i);
  let best = 0;
  for (const column of columns) {
    for (let bin = 0; bin < binCount; bin++) {
      for (const missingLeft of [false, true]) {
        const isLeft = (i: number) => (column[i] === MISSING_BIN ? missingLeft : (column[i] as number) <= bin);
        const sides = [all.filter(isLeft), all.filter((i) => !isLeft(i))] as const;
        const fits = (side: number[]) =>
          side.length >= limits.minSamplesLeaf && sum(side.map((i) => hessians[i] as number)) >= limits.minChildHessian;
        if (!sides.every(fits)) continue;
        best = Math.max(best, (score(sides[0]) + score(sides[1]) - score(all)) / 2);
      }
    }
  }
  return best;
}

function bestByFinder({ columns, gradients, hessians, binCount }: Case, limits: SplitLimits) {
  const histogram = new Float64Array(histogramLength(columns.length));
  columns.forEach((column, f) => {
    column.forEach((bin, i) => {
      const at = f * FEATURE_STRIDE + bin * 2;
      histogram[at] = (histogram[at] as number) + (gradients[i] as number);
      histogram[at + 1] = (histogram[at + 1] as number) + (hessians[i] as number);
    });
  });
  const sums = { gradient: sum(gradients), hessian: sum(hessians), rows: gradients.length };
  const finder = new SplitFinder(
    limits,
    columns.map(() => binCount),
  );
  return finder.find(histogram, sums, (feature, out) => {
    out.fill(0);
    for (const bin of columns[feature] as number[]) out[bin] = (out[bin] as number) + 1;
  });
}

describe("SplitFinder", () => {
  it.each([1, 5, 15])("finds the split that enumeration finds, at least %i rows a leaf", (minSamplesLeaf) => {
    const limits = { minSamplesLeaf, minChildHessian: 1e-3, minGain: 0, l2: 0.3, maxRowHessian: 0.25 };
    for (let seed = 1; seed <= 200; seed++) {
      const problem = randomCase(seed);
      expect(bestByFinder(problem, limits)?.gain ?? 0, `seed ${seed}`).toBeCloseTo(
        bestByEnumeration(problem, limits),
        10,
      );
    }
  });

  it("honours the least hessian of a child and the least gain", () => {
    const problem = randomCase(3);
    const limits = { minSamplesLeaf: 1, minChildHessian: 1e-3, minGain: 0, l2: 0, maxRowHessian: 0.25 };
    const strict = { ...limits, minChildHessian: 3 };
    expect(bestByFinder(problem, strict)?.gain ?? 0).toBeCloseTo(bestByEnumeration(problem, strict), 10);
    const gain = bestByFinder(problem, limits)?.gain as number;
    expect(bestByFinder(problem, { ...limits, minGain: gain * 0.999 })?.gain).toBe(gain);
    expect(bestByFinder(problem, { ...limits, minGain: gain * 1.001 })).toBeUndefined();
  });

  it("sends values that were never missing in training to the heavier child", () => {
    const columns = [[0, 0, 0, 1, 1, 1, 1, 1]];
    const gradients = [1, 1, 1, -1, -1, -1, -1, -1];
    const limits = { minSamplesLeaf: 1, minChildHessian: 1e-3, minGain: 0, l2: 0, maxRowHessian: 1 };
    const problem = { columns, gradients, hessians: gradients.map(() => 1), binCount: 2 };
    expect(bestByFinder(problem, limits)).toMatchObject({ bin: 0, missingLeft: false });
    const mirrored = { ...problem, columns: [[0, 0, 0, 0, 0, 1, 1, 1]] };
    expect(bestByFinder(mirrored, limits)).toMatchObject({ bin: 0, missingLeft: true });
  });
});
