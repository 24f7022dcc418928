import {
  getRun,
  logRunInputs,
  logRunOutputs,
  restoreRun,
  tagRun,
  trashRun,
  untagRun,
  updateRun,
} from "@ballast/experiments/server";
import { inTeam, type MlflowHandler } from "../call.ts";
import { doesNotExist, invalidParameter } from "../errors.ts";
import type { Fields } from "../fields.ts";
import { readBatch, readMetric } from "../log-batch.ts";
import { randomName } from "../run-name.ts";
import { runInfoJson, runJson, stateOf } from "../shapes.ts";
import {
  checkLength,
  checkMetricKey,
  checkParam,
  checkRunId,
  checkTag,
  invalidValue,
  missingParameter,
} from "../validation.ts";
import { DEFAULT_ID } from "./experiments.ts";

const RUN_NAME = "mlflow.runName";

/** Epoch ms as a date. PostgreSQL's years end in 294276, JavaScript's sooner. */
function dateOf(fields: Fields, name: string): Date | undefined {
  const ms = fields.integer(name);
  if (ms === undefined) return undefined;
  const date = new Date(ms);
  if (ms < 0 || !(date.getTime() <= LAST_DATE))
    throw invalidValue(name, ms, "It must be a time in epoch milliseconds.");
  return date;
}
const LAST_DATE = Date.parse("9999-12-31T23:59:59.999Z");

export const createRun: MlflowHandler = async (call) => {
  const { deps, fields, scope } = call;
  const id = fields.id("experiment_id") ?? DEFAULT_ID;
  const tags = Object.fromEntries(
    fields.keyValues("tags").map(({ key, value }, i) => [key, checkTag(key, value, `tags[${i}].`)]),
  );
  const given = fields.text("run_name");
  const tagged = tags[RUN_NAME];
  if (given !== undefined && tagged !== undefined && given !== tagged) {
    throw invalidParameter(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${given}', mlflow.runName='${tagged}').`,
    );
  }
  const name = given ?? tagged ?? randomName();
  const user = fields.text("user_id");
  const startedAt = dateOf(fields, "start_time");
  const run = await deps.writer.startRun(scope, {
    ...{ experimentId: id === DEFAULT_ID ? undefined : id, name, tags: { ...tags, [RUN_NAME]: name } },
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(user === undefined ? {} : { createdBy: user }),
  });
  return { run: runJson(run, [], undefined) };
};

export const updateRunHandler: MlflowHandler = async (call) => {
  const { fields } = call;
  const runId = fields.runId();
  const status = fields.textOrEmpty("status");
  const endedAt = dateOf(fields, "end_time");
  const name = fields.text("run_name");
  const state = status === undefined ? undefined : stateOf(status);
  if (status !== undefined && state === undefined) {
    throw invalidValue("status", status, "It must be one of RUNNING, SCHEDULED, FINISHED, FAILED, KILLED.");
  }
  const run = await inTeam(call, (tx) =>
    updateRun(tx, call.scope, {
      runId,
      ...(state === undefined ? {} : { state }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(name === undefined ? {} : { name }),
    }),
  );
  return { run_info: runInfoJson(run) };
};

export const getRunHandler: MlflowHandler = async (call) => {
  const runId = call.fields.runId();
  checkRunId(runId);
  const run = await inTeam(call, (tx) => getRun(tx, call.scope, runId));
  return { run: runJson(run, run.series, run.links) };
};

export const deleteRun: MlflowHandler = async (call) => {
  const runId = call.fields.required("run_id");
  await inTeam(call, (tx) => trashRun(tx, call.scope, runId));
  return {};
};

export const restoreRunHandler: MlflowHandler = async (call) => {
  const runId = call.fields.required("run_id");
  await inTeam(call, (tx) => restoreRun(tx, call.scope, runId));
  return {};
};

/** All of the batch or nothing of it; repeated, it changes nothing. */
export const logBatch: MlflowHandler = async ({ deps, scope, fields }) => {
  const runId = fields.runId();
  checkRunId(runId);
  await deps.writer.logBatch(scope, runId, readBatch(fields));
  return {};
};

export const logMetric: MlflowHandler = async ({ deps, scope, fields }) => {
  const runId = fields.runId();
  const metric = readMetric(fields.values, "");
  checkMetricKey(metric.key, "");
  await deps.writer.logBatch(scope, runId, { metrics: [metric] });
  return {};
};

export const logParameter: MlflowHandler = async ({ deps, scope, fields }) => {
  const runId = fields.runId();
  const key = fields.required("key");
  const value = checkParam(key, fields.text("value") ?? "", "");
  await deps.writer.logBatch(scope, runId, { params: [{ key, value }] });
  return {};
};

export const setTag: MlflowHandler = async ({ deps, scope, fields }) => {
  const runId = fields.runId();
  const key = fields.required("key");
  const value = checkTag(key, fields.text("value") ?? "", "");
  await deps.writer.logBatch(scope, runId, { tags: [{ key, value }] });
  return {};
};

export const deleteTag: MlflowHandler = async (call) => {
  const runId = call.fields.required("run_id");
  const key = call.fields.required("key");
  await inTeam(call, async (tx) => {
    const run = await getRun(tx, call.scope, runId);
    if (!Object.hasOwn(run.tags, key)) throw doesNotExist(`No tag with name: ${key} in run with id ${runId}`);
    await untagRun(tx, call.scope, runId, key);
  });
  return {};
};

const MODEL_HISTORY = "mlflow.log-model.history";
const MODEL_FIELDS = ["artifact_path", "flavors", "utc_time_created", "run_id"];
/** A run's list of models is one tag; what goes beyond is dropped from its beginning. */
const LONGEST_HISTORY = 100_000;

/** Clients of MLflow 2 tell of a model they have uploaded. */
export const logModel: MlflowHandler = async (call) => {
  const runId = call.fields.runId();
  const model = readModel(call.fields.required("model_json"));
  await inTeam(call, async (tx) => {
    const run = await getRun(tx, call.scope, runId);
    const history: unknown[] = [...readHistory(run.tags[MODEL_HISTORY]), model];
    while (history.length > 1 && JSON.stringify(history).length > LONGEST_HISTORY) history.shift();
    await tagRun(tx, call.scope, runId, { [MODEL_HISTORY]: JSON.stringify(history) });
  });
  return {};
};

function readModel(json: string): Record<string, unknown> {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    model = null;
  }
  if (typeof model !== "object" || model === null || Array.isArray(model)) {
    throw invalidParameter(`Malformed model info. \n ${json.slice(0, 1000)} \n is not a valid JSON.`);
  }
  const absent = MODEL_FIELDS.filter((field) => !Object.hasOwn(model, field)).map((field) => `'${field}'`);
  if (absent.length > 0) throw invalidParameter(`Model json is missing mandatory fields: {${absent.join(", ")}}`);
  return model as Record<string, unknown>;
}

function readHistory(tag: string | undefined): unknown[] {
  try {
    const history: unknown = JSON.parse(tag ?? "[]");
    return Array.isArray(history) ? history : [];
  } catch {
    return [];
  }
}

const DATASET_LIMITS = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 } as const;
const MOST_DATASETS = 1000;
const INPUT_TAG_KEY = 255;
const INPUT_TAG_VALUE = 500;

export const logInputs: MlflowHandler = async (call) => {
  const { fields } = call;
  const runId = fields.runId();
  checkRunId(runId);
  const sent = fields.objects("datasets");
  if (sent.length > MOST_DATASETS) {
    throw invalidParameter(
      `A batch logging request can contain at most ${MOST_DATASETS} datasets. Got ${sent.length} datasets.`,
    );
  }
  const datasets = sent.map(readDataset);
  const models = fields.objects("models").map((model) => model.required("model_id"));
  await inTeam(call, (tx) => logRunInputs(tx, call.scope, runId, { datasets, models }));
  return {};
};

function readDataset(input: Fields, i: number) {
  const dataset = input.object("dataset");
  if (!dataset) throw missingParameter(`datasets[${i}].dataset`);
  const texts = {
    name: dataset.required("name"),
    digest: dataset.required("digest"),
    source: dataset.text("source") ?? "",
    schema: dataset.text("schema") ?? null,
    profile: dataset.text("profile") ?? null,
  };
  for (const [name, limit] of Object.entries(DATASET_LIMITS)) {
    checkLength(`dataset.${name}`, limit, texts[name as keyof typeof texts] ?? "");
  }
  const tags = input.keyValues("tags");
  for (const { key, value } of tags) {
    checkLength("tags.key", INPUT_TAG_KEY, key);
    checkLength("tags.value", INPUT_TAG_VALUE, value);
  }
  const record = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  return { ...texts, sourceType: dataset.text("source_type") ?? "", tags: record };
}

export const logOutputs: MlflowHandler = async (call) => {
  const { fields } = call;
  const runId = fields.required("run_id");
  if (!fields.has("models")) throw missingParameter("models");
  const models = fields.objects("models").map((model) => ({
    modelId: model.required("model_id"),
    step: model.integer("step") ?? 0,
  }));
  await inTeam(call, (tx) => logRunOutputs(tx, call.scope, runId, models));
  return {};
};
