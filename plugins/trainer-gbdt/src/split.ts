import { BIN_SLOTS, MISSING_BIN } from "./binning.ts";
import { FEATURE_STRIDE } from "./histogram.ts";

/** The best way found to split a leaf: rows with bin <= `bin` go left, missing rows where `missingLeft` says. */
export interface Split {
  /** Reduction of the loss, in the loss's unit summed over rows: ½(GL²/(HL+λ) + GR²/(HR+λ) − G²/(H+λ)). */
  gain: number;
  feature: number;
  bin: number;
  missingLeft: boolean;
  leftGradient: number;
  leftHessian: number;
}

/** Limits a split must respect. */
export interface SplitLimits {
  minSamplesLeaf: number;
  minChildHessian: number;
  minGain: number;
  l2: number;
  /** No row's hessian is above this: 0.25 for logistic loss, 1 for squared error. */
  maxRowHessian: number;
}

/** What a leaf sums to, and how many rows it has. */
export interface LeafSums {
  gradient: number;
  hessian: number;
  rows: number;
}

/**
 * A missing bin lighter than this counts as empty: subtraction leaves residues of up to about 1e-8 in large tables, and
 * rows as sure as this (p within 1e-6 of their class) have no say in a split.
 */
const EMPTY_HESSIAN = 1e-6;

/**
 * Looks for the best split of one leaf, feature by feature.
 *
 * Histograms keep no row counts (a third of the memory traffic). A child whose hessian is at least
 * `minSamplesLeaf * maxRowHessian` surely has enough rows. Only where a lighter child would win are the rows of that one
 * feature counted, so `minSamplesLeaf` still holds exactly.
 */
export class SplitFinder {
  readonly #limits: SplitLimits;
  readonly #binCounts: number[];
  readonly #counts = new Int32Array(BIN_SLOTS);
  readonly #surelyEnough: number;
  /** Best gain among splits whose row counts are not known to suffice, in the feature just scanned. */
  #unsureScore = 0;

  constructor(limits: SplitLimits, binCounts: number[]) {
    this.#limits = limits;
    this.#binCounts = binCounts;
    this.#surelyEnough = limits.minSamplesLeaf * limits.maxRowHessian * (1 + 1e-6);
  }

  /** @param countRows fills the row counts per bin of one feature of this leaf */
  find(
    histogram: Float64Array,
    sums: LeafSums,
    countRows: (feature: number, out: Int32Array) => void,
  ): Split | undefined {
    const own = (sums.gradient * sums.gradient) / (sums.hessian + this.#limits.l2);
    // Scores are GL²/(HL+λ) + GR²/(HR+λ); the relative step keeps rounding noise from passing as a gain,
    // and no absolute one is taken, because targets come in any unit.
    const floor = own + Math.max(2 * this.#limits.minGain, own * 1e-12);
    const best: Split = { gain: floor, feature: -1, bin: 0, missingLeft: false, leftGradient: 0, leftHessian: 0 };
    for (let feature = 0; feature < this.#binCounts.length; feature++) {
      this.#unsureScore = 0;
      this.#scanFeature(histogram, feature, sums, best, false);
      if (this.#unsureScore <= best.gain) continue;
      countRows(feature, this.#counts);
      this.#scanFeature(histogram, feature, sums, best, true);
    }
    if (best.feature < 0) return undefined;
    best.gain = (best.gain - own) / 2;
    return best;
  }

  #scanFeature(histogram: Float64Array, feature: number, sums: LeafSums, best: Split, counted: boolean): void {
    const at = feature * FEATURE_STRIDE;
    const missing = histogram[at + MISSING_BIN * 2 + 1] as number;
    const bins = this.#binCounts[feature] as number;
    const anyMissing = missing > EMPTY_HESSIAN;
    // With missing values, the last bin is a candidate too: everything known left, everything missing right.
    this.#scan(histogram, feature, sums, best, counted, false, anyMissing ? bins : bins - 1);
    if (anyMissing) this.#scan(histogram, feature, sums, best, counted, true, bins - 1);
    else if (best.feature === feature) best.missingLeft = best.leftHessian * 2 >= sums.hessian;
  }

  #scan(
    histogram: Float64Array,
    feature: number,
    sums: LeafSums,
    best: Split,
    counted: boolean,
    missingLeft: boolean,
    candidates: number,
  ): void {
    const { minChildHessian, minSamplesLeaf, l2 } = this.#limits;
    const surely = counted ? 0 : this.#surelyEnough;
    const at = feature * FEATURE_STRIDE;
    let left = missingLeft ? (histogram[at + MISSING_BIN * 2] as number) : 0;
    let leftHessian = missingLeft ? (histogram[at + MISSING_BIN * 2 + 1] as number) : 0;
    let leftRows = missingLeft ? (this.#counts[MISSING_BIN] as number) : 0;
    for (let bin = 0; bin < candidates; bin++) {
      left += histogram[at + bin * 2] as number;
      leftHessian += histogram[at + bin * 2 + 1] as number;
      leftRows += this.#counts[bin] as number;
      const rightHessian = sums.hessian - leftHessian;
      if (leftHessian < minChildHessian) continue;
      if (rightHessian < minChildHessian) break;
      const right = sums.gradient - left;
      const score = (left * left) / (leftHessian + l2) + (right * right) / (rightHessian + l2);
      if (score <= best.gain) continue;
      if (counted) {
        if (leftRows < minSamplesLeaf || sums.rows - leftRows < minSamplesLeaf) continue;
      } else if (leftHessian < surely || rightHessian < surely) {
        if (score > this.#unsureScore) this.#unsureScore = score;
        continue;
      }
      best.gain = score;
      best.feature = feature;
      best.bin = bin;
      best.missingLeft = missingLeft;
      best.leftGradient = left;
      best.leftHessian = leftHessian;
    }
  }
}
