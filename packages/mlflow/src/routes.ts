import type { Permission } from "@ballast/core";

export interface MlflowRoute {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As `/api/…` has it; `:name` stands for one segment, a final `*path` for all that follow. `/ajax-api/…` is the same. */
  path: string;
  permission: Permission | "public";
  /** Name of its handler: in `handlers/index.ts`, or with whoever streams files. */
  name: string;
}

const READ = "project.read";
const TRACK = "experiment.write";
const MODEL = "model.write";
const HOOK = "webhook.write";

type Row = [method: MlflowRoute["method"], path: string, permission: MlflowRoute["permission"], name: string];

const TRACKING: readonly Row[] = [
  ["GET", "experiments/get-by-name", READ, "experimentByName"],
  ["POST", "experiments/create", TRACK, "createExperiment"],
  ["POST", "experiments/search", READ, "searchExperiments"],
  ["GET", "experiments/search", READ, "searchExperiments"],
  ["GET", "experiments/get", READ, "getExperiment"],
  ["POST", "experiments/delete", TRACK, "deleteExperiment"],
  ["POST", "experiments/restore", TRACK, "restoreExperiment"],
  ["POST", "experiments/update", TRACK, "updateExperiment"],
  ["POST", "experiments/set-experiment-tag", TRACK, "setExperimentTag"],
  ["POST", "experiments/delete-experiment-tag", TRACK, "deleteExperimentTag"],
  ["POST", "experiments/search-datasets", READ, "searchDatasets"],
  ["POST", "runs/create", TRACK, "createRun"],
  ["POST", "runs/update", TRACK, "updateRun"],
  ["POST", "runs/delete", TRACK, "deleteRun"],
  ["POST", "runs/restore", TRACK, "restoreRun"],
  ["GET", "runs/get", READ, "getRun"],
  ["POST", "runs/search", READ, "searchRuns"],
  ["POST", "runs/log-metric", TRACK, "logMetric"],
  ["POST", "runs/log-parameter", TRACK, "logParameter"],
  ["POST", "runs/set-tag", TRACK, "setTag"],
  ["POST", "runs/delete-tag", TRACK, "deleteTag"],
  ["POST", "runs/log-batch", TRACK, "logBatch"],
  ["POST", "runs/log-model", TRACK, "logModel"],
  ["POST", "runs/log-inputs", TRACK, "logInputs"],
  ["POST", "runs/outputs", TRACK, "logOutputs"],
  ["GET", "artifacts/list", READ, "listRunArtifacts"],
  ["GET", "metrics/get-history", READ, "metricHistory"],
  ["GET", "metrics/get-history-bulk", READ, "metricHistoryBulk"],
  ["GET", "metrics/get-history-bulk-interval", READ, "metricHistoryInterval"],
  ["POST", "logged-models", TRACK, "createLoggedModel"],
  ["POST", "logged-models/search", READ, "searchLoggedModels"],
  ["GET", "logged-models/:model_id", READ, "getLoggedModel"],
  ["PATCH", "logged-models/:model_id", TRACK, "finishLoggedModel"],
  ["DELETE", "logged-models/:model_id", TRACK, "deleteLoggedModel"],
  ["PATCH", "logged-models/:model_id/tags", TRACK, "setLoggedModelTags"],
  ["DELETE", "logged-models/:model_id/tags/:tag_key", TRACK, "deleteLoggedModelTag"],
  ["POST", "logged-models/:model_id/params", TRACK, "logLoggedModelParams"],
  ["GET", "logged-models/:model_id/artifacts/directories", READ, "listLoggedModelArtifacts"],
];

const REGISTRY: readonly Row[] = [
  ["POST", "registered-models/create", MODEL, "createRegisteredModel"],
  ["POST", "registered-models/rename", MODEL, "renameRegisteredModel"],
  ["PATCH", "registered-models/update", MODEL, "updateRegisteredModel"],
  ["DELETE", "registered-models/delete", MODEL, "deleteRegisteredModel"],
  ["GET", "registered-models/get", READ, "getRegisteredModel"],
  ["GET", "registered-models/search", READ, "searchRegisteredModels"],
  ["POST", "registered-models/get-latest-versions", READ, "latestVersions"],
  ["GET", "registered-models/get-latest-versions", READ, "latestVersions"],
  ["POST", "registered-models/set-tag", MODEL, "setRegisteredModelTag"],
  ["DELETE", "registered-models/delete-tag", MODEL, "deleteRegisteredModelTag"],
  ["POST", "registered-models/alias", MODEL, "setAlias"],
  ["DELETE", "registered-models/alias", MODEL, "deleteAlias"],
  ["GET", "registered-models/alias", READ, "versionByAlias"],
  ["POST", "model-versions/create", MODEL, "createModelVersion"],
  ["PATCH", "model-versions/update", MODEL, "updateModelVersion"],
  ["POST", "model-versions/transition-stage", MODEL, "transitionStage"],
  ["DELETE", "model-versions/delete", MODEL, "deleteModelVersion"],
  ["GET", "model-versions/get", READ, "getModelVersion"],
  ["GET", "model-versions/search", READ, "searchModelVersions"],
  ["GET", "model-versions/get-download-uri", READ, "modelVersionDownloadUri"],
  ["POST", "model-versions/set-tag", MODEL, "setModelVersionTag"],
  ["DELETE", "model-versions/delete-tag", MODEL, "deleteModelVersionTag"],
];

const WEBHOOKS: readonly Row[] = [
  ["POST", "webhooks", HOOK, "createWebhook"],
  ["GET", "webhooks", READ, "listWebhooks"],
  ["GET", "webhooks/:webhook_id", READ, "getWebhook"],
  ["PATCH", "webhooks/:webhook_id", HOOK, "updateWebhook"],
  ["DELETE", "webhooks/:webhook_id", HOOK, "deleteWebhook"],
  ["POST", "webhooks/:webhook_id/test", HOOK, "testWebhook"],
];

const of = (prefix: string, rows: readonly Row[]): MlflowRoute[] =>
  rows.map(([method, path, permission, name]) => ({ method, path: `${prefix}/${path}`, permission, name }));

/** Files go as they are, one request each. */
const FILES: readonly MlflowRoute[] = of("/api/2.0", [
  ["GET", "mlflow-artifacts/artifacts", READ, "listArtifacts"],
  ["GET", "mlflow-artifacts/artifacts/*path", READ, "downloadArtifact"],
  ["PUT", "mlflow-artifacts/artifacts/*path", TRACK, "uploadArtifact"],
  ["DELETE", "mlflow-artifacts/artifacts/*path", TRACK, "deleteArtifact"],
  ["POST", "mlflow-artifacts/mpu/create/*path", TRACK, "createMultipart"],
  ["POST", "mlflow-artifacts/mpu/complete/*path", TRACK, "completeMultipart"],
  ["POST", "mlflow-artifacts/mpu/abort/*path", TRACK, "abortMultipart"],
  ["GET", "mlflow/logged-models/:model_id/artifacts/files", READ, "loggedModelFile"],
  ["POST", "mlflow/upload-artifact", TRACK, "uploadRunArtifact"],
]);

/** Every route of the dialect. What MLflow has besides (traces, scorers, evaluation datasets, workspaces, jobs) is not here. */
export const MLFLOW_ROUTES: readonly MlflowRoute[] = [
  { method: "GET", path: "/health", permission: "public", name: "health" },
  { method: "GET", path: "/version", permission: "public", name: "version" },
  { method: "GET", path: "/api/3.0/mlflow/server-info", permission: "public", name: "serverInfo" },
  ...of("/api/2.0/mlflow", [...TRACKING, ...REGISTRY, ...WEBHOOKS]),
  ...FILES,
  { method: "GET", path: "/get-artifact", permission: READ, name: "runFile" },
  { method: "GET", path: "/model-versions/get-artifact", permission: READ, name: "modelVersionFile" },
];
