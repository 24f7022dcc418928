/** Our records as MLflow's JSON: snake_case, numbers as numbers, what is not set left out. */
import type { experiments, loggedModels, runs } from "@ballast/db";
import type { RunLinks, SeriesSummary } from "@ballast/experiments/server";
import type { KeyValue } from "./fields.ts";

type Experiment = typeof experiments.$inferSelect;
type RunRow = Omit<typeof runs.$inferSelect, "teamId" | "projectId">;
type LoggedModelRow = typeof loggedModels.$inferSelect;

/** A value as protobuf's JSON writes a double. */
export function double(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/** Undefined for an empty list, which is not sent. */
export function listed<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

export function keyValues(record: Readonly<Record<string, unknown>>): KeyValue[] {
  return Object.entries(record).map(([key, value]) => ({ key, value: String(value) }));
}

const lifecycleOf = (deletedAt: Date | null): "active" | "deleted" => (deletedAt === null ? "active" : "deleted");

/** Where an experiment's files are: below it, one folder per run, and `models` with one per logged model. */
const experimentRoot = (experimentId: string): string => `mlflow-artifacts:/${experimentId}`;
export const runRoot = (run: { experimentId: string; id: string }): string =>
  `${experimentRoot(run.experimentId)}/${run.id}/artifacts`;
export const modelRoot = (model: { experimentId: string; id: string }): string =>
  `${experimentRoot(model.experimentId)}/models/${model.id}/artifacts`;

export function experimentJson(experiment: Experiment) {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experimentRoot(experiment.id),
    lifecycle_stage: lifecycleOf(experiment.deletedAt),
    last_update_time: experiment.updatedAt.getTime(),
    creation_time: experiment.createdAt.getTime(),
    tags: listed(keyValues(experiment.tags)),
  };
}

const STATUS: Record<RunRow["state"], string> = {
  running: "RUNNING",
  scheduled: "SCHEDULED",
  finished: "FINISHED",
  failed: "FAILED",
  killed: "KILLED",
};
const STATES = new Map(Object.entries(STATUS).map(([state, status]) => [status, state as RunRow["state"]]));

/** The state that a status names. */
export const stateOf = (status: string): RunRow["state"] | undefined => STATES.get(status);

export function runInfoJson(run: RunRow) {
  return {
    run_uuid: run.id,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: run.tags["mlflow.user"] ?? run.createdBy,
    status: STATUS[run.state],
    start_time: run.startedAt.getTime(),
    end_time: run.endedAt?.getTime(),
    artifact_uri: runRoot(run),
    lifecycle_stage: lifecycleOf(run.deletedAt),
    run_id: run.id,
  };
}

type LastPoint = Pick<SeriesSummary, "key" | "last" | "lastAt" | "lastStep">;

export function runJson(run: RunRow, series: readonly LastPoint[], links: RunLinks | undefined) {
  const datasets = links?.datasets.map(({ dataset, tags }) => ({
    tags: listed(keyValues(tags)),
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      source_type: dataset.sourceType,
      source: dataset.source,
      schema: dataset.schema ?? undefined,
      profile: dataset.profile ?? undefined,
    },
  }));
  return {
    info: runInfoJson(run),
    data: {
      metrics: listed(
        series.map((one) => ({ key: one.key, value: double(one.last), timestamp: one.lastAt, step: one.lastStep })),
      ),
      params: listed(keyValues(run.params)),
      tags: listed(keyValues(run.tags)),
    },
    inputs: {
      dataset_inputs: listed(datasets ?? []),
      model_inputs: listed((links?.inputModels ?? []).map(({ modelId }) => ({ model_id: modelId }))),
    },
    outputs: {
      model_outputs: listed((links?.outputModels ?? []).map(({ modelId, step }) => ({ model_id: modelId, step }))),
    },
  };
}

const MODEL_STATUS: Record<LoggedModelRow["state"], string> = {
  pending: "LOGGED_MODEL_PENDING",
  ready: "LOGGED_MODEL_READY",
  upload_failed: "LOGGED_MODEL_UPLOAD_FAILED",
};
/** Also by the number that protobuf gives them. */
const MODEL_STATES = new Map<string, LoggedModelRow["state"]>([
  ...Object.entries(MODEL_STATUS).map(([state, status]) => [status, state as LoggedModelRow["state"]] as const),
  ["1", "pending"],
  ["2", "ready"],
  ["3", "upload_failed"],
]);
export const modelStateOf = (status: string): LoggedModelRow["state"] | undefined => MODEL_STATES.get(status);

/** A metric of a logged model. */
export interface ModelMetric {
  key: string;
  value: number;
  at: number;
  step: number;
  runId: string;
  modelId: string;
  datasetName: string;
  datasetDigest: string;
}

function modelMetricJson(metric: ModelMetric) {
  return {
    key: metric.key,
    value: double(metric.value),
    timestamp: metric.at,
    step: metric.step,
    dataset_name: metric.datasetName || undefined,
    dataset_digest: metric.datasetDigest || undefined,
    model_id: metric.modelId,
    run_id: metric.runId,
  };
}

export function loggedModelJson(model: LoggedModelRow, metrics: readonly ModelMetric[]) {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAt.getTime(),
      last_updated_timestamp_ms: model.updatedAt.getTime(),
      artifact_uri: modelRoot(model),
      status: MODEL_STATUS[model.state],
      model_type: model.modelType,
      source_run_id: model.sourceRunId ?? undefined,
      tags: listed(keyValues(model.tags)),
    },
    data: {
      params: listed(keyValues(model.params)),
      metrics: listed(metrics.map(modelMetricJson)),
    },
  };
}
