import {
  addLoggedModelParams,
  createLoggedModel,
  finishLoggedModel,
  getLoggedModel,
  searchLoggedModels,
  tagLoggedModel,
  trashLoggedModel,
  untagLoggedModel,
} from "@ballast/experiments/server";
import { inTeam, type MlflowCall, type MlflowHandler } from "../call.ts";
import { doesNotExist, invalidParameter } from "../errors.ts";
import type { Fields, KeyValue } from "../fields.ts";
import { pythonRepr } from "../python.ts";
import { randomName } from "../run-name.ts";
import { loggedModelJson, modelStateOf } from "../shapes.ts";
import { checkLength, checkName, invalidValue, MAX_KEY_LENGTH, missingParameter } from "../validation.ts";
import { experimentId, experimentIds } from "./experiments.ts";
import { pageLimit } from "./search.ts";

const MAX_VALUE_LENGTH = 6000;
const MOST_MODELS = 1000;
const DEFAULT_PAGE = 50;

function recordOf(fields: Fields, name: string): Record<string, string> {
  const pairs: KeyValue[] = fields.keyValues(name);
  pairs.forEach(({ key, value }, i) => {
    if (key === "") throw missingParameter(`${name}[${i}].key`);
    checkName(key, `${name}[${i}].key`);
    checkLength(`${name}[${i}].key`, MAX_KEY_LENGTH, key);
    if (name === "params") checkLength(`${name}[${i}].value`, MAX_VALUE_LENGTH, value);
  });
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

const FORBIDDEN_IN_NAMES = ["/", ":", ".", "%", '"', "'"];

function checkLoggedModelName(name: string | undefined): void {
  if (name === undefined || !FORBIDDEN_IN_NAMES.some((character) => name.includes(character))) return;
  throw invalidParameter(
    `Invalid model name (${pythonRepr(name)}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
  );
}

export const createLoggedModelHandler: MlflowHandler = async (call) => {
  const { fields, scope } = call;
  const experiment = fields.requiredId("experiment_id");
  const name = fields.text("name");
  checkLoggedModelName(name);
  const described = {
    name: name ?? randomName(),
    modelType: fields.text("model_type") ?? "",
    sourceRunId: fields.text("source_run_id") ?? null,
    params: recordOf(fields, "params"),
    tags: recordOf(fields, "tags"),
  };
  const model = await inTeam(call, async (tx) =>
    createLoggedModel(tx, scope, { ...described, experimentId: await experimentId(tx, scope, experiment) }),
  );
  return { model: loggedModelJson(model, []) };
};

export const getLoggedModelHandler: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  const deletedToo = call.fields.flag("allow_deleted") ?? false;
  return { model: await modelJson(call, id, deletedToo) };
};

/** As a client sees it: what is in the trash is not there. */
async function modelJson(call: MlflowCall, id: string, deletedToo = false) {
  const model = await inTeam(call, (tx) => getLoggedModel(tx, call.scope, id));
  if (model.deletedAt && !deletedToo) throw doesNotExist(`Logged model with ID '${id}' not found.`);
  return loggedModelJson(model, model.metrics);
}

export const finishLoggedModelHandler: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  const status = call.fields.id("status");
  if (status === undefined) throw missingParameter("status");
  const state = modelStateOf(status);
  if (state === undefined) throw invalidValue("status", status);
  await inTeam(call, (tx) => finishLoggedModel(tx, call.scope, id, state));
  return { model: await modelJson(call, id) };
};

export const deleteLoggedModelHandler: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  await modelJson(call, id);
  await inTeam(call, (tx) => trashLoggedModel(tx, call.scope, id));
  return {};
};

export const setLoggedModelTags: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  const tags = recordOf(call.fields, "tags");
  await inTeam(call, (tx) => tagLoggedModel(tx, call.scope, id, tags));
  return { model: await modelJson(call, id) };
};

export const deleteLoggedModelTag: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  const key = call.fields.required("tag_key");
  await inTeam(call, async (tx) => {
    const model = await getLoggedModel(tx, call.scope, id);
    if (!Object.hasOwn(model.tags, key)) {
      throw doesNotExist(`No tag with key ${pythonRepr(key)} found for model with ID ${pythonRepr(id)}.`);
    }
    await untagLoggedModel(tx, call.scope, id, key);
  });
  return {};
};

export const logLoggedModelParams: MlflowHandler = async (call) => {
  const id = call.fields.required("model_id");
  const params = recordOf(call.fields, "params");
  await inTeam(call, (tx) => addLoggedModelParams(tx, call.scope, id, params));
  return {};
};

export const searchLoggedModelsHandler: MlflowHandler = async (call) => {
  const { fields, scope } = call;
  const ids = fields.ids("experiment_ids");
  const datasets = fields.objects("datasets").map((one) => {
    const name = one.text("dataset_name");
    if (name === undefined) throw invalidParameter("`dataset_name` in the `datasets` clause must be specified.");
    const digest = one.text("dataset_digest");
    return digest === undefined ? { name } : { name, digest };
  });
  const orderBy = fields.objects("order_by").map((one) => ({
    field: one.required("field_name"),
    descending: !(one.flag("ascending") ?? true),
    datasetName: one.text("dataset_name"),
    datasetDigest: one.text("dataset_digest"),
  }));
  const asked = {
    ...{ filter: fields.text("filter"), datasets, orderBy, cursor: fields.text("page_token") },
    limit: Math.min(pageLimit(fields, Number.MAX_SAFE_INTEGER, DEFAULT_PAGE), MOST_MODELS),
  };
  const page = await inTeam(call, async (tx) =>
    searchLoggedModels(tx, scope, { ...asked, experimentIds: await experimentIds(tx, scope, ids) }),
  );
  const models = page.models.map((model) => loggedModelJson(model, model.metrics));
  return { models: models.length > 0 ? models : undefined, next_page_token: page.cursor ?? undefined };
};
