import {
  awaitsApproval,
  createRegisteredModel,
  deleteAlias,
  getByAlias,
  getModelVersion,
  getRegisteredModel,
  renameRegisteredModel,
  searchRegisteredModels,
  setAlias,
  tagRegisteredModel,
  trashRegisteredModel,
  untagRegisteredModel,
  updateRegisteredModel,
} from "@ballast/registry/server";
import { inTeam, type MlflowHandler, naming } from "../call.ts";
import { invalidParameter } from "../errors.ts";
import type { Fields } from "../fields.ts";
import { latestJson, registeredModelJson, versionViewJson } from "../registry-shapes.ts";
import { checkAlias, checkAliasToSet, checkModelName, checkModelVersion, checkRegistryTag } from "../validation.ts";
import { pageLimit } from "./search.ts";

const MOST_MODELS = 1000;
const DEFAULT_PAGE = 100;
const STAGES = ["None", "Staging", "Production", "Archived"];

/** Tags of a new model or version. */
export function registryTags(fields: Fields): Record<string, string> {
  const tags = fields.keyValues("tags");
  for (const { key, value } of tags) checkRegistryTag(key, value);
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

export const createRegisteredModelHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  checkModelName(name);
  const input = { name, description: call.fields.text("description"), tags: registryTags(call.fields) };
  const view = await naming(`Registered Model (name=${name}) already exists.`, () =>
    inTeam(call, (tx) => createRegisteredModel(tx, call.scope, input)),
  );
  return { registered_model: registeredModelJson(view) };
};

export const getRegisteredModelHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  const view = await inTeam(call, (tx) => getRegisteredModel(tx, call.scope, { name }));
  return { registered_model: registeredModelJson(view) };
};

export const renameRegisteredModelHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  const newName = call.fields.required("new_name");
  checkModelName(newName, "new_name");
  const view = await naming(`Registered Model (name=${newName}) already exists.`, () =>
    inTeam(call, (tx) => renameRegisteredModel(tx, call.scope, { name, newName })),
  );
  return { registered_model: registeredModelJson(view) };
};

export const updateRegisteredModelHandler: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  const description = call.fields.text("description") ?? "";
  const view = await inTeam(call, (tx) => updateRegisteredModel(tx, call.scope, { name, description }));
  return { registered_model: registeredModelJson(view) };
};

export const deleteRegisteredModel: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  await inTeam(call, (tx) => trashRegisteredModel(tx, call.scope, { name }));
  return {};
};

export const searchRegisteredModelsHandler: MlflowHandler = async (call) => {
  const { fields } = call;
  const search = {
    filter: fields.text("filter"),
    orderBy: fields.texts("order_by"),
    limit: pageLimit(fields, MOST_MODELS, DEFAULT_PAGE),
    pageToken: fields.text("page_token"),
  };
  const page = await inTeam(call, (tx) => searchRegisteredModels(tx, call.scope, search));
  const models = page.models.map(registeredModelJson);
  return { registered_models: models.length > 0 ? models : undefined, next_page_token: page.next ?? undefined };
};

/** The newest version of each stage that is asked for, or of all. */
export const latestVersions: MlflowHandler = async (call) => {
  const name = call.fields.required("name");
  const stages = call.fields.texts("stages").map(canonicalStage);
  const view = await inTeam(call, (tx) => getRegisteredModel(tx, call.scope, { name }));
  const versions = latestJson(view).filter((one) => stages.length === 0 || stages.includes(one.current_stage));
  return versions.length > 0 ? { model_versions: versions } : {};
};

function canonicalStage(stage: string): string {
  const found = STAGES.find((one) => one.toLowerCase() === stage.toLowerCase());
  if (found) return found;
  throw invalidParameter(`Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(", ")}.`);
}

export const setRegisteredModelTag: MlflowHandler = async (call) => {
  const [name, key] = [call.fields.required("name"), call.fields.required("key")];
  const value = call.fields.text("value") ?? "";
  checkRegistryTag(key, value);
  await inTeam(call, (tx) => tagRegisteredModel(tx, call.scope, { name, key, value }));
  return {};
};

export const deleteRegisteredModelTag: MlflowHandler = async (call) => {
  const [name, key] = [call.fields.required("name"), call.fields.required("key")];
  await inTeam(call, (tx) => untagRegisteredModel(tx, call.scope, { name, key }));
  return {};
};

/** Where a rule guards the alias, a request for approval is left behind and said so with PERMISSION_DENIED. */
export const setAliasHandler: MlflowHandler = async (call) => {
  const [name, alias] = [call.fields.required("name"), call.fields.required("alias")];
  checkAliasToSet(alias);
  const version = checkModelVersion(call.fields.requiredId("version"));
  const outcome = await inTeam(call, (tx) => setAlias(tx, call.scope, { version: { name, version }, alias }));
  if (!outcome.moved) throw awaitsApproval(outcome.approval);
  return {};
};

export const deleteAliasHandler: MlflowHandler = async (call) => {
  const [name, alias] = [call.fields.required("name"), call.fields.required("alias")];
  checkAlias(alias);
  await inTeam(call, (tx) => deleteAlias(tx, call.scope, { name, alias }));
  return {};
};

export const versionByAlias: MlflowHandler = async (call) => {
  const [name, alias] = [call.fields.required("name"), call.fields.required("alias")];
  checkAlias(alias);
  const view = await inTeam(call, async (tx) => {
    if (alias.toLowerCase() === "latest") {
      const versions = (await getRegisteredModel(tx, call.scope, { name })).latest;
      const newest = versions.sort((a, b) => b.version - a.version)[0];
      if (newest) return getModelVersion(tx, call.scope, { id: newest.id });
    }
    const { version } = await getByAlias(tx, call.scope, { name, alias });
    return getModelVersion(tx, call.scope, { id: version.id });
  });
  return { model_version: versionViewJson(view) };
};
