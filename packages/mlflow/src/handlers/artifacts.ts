import { type ArtifactListing, deleteArtifacts, listArtifacts } from "@ballast/experiments/files";
import { getLoggedModel, getRun } from "@ballast/experiments/server";
import { artifactFile, artifactPlace } from "../artifact-place.ts";
import { inTeam, type MlflowHandler } from "../call.ts";
import { invalidParameter } from "../errors.ts";
import { listed, modelRoot, runRoot } from "../shapes.ts";

/** `is_dir` is always there: clients index it. */
const fileJson = (path: string, { isFolder, sizeBytes }: ArtifactListing) =>
  isFolder || sizeBytes === null ? { path, is_dir: true } : { path, is_dir: false, file_size: sizeBytes };

/** Paths relative to the run's root. */
export const listRunArtifacts: MlflowHandler = async (call) => {
  const runId = call.fields.runId();
  const folder = call.fields.text("path") ?? "";
  const { run, files } = await inTeam(call, async (tx) => ({
    run: await getRun(tx, call.scope, runId),
    files: await listArtifacts(tx, call.scope, runId, folder),
  }));
  return { root_uri: runRoot(run), files: listed(files.map((file) => fileJson(file.path, file))) };
};

export const listLoggedModelArtifacts: MlflowHandler = async (call) => {
  const modelId = call.fields.required("model_id");
  const folder = call.fields.text("artifact_directory_path") ?? "";
  const { model, files } = await inTeam(call, async (tx) => ({
    model: await getLoggedModel(tx, call.scope, modelId),
    files: await listArtifacts(tx, call.scope, modelId, folder),
  }));
  return { root_uri: modelRoot(model), files: listed(files.map((file) => fileJson(file.path, file))) };
};

/** Names alone: the proxy's clients put the folder before them. */
export const listProxiedArtifacts: MlflowHandler = async (call) => {
  const asked = call.fields.text("path") ?? "";
  if (asked.split(/[/\\]/).includes("..")) throw invalidParameter("Invalid path");
  const place = artifactPlace(asked);
  // Above the runs there is nothing to list: who may see a run asks for it by name.
  if (place === null) return {};
  const files = await inTeam(call, (tx) => listArtifacts(tx, call.scope, place.ownerId, place.path));
  return { files: listed(files.map((file) => fileJson(file.name, file))) };
};

export const deleteProxiedArtifact: MlflowHandler = async (call) => {
  const place = artifactFile(call.fields.required("path"));
  await inTeam(call, (tx) => deleteArtifacts(tx, call.scope, place.ownerId, place.path));
  return {};
};
