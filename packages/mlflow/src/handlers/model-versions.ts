import { filesOfSource } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { getLoggedModel, tagLoggedModel } from "@ballast/experiments/server";
import {
  createModelVersion,
  getModelVersion,
  type ModelVersionView,
  searchModelVersions,
  tagModelVersion,
  transitionStage,
  trashModelVersion,
  untagModelVersion,
  updateModelVersion,
} from "@ballast/registry/server";
import type { ArtifactPlace } from "../artifact-place.ts";
import { inTeam, type MlflowCall, type MlflowHandler } from "../call.ts";
import { doesNotExist, invalidParameter } from "../errors.ts";
import { Fields } from "../fields.ts";
import { versionViewJson } from "../registry-shapes.ts";
import { modelRoot } from "../shapes.ts";
import { checkModelName, checkModelVersion, checkRegistryTag } from "../validation.ts";
import { registryTags } from "./registered-models.ts";
import { pageLimit } from "./search.ts";

const MOST_VERSIONS = 200_000;
const DEFAULT_PAGE = 10_000;
/** On a logged model: which versions were registered from it. */
const VERSIONS_TAG = "mlflow.modelVersions";

interface Named {
  name: string;
  version: number;
}

/** The version a request names. A model without that version is told from a malformed number. */
function named({ fields }: MlflowCall): Named {
  return { name: fields.required("name"), version: checkModelVersion(fields.requiredId("version")) };
}

export const createModelVersionHandler: MlflowHandler = async (call) => {
  const { deps, fields, scope } = call;
  const name = fields.required("name");
  checkModelName(name);
  const [source, runId, loggedModelId] = [fields.required("source"), fields.text("run_id"), fields.text("model_id")];
  refuseContradiction(source, runId, loggedModelId);
  const view = await createModelVersion(deps, scope, {
    ...{ name, source, tags: registryTags(fields), runId, loggedModelId },
    ...{ runLink: fields.text("run_link"), description: fields.text("description") },
  });
  const madeFrom = view.version.loggedModelId;
  if (madeFrom !== null) await inTeam(call, (tx) => noteVersion(tx, call, madeFrom, view));
  return { model_version: versionViewJson(view) };
};

/** A version says that it comes from a run or model: what it is made of must not say another. */
function refuseContradiction(source: string, runId: string | undefined, modelId: string | undefined): void {
  const [, ofRun] = /^runs:\/+([^/]+)/.exec(source) ?? [];
  const [, ofModel] = /^models:\/+(m-[0-9a-f]{32})$/.exec(source) ?? [];
  const wrong =
    ofRun !== undefined && runId !== undefined && runId !== ofRun
      ? "run_id"
      : ofModel !== undefined && modelId !== undefined && modelId !== ofModel
        ? "model_id"
        : null;
  if (wrong === null) return;
  throw invalidParameter(
    `Invalid model version source: '${source}'. The ${wrong} request parameter must identify the resource that contains the source.`,
  );
}

/** Clients and pages read from the model where it was registered. */
async function noteVersion(tx: Tx, { scope }: MlflowCall, modelId: string, view: ModelVersionView): Promise<void> {
  const model = await getLoggedModel(tx, scope, modelId);
  const known = readVersions(model.tags[VERSIONS_TAG]);
  const version = String(view.version.version);
  if (known.some((one) => one.name === view.model.name && String(one.version) === version)) return;
  const noted = JSON.stringify([...known, { name: view.model.name, version }]);
  await tagLoggedModel(tx, scope, modelId, { [VERSIONS_TAG]: noted });
}

function readVersions(tag: string | undefined): { name?: unknown; version?: unknown }[] {
  try {
    const read: unknown = JSON.parse(tag ?? "[]");
    return Array.isArray(read) ? read.filter((one) => typeof one === "object" && one !== null) : [];
  } catch {
    return [];
  }
}

export const getModelVersionHandler: MlflowHandler = async (call) => {
  const key = named(call);
  return { model_version: versionViewJson(await inTeam(call, (tx) => getModelVersion(tx, call.scope, key))) };
};

export const updateModelVersionHandler: MlflowHandler = async (call) => {
  const version = named(call);
  const description = call.fields.textOrEmpty("description");
  const view = await inTeam(call, (tx) =>
    description === undefined
      ? getModelVersion(tx, call.scope, version)
      : updateModelVersion(tx, call.scope, { version, description }),
  );
  return { model_version: versionViewJson(view) };
};

export const transitionStageHandler: MlflowHandler = async (call) => {
  const version = named(call);
  const stage = call.fields.required("stage");
  const archiveExisting = call.fields.flag("archive_existing_versions") ?? false;
  const view = await inTeam(call, (tx) => transitionStage(tx, call.scope, { version, stage, archiveExisting }));
  return { model_version: versionViewJson(view) };
};

export const deleteModelVersion: MlflowHandler = async (call) => {
  const key = named(call);
  await inTeam(call, (tx) => trashModelVersion(tx, call.scope, key));
  return {};
};

export const searchModelVersionsHandler: MlflowHandler = async (call) => {
  const { fields } = call;
  const search = {
    filter: fields.text("filter"),
    orderBy: fields.texts("order_by"),
    limit: pageLimit(fields, MOST_VERSIONS, DEFAULT_PAGE),
    pageToken: fields.text("page_token"),
  };
  const page = await inTeam(call, (tx) => searchModelVersions(tx, call.scope, search));
  const versions = page.versions.map(versionViewJson);
  return { model_versions: versions.length > 0 ? versions : undefined, next_page_token: page.next ?? undefined };
};

/** Where a client finds the files of a version: those of a logged model at its root, any others where they were registered from. */
async function downloadUri(call: MlflowCall, key: Named): Promise<string> {
  return inTeam(call, async (tx) => {
    const { version } = await getModelVersion(tx, call.scope, key);
    if (version.loggedModelId !== null && (version.source ?? "").startsWith("models:")) {
      return modelRoot(await getLoggedModel(tx, call.scope, version.loggedModelId));
    }
    if (version.source !== null) return version.source;
    throw doesNotExist(
      `Model Version (name=${key.name}, version=${key.version}) has no files of MLflow: it is an ONNX file (SHA-256 ${version.digest}) that was trained or uploaded here, and is served by this platform.`,
    );
  });
}

/** Whose files, and below which folder, a version's are. @throws MlflowError for one whose files are kept elsewhere */
export async function modelVersionPlace(
  deps: MlflowCall["deps"],
  scope: MlflowCall["scope"],
  query: Readonly<Record<string, unknown>>,
): Promise<ArtifactPlace> {
  const call = { deps, scope, fields: new Fields(query) };
  const key = named(call);
  const uri = await downloadUri(call, key);
  const place = filesOfSource(uri);
  if (place) return place;
  throw doesNotExist(
    `The files of Model Version (name=${key.name}, version=${key.version}) are kept elsewhere: ${uri}`,
  );
}

export const modelVersionDownloadUri: MlflowHandler = async (call) => ({
  artifact_uri: await downloadUri(call, named(call)),
});

export const setModelVersionTag: MlflowHandler = async (call) => {
  const version = named(call);
  const key = call.fields.required("key");
  const value = call.fields.text("value") ?? "";
  checkRegistryTag(key, value);
  await inTeam(call, (tx) => tagModelVersion(tx, call.scope, { version, key, value }));
  return {};
};

export const deleteModelVersionTag: MlflowHandler = async (call) => {
  const version = named(call);
  const key = call.fields.required("key");
  await inTeam(call, (tx) => untagModelVersion(tx, call.scope, { version, key }));
  return {};
};
