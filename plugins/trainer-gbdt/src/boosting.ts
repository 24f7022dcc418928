import type { TrainRequest } from "@ballast/plugin-sdk";
import { binTable } from "./binning.ts";
import { EarlyStopping } from "./early-stopping.ts";
import { TreeGrower } from "./grow-tree.ts";
import { OBJECTIVES, type Objective } from "./objective.ts";
import type { GbdtParams } from "./params.ts";
import { addTree, type Tree } from "./tree.ts";

/** A fitted sum of trees and how it came to be. */
export interface Fit {
  baseScore: number;
  /** The trees kept: those up to the best validation round, or all of them. */
  trees: Tree[];
  /** Trees grown, those later dropped included: the work done. */
  treesGrown: number;
  /** Final scores of the training rows, and of the validation rows if there are any. */
  trainScores: Float64Array;
  validationScores: Float32Array | undefined;
}

/** Longest time, in ms, that training keeps the event loop to itself, to the nearest whole round. */
const YIELD_AFTER_MS = 20;

interface Watch {
  scores: Float32Array;
  features: Float32Array[];
  label: Float32Array;
  stopping: EarlyStopping;
}

function watchValidation(
  request: TrainRequest,
  params: GbdtParams,
  objective: Objective,
  base: number,
): Watch | undefined {
  if (!request.validation) return undefined;
  const { features, label, rows } = request.validation;
  const scores = new Float32Array(rows).fill(base);
  const stopping = new EarlyStopping(params.patience, params.minDelta, objective.loss(scores, label));
  return { scores, features, label, stopping };
}

/** Takes the trees after `keep` out of the model and out of the scores. */
function dropTrees(trees: Tree[], keep: number, request: TrainRequest, scores: Float64Array, watch: Watch): void {
  for (const tree of trees.splice(keep)) {
    addTree(tree, request.train.features, scores, -1);
    addTree(tree, watch.features, watch.scores, -1);
  }
}

/**
 * Gradient boosting: each round grows a tree on the loss's gradients at the current scores (J. Friedman, "Greedy function
 * approximation", 2001), with Newton leaf values (T. Chen, C. Guestrin, "XGBoost", 2016). Tables are already checked.
 * @throws the signal's reason when it aborts, within one round
 */
export async function boost(request: TrainRequest, params: GbdtParams): Promise<Fit> {
  const { train, signal, onProgress } = request;
  signal?.throwIfAborted();
  const objective = OBJECTIVES[request.task];
  const baseScore = objective.baseScore(train.label);
  const grower = new TreeGrower(
    binTable(train.features, train.rows, params.maxBins, request.seed),
    params,
    objective.maxRowHessian,
  );
  const scores = new Float64Array(train.rows).fill(baseScore);
  const gradients = new Float32Array(train.rows * 2);
  const watch = watchValidation(request, params, objective, baseScore);
  const trees: Tree[] = [];
  let yieldedAt = performance.now();
  for (let round = 1; round <= params.maxTrees; round++) {
    objective.gradients(scores, train.label, gradients);
    const tree = grower.grow(gradients, scores);
    trees.push(tree);
    if (watch) addTree(tree, watch.features, watch.scores);
    const loss = watch && objective.loss(watch.scores, watch.label);
    onProgress?.({ done: round, total: params.maxTrees, ...(loss !== undefined && { loss }) });
    if (loss !== undefined && watch?.stopping.shouldStop(round, loss)) break;
    // A tree that is one leaf moves every score alike; without a split to be found, more rounds find none either.
    if (tree.feature.length === 1) break;
    if (performance.now() - yieldedAt >= YIELD_AFTER_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      yieldedAt = performance.now();
    }
    signal?.throwIfAborted();
  }
  const treesGrown = trees.length;
  if (watch && params.patience > 0) dropTrees(trees, watch.stopping.bestRound, request, scores, watch);
  return { baseScore, trees, treesGrown, trainScores: scores, validationScores: watch?.scores };
}
