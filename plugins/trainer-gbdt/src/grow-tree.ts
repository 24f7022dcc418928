import type { BinnedTable } from "./binning.ts";
import {
  addAllRows,
  addRows,
  countBins,
  FEATURE_STRIDE,
  gatherGradients,
  histogramLength,
  subtractHistogram,
} from "./histogram.ts";
import type { GbdtParams } from "./params.ts";
import { RowPartition } from "./partition.ts";
import { type Split, SplitFinder } from "./split.ts";
import { emptyTree, type Tree, trimTree } from "./tree.ts";

/** A leaf of the tree being grown. */
interface Leaf {
  node: number;
  depth: number;
  start: number;
  end: number;
  gradient: number;
  hessian: number;
  /** Present while the leaf may still be split. */
  histogram: Float64Array | undefined;
  split: Split | undefined;
}

/**
 * Grows trees leaf-wise (best gain first) over one binned table; buffers are reused from tree to tree.
 *
 * Source: H. Shi, "Best-first decision tree learning" (2007); histograms, sibling subtraction and gradient statistics as
 * in G. Ke et al., "LightGBM" (NeurIPS 2017).
 */
export class TreeGrower {
  readonly #table: BinnedTable;
  readonly #params: GbdtParams;
  readonly #partition: RowPartition;
  readonly #gathered: Float32Array;
  readonly #finder: SplitFinder;
  readonly #pool: Float64Array[] = [];

  constructor(table: BinnedTable, params: GbdtParams, maxRowHessian: number) {
    this.#table = table;
    this.#params = params;
    this.#partition = new RowPartition(table.rows);
    this.#gathered = new Float32Array(table.rows * 2);
    const binCounts = table.upper.map((edges) => edges.length);
    this.#finder = new SplitFinder({ ...params, maxRowHessian }, binCounts);
  }

  /**
   * Grows one tree and adds its leaf values to `scores`.
   * @param gradients gradient and hessian of each row, interleaved
   */
  grow(gradients: Float32Array, scores: Float64Array): Tree {
    this.#partition.reset();
    const tree = emptyTree(this.#params.maxLeaves);
    const leaves = [this.#rootLeaf(gradients)];
    while (leaves.length < this.#params.maxLeaves) {
      const best = bestLeaf(leaves);
      if (best < 0) break;
      const node = leaves.length * 2 - 1;
      const isLast = leaves.length + 1 === this.#params.maxLeaves;
      const [left, right] = this.#split(leaves[best] as Leaf, node, tree, gradients, isLast);
      leaves[best] = left;
      leaves.push(right);
    }
    for (const leaf of leaves) this.#finish(leaf, tree, scores);
    return trimTree(tree, leaves.length * 2 - 1);
  }

  #rootLeaf(gradients: Float32Array): Leaf {
    let gradient = 0;
    let hessian = 0;
    for (let i = 0; i < gradients.length; i += 2) {
      gradient += gradients[i] as number;
      hessian += gradients[i + 1] as number;
    }
    const root = { node: 0, depth: 0, start: 0, end: this.#table.rows, gradient, hessian };
    const leaf: Leaf = { ...root, histogram: undefined, split: undefined };
    if (!this.#mayGrow(leaf)) return leaf;
    const histogram = this.#takeHistogram();
    this.#forEachPair((first, second, at) => addAllRows(histogram, at, first, second, gradients));
    this.#findSplit(leaf, histogram);
    return leaf;
  }

  #split(leaf: Leaf, node: number, tree: Tree, gradients: Float32Array, isLast: boolean): [Leaf, Leaf] {
    const { split, histogram } = leaf as { split: Split; histogram: Float64Array };
    const bins = this.#table.columns[split.feature] as Uint8Array;
    const middle = this.#partition.split(leaf.start, leaf.end, bins, split.bin, split.missingLeft);
    const depth = leaf.depth + 1;
    const fresh = { depth, histogram: undefined, split: undefined };
    const leftSums = { gradient: split.leftGradient, hessian: split.leftHessian };
    const rightSums = { gradient: leaf.gradient - split.leftGradient, hessian: leaf.hessian - split.leftHessian };
    const left: Leaf = { ...fresh, ...leftSums, node, start: leaf.start, end: middle };
    const right: Leaf = { ...fresh, ...rightSums, node: node + 1, start: middle, end: leaf.end };
    tree.feature[leaf.node] = split.feature;
    tree.threshold[leaf.node] = (this.#table.upper[split.feature] as Float32Array)[split.bin] as number;
    tree.missingLeft[leaf.node] = split.missingLeft ? 1 : 0;
    tree.left[leaf.node] = left.node;
    tree.right[leaf.node] = right.node;
    tree.gain[leaf.node] = split.gain;
    if (isLast || !(this.#mayGrow(left) || this.#mayGrow(right))) this.#pool.push(histogram);
    else this.#splitHistogram(histogram, left, right, gradients);
    return [left, right];
  }

  /** Builds the smaller child's histogram from its rows and turns the parent's into the larger child's. */
  #splitHistogram(parent: Float64Array, left: Leaf, right: Leaf, gradients: Float32Array): void {
    const [small, large] = left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    const histogram = this.#takeHistogram();
    const { rows } = this.#partition;
    gatherGradients(gradients, rows, small.start, small.end, this.#gathered);
    this.#forEachPair((first, second, at) =>
      addRows(histogram, at, first, second, rows, small.start, small.end, this.#gathered),
    );
    subtractHistogram(parent, histogram);
    this.#findSplit(large, parent);
    this.#findSplit(small, histogram);
  }

  #forEachPair(add: (first: Uint8Array, second: Uint8Array, at: number) => void): void {
    const { columns } = this.#table;
    for (let j = 0; j < columns.length; j += 2) {
      const first = columns[j] as Uint8Array;
      add(first, columns[j + 1] ?? first, j * FEATURE_STRIDE);
    }
  }

  #mayGrow(leaf: Leaf): boolean {
    const { minSamplesLeaf, minChildHessian, maxDepth } = this.#params;
    const isHeavy = leaf.end - leaf.start >= 2 * minSamplesLeaf && leaf.hessian >= 2 * minChildHessian;
    return isHeavy && (maxDepth === 0 || leaf.depth < maxDepth);
  }

  #findSplit(leaf: Leaf, histogram: Float64Array): void {
    if (this.#mayGrow(leaf)) {
      const sums = { gradient: leaf.gradient, hessian: leaf.hessian, rows: leaf.end - leaf.start };
      leaf.split = this.#finder.find(histogram, sums, (feature, out) => {
        const bins = this.#table.columns[feature] as Uint8Array;
        countBins(bins, this.#partition.rows, leaf.start, leaf.end, out);
      });
    }
    if (leaf.split) leaf.histogram = histogram;
    else this.#pool.push(histogram);
  }

  #takeHistogram(): Float64Array {
    const used = this.#pool.pop();
    if (used) return used.fill(0);
    return new Float64Array(histogramLength(this.#table.columns.length));
  }

  /** Newton step of the leaf, in float32 as the model file will hold it, applied to the leaf's rows. */
  #finish(leaf: Leaf, tree: Tree, scores: Float64Array): void {
    if (leaf.histogram) this.#pool.push(leaf.histogram);
    // Only a root can be lighter than minChildHessian: rows this sure of themselves must not take a giant step.
    const step = leaf.gradient / Math.max(leaf.hessian + this.#params.l2, this.#params.minChildHessian);
    const value = Math.fround(-this.#params.learningRate * step);
    tree.value[leaf.node] = value;
    const { rows } = this.#partition;
    for (let i = leaf.start; i < leaf.end; i++) {
      const row = rows[i] as number;
      scores[row] = (scores[row] as number) + value;
    }
  }
}

/** The leaf whose split gains most, the oldest on a tie; -1 when none can be split. */
function bestLeaf(leaves: Leaf[]): number {
  let best = -1;
  let gain = 0;
  leaves.forEach((leaf, i) => {
    if (!leaf.split || leaf.split.gain <= gain) return;
    best = i;
    gain = leaf.split.gain;
  });
  return best;
}
