import { AppError, newId, notFound, type Scope } from "@ballast/core";
import {
  approvalRules,
  deployments,
  emit,
  modelAliases,
  modelVersions,
  registeredModels,
  type Tx,
  trainingPipelines,
} from "@ballast/db";
import { audit, refuseWhileRuled } from "@ballast/governance/server";
import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { checkDescription, checkTag, modelName, STAGES, type Stage, stageName } from "./names.ts";
import {
  type AliasOfVersion,
  aliasesOf,
  findModel,
  lockModel,
  type ModelKey,
  type ModelRow,
  type ModelVersion,
  ofModels,
  ofVersions,
} from "./records.ts";

/** A model as its clients see it: with its aliases, and the newest version of each stage that has one. */
export interface RegisteredModelView {
  model: ModelRow;
  aliases: AliasOfVersion[];
  latest: ModelVersion[];
}

const nameTaken = (name: string) =>
  new AppError("conflict", `Registered Model (name=${name}) already exists.`, { details: { field: "name", name } });

/** True where another model outside of the trash has the name. */
async function isTaken(tx: Tx, scope: Scope, name: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: registeredModels.id })
    .from(registeredModels)
    .where(and(ofModels(scope), isNull(registeredModels.deletedAt), eq(registeredModels.name, name)));
  return row !== undefined;
}

/**
 * A new model without versions. A name in the trash may be used again.
 * Emits `registered_model.created`. @throws AppError `conflict` when the name is taken; `invalid_input`
 */
export async function createRegisteredModel(
  tx: Tx,
  scope: Scope,
  input: { name: string; description?: string | undefined; tags?: Record<string, string> | undefined },
): Promise<RegisteredModelView> {
  const name = modelName(input.name);
  const tags = input.tags ?? {};
  for (const [key, value] of Object.entries(tags)) checkTag(key, value);
  const { teamId, projectId } = scope;
  const [model] = await tx
    .insert(registeredModels)
    .values({
      ...{ teamId, projectId, id: newId("registeredModel"), name, tags },
      description: checkDescription(input.description ?? ""),
    })
    .onConflictDoNothing()
    .returning();
  if (!model) throw nameTaken(name);
  const data = { modelId: model.id, model: name, description: model.description, tags };
  await emit(tx, scope, { name: "registered_model.created", subject: model.id, summary: `${name} registered`, data });
  await audit(tx, scope, { action: "model.create", subject: model.id, detail: { name } });
  return { model, aliases: [], latest: [] };
}

/** Newest version per stage of each model; of the stages asked for, or of all. */
export async function latestOf(
  tx: Tx,
  scope: Scope,
  modelIds: string[],
  stages: readonly Stage[] = STAGES,
): Promise<ModelVersion[]> {
  if (modelIds.length === 0) return [];
  return tx
    .selectDistinctOn([modelVersions.modelId, modelVersions.stage])
    .from(modelVersions)
    .where(
      and(
        ofVersions(scope),
        isNull(modelVersions.deletedAt),
        inArray(modelVersions.modelId, modelIds),
        inArray(modelVersions.stage, [...stages]),
      ),
    )
    .orderBy(modelVersions.modelId, modelVersions.stage, desc(modelVersions.version));
}

/** A model by name or id. @throws AppError `not_found` */
export async function getRegisteredModel(tx: Tx, scope: Scope, key: ModelKey): Promise<RegisteredModelView> {
  const model = await findModel(tx, scope, key);
  return {
    model,
    aliases: await aliasesOf(tx, scope, [model.id]),
    latest: await latestOf(tx, scope, [model.id]),
  };
}

/** The newest version of each stage asked for; of every stage where none is. @throws AppError `not_found`, `invalid_input` */
export async function getLatestVersions(
  tx: Tx,
  scope: Scope,
  input: { name: string; stages?: readonly string[] | undefined },
): Promise<ModelVersion[]> {
  const stages = (input.stages ?? []).map(stageName);
  const model = await findModel(tx, scope, { name: input.name });
  return latestOf(tx, scope, [model.id], stages.length === 0 ? STAGES : stages);
}

/**
 * Gives a model another name. @throws AppError `conflict` when it is taken; `precondition_failed` while a training pipeline
 * registers its models under the old one: its next model would become a new registered model; also while a rule guards an alias of it,
 * for actors without `governance.write`
 */
export async function renameRegisteredModel(
  tx: Tx,
  scope: Scope,
  input: { name: string; newName: string },
): Promise<RegisteredModelView> {
  const newName = modelName(input.newName, "new_name");
  const model = await lockModel(tx, scope, { name: input.name });
  if (newName !== model.name) {
    if (await isTaken(tx, scope, newName)) throw nameTaken(newName);
    await refuseWhileTrained(tx, scope, model);
    await refuseWhileRuled(tx, scope, model.id, `${model.name} cannot be renamed`);
    await tx
      .update(registeredModels)
      .set({ name: newName, updatedAt: new Date() })
      .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
    await audit(tx, scope, { action: "model.rename", subject: model.id, detail: { from: model.name, to: newName } });
  }
  return getRegisteredModel(tx, scope, { id: model.id });
}

async function refuseWhileTrained(tx: Tx, scope: Scope, model: ModelRow): Promise<void> {
  const [pipeline] = await tx
    .select({ name: trainingPipelines.name })
    .from(trainingPipelines)
    .where(
      and(
        eq(trainingPipelines.teamId, scope.teamId),
        eq(trainingPipelines.projectId, scope.projectId),
        sql`${trainingPipelines.spec}->>'modelName' = ${model.name}`,
      ),
    );
  if (!pipeline) return;
  throw new AppError(
    "precondition_failed",
    `name: the training pipeline "${pipeline.name}" registers its models as "${model.name}". Define it with the new name first.`,
    { details: { field: "name", pipeline: pipeline.name } },
  );
}

/** Changes the description. @throws AppError `not_found`, `invalid_input` */
export async function updateRegisteredModel(
  tx: Tx,
  scope: Scope,
  input: { name: string; description: string },
): Promise<RegisteredModelView> {
  const description = checkDescription(input.description);
  const model = await lockModel(tx, scope, { name: input.name });
  await tx
    .update(registeredModels)
    .set({ description, updatedAt: new Date() })
    .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
  await audit(tx, scope, { action: "model.describe", subject: model.id, detail: { description } });
  return getRegisteredModel(tx, scope, { id: model.id });
}

/** Sets a tag. @throws AppError `not_found`, `invalid_input` */
export async function tagRegisteredModel(
  tx: Tx,
  scope: Scope,
  input: { name: string; key: string; value: string },
): Promise<void> {
  const { name, key, value } = input;
  checkTag(key, value);
  const model = await lockModel(tx, scope, { name });
  if (model.tags[key] === value) return;
  await tx
    .update(registeredModels)
    .set({ tags: { ...model.tags, [key]: value }, updatedAt: new Date() })
    .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
  await audit(tx, scope, { action: "model.tag", subject: model.id, detail: { key, value } });
}

/** Takes a tag off; one that is not there is no error. @throws AppError `not_found` for the model */
export async function untagRegisteredModel(tx: Tx, scope: Scope, input: { name: string; key: string }): Promise<void> {
  const model = await lockModel(tx, scope, { name: input.name });
  if (!(input.key in model.tags)) return;
  const { [input.key]: _gone, ...tags } = model.tags;
  await tx
    .update(registeredModels)
    .set({ tags, updatedAt: new Date() })
    .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
  await audit(tx, scope, { action: "model.untag", subject: model.id, detail: { key: input.key } });
}

/**
 * Puts a model with all its versions into the trash; its name is free again. Emits `registered_model.deleted`.
 * @throws AppError `precondition_failed` while a deployment serves it, or while it carries an alias that a rule guards; while there
 * is a rule at all, for actors without `governance.write`
 */
export async function trashRegisteredModel(tx: Tx, scope: Scope, key: ModelKey): Promise<void> {
  const model = await lockModel(tx, scope, key);
  const [deployment] = await tx
    .select({ name: deployments.name })
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        eq(deployments.modelId, model.id),
      ),
    );
  if (deployment) {
    throw new AppError(
      "precondition_failed",
      `${model.name} cannot be deleted: the deployment "${deployment.name}" serves it.`,
      { details: { field: "name", deployment: deployment.name } },
    );
  }
  const [guarded] = await guardedAliases(tx, scope, model.id);
  if (guarded) throw stillGuarded(`${model.name} cannot be deleted`, guarded.alias);
  await refuseWhileRuled(tx, scope, model.id, `${model.name} cannot be deleted`);
  await tx
    .update(registeredModels)
    .set({ deletedAt: new Date() })
    .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
  const data = { modelId: model.id, model: model.name };
  const summary = `${model.name} put into the trash`;
  await emit(tx, scope, { name: "registered_model.deleted", subject: model.id, summary, data });
  await audit(tx, scope, { action: "model.trash", subject: model.id, detail: data });
}

/** Aliases that are set and that a rule guards. */
export async function guardedAliases(tx: Tx, scope: Scope, modelId: string) {
  return tx
    .select({ alias: modelAliases.alias, versionId: modelAliases.versionId })
    .from(modelAliases)
    .innerJoin(
      approvalRules,
      and(
        eq(approvalRules.teamId, modelAliases.teamId),
        eq(approvalRules.projectId, modelAliases.projectId),
        eq(approvalRules.modelId, modelAliases.modelId),
        eq(approvalRules.alias, modelAliases.alias),
      ),
    )
    .where(
      and(
        eq(modelAliases.teamId, scope.teamId),
        eq(modelAliases.projectId, scope.projectId),
        eq(modelAliases.modelId, modelId),
      ),
    );
}

export const stillGuarded = (what: string, alias: string) =>
  new AppError(
    "precondition_failed",
    `${what}: it carries the alias "${alias}", which a rule guards. Move the alias first.`,
    {
      details: { field: "alias", alias },
    },
  );

/**
 * Takes a model out of the trash, with its versions and aliases as they were; under another name if one is given.
 * @throws AppError `not_found` when it is not in the trash; `conflict` when its name was used again meanwhile
 */
export async function restoreRegisteredModel(
  tx: Tx,
  scope: Scope,
  input: { id: string; name?: string | undefined },
): Promise<RegisteredModelView> {
  const [model] = await tx
    .select()
    .from(registeredModels)
    .where(and(ofModels(scope), eq(registeredModels.id, input.id), isNotNull(registeredModels.deletedAt)))
    .for("update");
  if (!model) throw notFound("Model in the trash", input.id);
  const name = input.name === undefined ? model.name : modelName(input.name);
  if (await isTaken(tx, scope, name)) {
    throw new AppError("conflict", `name: "${name}" was used again meanwhile. Restore it under another name.`, {
      details: { field: "name", name },
    });
  }
  await tx
    .update(registeredModels)
    .set({ deletedAt: null, name, updatedAt: new Date() })
    .where(and(ofModels(scope), eq(registeredModels.id, model.id)));
  const data = { modelId: model.id, model: name };
  const summary = `${name} taken out of the trash`;
  await emit(tx, scope, { name: "registered_model.restored", subject: model.id, summary, data });
  await audit(tx, scope, { action: "model.restore", subject: model.id, detail: data });
  return getRegisteredModel(tx, scope, { id: model.id });
}
