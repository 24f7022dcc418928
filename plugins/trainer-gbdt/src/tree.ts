import type { TreeNodes } from "@ballast/plugin-sdk";

/** A grown tree: what a model file needs, and what each split gained. */
export interface Tree extends TreeNodes {
  /** Loss reduction of the split at a node; 0 for leaves. */
  gain: Float64Array;
}

/** Room for a tree of `leaves` leaves; every node starts as a leaf. */
export function emptyTree(leaves: number): Tree {
  const nodes = 2 * leaves - 1;
  return {
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes).fill(-1),
    right: new Int32Array(nodes).fill(-1),
    missingLeft: new Uint8Array(nodes),
    value: new Float32Array(nodes),
    gain: new Float64Array(nodes),
  };
}

/** The tree cut to the nodes it uses. */
export function trimTree(tree: Tree, nodes: number): Tree {
  return {
    feature: tree.feature.slice(0, nodes),
    threshold: tree.threshold.slice(0, nodes),
    left: tree.left.slice(0, nodes),
    right: tree.right.slice(0, nodes),
    missingLeft: tree.missingLeft.slice(0, nodes),
    value: tree.value.slice(0, nodes),
    gain: tree.gain.slice(0, nodes),
  };
}

/**
 * Adds `sign` times the tree's value for each row to `scores`. Walks the same comparisons as the ONNX graph: `<=` in
 * float32, NaN by the node's default direction.
 */
export function addTree(
  tree: TreeNodes,
  features: Float32Array[],
  scores: Float32Array | Float64Array,
  sign = 1,
): void {
  const { feature, threshold, left, right, missingLeft, value } = tree;
  for (let i = 0; i < scores.length; i++) {
    let node = 0;
    let j = feature[0] as number;
    while (j >= 0) {
      const x = (features[j] as Float32Array)[i] as number;
      const goesLeft = x <= (threshold[node] as number) || (missingLeft[node] === 1 && Number.isNaN(x));
      node = goesLeft ? (left[node] as number) : (right[node] as number);
      j = feature[node] as number;
    }
    scores[i] = (scores[i] as number) + sign * (value[node] as number);
  }
}
