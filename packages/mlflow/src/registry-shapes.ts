/** Registered models and their versions as MLflow's JSON. */
import type { ModelVersion, ModelVersionView, RegisteredModelView } from "@ballast/registry/server";
import { keyValues, listed } from "./shapes.ts";

const STATUS: Record<ModelVersion["state"], string> = {
  pending: "PENDING_REGISTRATION",
  ready: "READY",
  failed: "FAILED_REGISTRATION",
};

function versionJson(version: ModelVersion, name: string, aliases: readonly string[]) {
  return {
    name,
    version: String(version.version),
    creation_timestamp: version.createdAt.getTime(),
    last_updated_timestamp: version.updatedAt.getTime(),
    user_id: version.createdBy,
    current_stage: version.stage,
    description: version.description,
    // A model that was trained here has no address, but its content has: it can be registered again from that.
    source: version.source ?? version.digest ?? "",
    run_id: version.lineage.runId ?? "",
    status: STATUS[version.state],
    tags: listed(keyValues(version.tags)),
    run_link: version.runLink ?? "",
    aliases: listed(aliases),
    model_id: version.loggedModelId ?? undefined,
  };
}

export const versionViewJson = ({ version, model, aliases }: ModelVersionView) =>
  versionJson(version, model.name, aliases);

/** The newest version of each stage, as MLflow's registered models carry them. */
export function latestJson({ model, aliases, latest }: RegisteredModelView) {
  return latest.map((version) =>
    versionJson(
      version,
      model.name,
      aliases.filter(({ versionId }) => versionId === version.id).map(({ alias }) => alias),
    ),
  );
}

export function registeredModelJson(view: RegisteredModelView) {
  const { model, aliases } = view;
  return {
    name: model.name,
    creation_timestamp: model.createdAt.getTime(),
    last_updated_timestamp: model.updatedAt.getTime(),
    description: model.description === "" ? undefined : model.description,
    latest_versions: listed(latestJson(view)),
    tags: listed(keyValues(model.tags)),
    aliases: listed(aliases.map(({ alias, version }) => ({ alias, version: String(version) }))),
  };
}
