import type { TrainingTable, TrainRequest } from "@ballast/plugin-sdk";
import type { Fit } from "./boosting.ts";
import { checkScoredTable } from "./table.ts";
import { addTree } from "./tree.ts";

/**
 * Predictions in the arithmetic of ONNX Runtime's TreeEnsembleRegressor: leaf values summed tree by tree in float32, the
 * base value last. Binary scores go through the logistic function.
 */
export function predict(
  fit: Pick<Fit, "trees" | "baseScore">,
  task: TrainRequest["task"],
  width: number,
  table: Pick<TrainingTable, "rows" | "features">,
): Float32Array {
  checkScoredTable(table, width);
  const scores = new Float32Array(table.rows);
  for (const tree of fit.trees) addTree(tree, table.features, scores);
  for (let i = 0; i < scores.length; i++) {
    const score = Math.fround((scores[i] as number) + fit.baseScore);
    scores[i] = task === "binary" ? 1 / (1 + Math.exp(-score)) : score;
  }
  return scores;
}

/**
 * Area under the ROC curve: the chance that a random positive scores above a random negative, ties counting half
 * (Mann–Whitney). NaN when a class is absent.
 */
export function areaUnderRoc(scores: Float32Array | Float64Array, label: Float32Array): number {
  const order = new Uint32Array(scores.length).map((_, i) => i);
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length; ) {
    let end = i;
    let tiedPositives = 0;
    const score = scores[order[i] as number] as number;
    for (; end < order.length && scores[order[end] as number] === score; end++) {
      tiedPositives += label[order[end] as number] as number;
    }
    // Ranks i+1 .. end share their mean.
    rankSum += tiedPositives * ((i + 1 + end) / 2);
    positives += tiedPositives;
    i = end;
  }
  const negatives = scores.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
