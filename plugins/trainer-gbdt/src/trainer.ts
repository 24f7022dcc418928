import {
  AppError,
  buildTreeEnsembleModel,
  type Trainer,
  type TrainRequest,
  type TrainResult,
} from "@ballast/plugin-sdk";
import { boost, type Fit } from "./boosting.ts";
import { OBJECTIVES } from "./objective.ts";
import { parseParams } from "./params.ts";
import { areaUnderRoc, predict } from "./scoring.ts";
import { checkRequestTables } from "./table.ts";

/** The metered unit: one million rows passed through the growing of one tree. */
const USAGE_UNIT = "Mrow_trees";

/** Loss per row (nats, or half the squared error), AUC or RMSE, and the number of trees kept. */
function metricsOf(fit: Fit, request: TrainRequest): Record<string, number> {
  const objective = OBJECTIVES[request.task];
  const parts = [["train", fit.trainScores, request.train.label] as const];
  const metrics: Record<string, number> = { trees: fit.trees.length };
  const validation = fit.validationScores && request.validation;
  const all = validation ? [...parts, ["validation", fit.validationScores, validation.label] as const] : parts;
  for (const [name, scores, label] of all) {
    if (!scores) continue;
    const loss = objective.loss(scores, label);
    metrics[`${name}_loss`] = loss;
    if (request.task === "regression") metrics[`${name}_rmse`] = Math.sqrt(2 * loss);
    if (request.task === "binary" && name === "validation") {
      const auc = areaUnderRoc(scores, label);
      if (Number.isFinite(auc)) metrics.validation_auc = auc;
    }
  }
  return metrics;
}

function importanceOf(fit: Fit, featureNames: string[]): TrainResult["featureImportance"] {
  const gains = new Float64Array(featureNames.length);
  for (const tree of fit.trees) {
    tree.feature.forEach((feature, node) => {
      if (feature >= 0) gains[feature] = (gains[feature] as number) + (tree.gain[node] as number);
    });
  }
  const named = featureNames.map((feature, j) => ({ feature, gain: gains[j] as number }));
  return named.sort((a, b) => b.gain - a.gain);
}

async function train(request: TrainRequest): Promise<TrainResult> {
  const params = parseParams(request.params);
  if (!Number.isSafeInteger(request.seed)) {
    throw new AppError("invalid_input", `seed is ${request.seed}; give an integer.`, { details: { field: "seed" } });
  }
  checkRequestTables(request);
  const fit = await boost(request, params);
  const { featureNames, rows } = request.train;
  const { trees, baseScore } = fit;
  return {
    onnx: buildTreeEnsembleModel({ task: request.task, featureNames, baseValue: baseScore, trees }),
    params,
    metrics: metricsOf(fit, request),
    usage: {
      unit: USAGE_UNIT,
      quantity: (rows * fit.treesGrown) / 1e6,
      worstCase: (rows * params.maxTrees) / 1e6,
    },
    featureImportance: importanceOf(fit, featureNames),
    predict: (table) => predict({ trees, baseScore }, request.task, featureNames.length, table),
  };
}

/** Histogram gradient boosting for binary and regression tasks. See docs/algorithms/gradient-boosting.md. */
export const gbdtTrainer: Trainer = {
  id: "gbdt",
  title: "Histogram gradient boosting",
  estimate: ({ rows, params }) => ({ unit: USAGE_UNIT, worstCase: (rows * parseParams(params).maxTrees) / 1e6 }),
  train,
};
