import { AppError, notFound, type Scope } from "@ballast/core";
import { emit, modelVersions, registeredModels, rollouts, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq, inArray, isNotNull, isNull, ne } from "drizzle-orm";
import { dropAlias } from "./aliases.ts";
import { deploymentsOf } from "./models.ts";
import { ACTIVE_STAGES, checkDescription, checkTag, stageName } from "./names.ts";
import {
  aliasesOf,
  findVersion,
  lockModel,
  type ModelVersion,
  ofVersions,
  type VersionKey,
  type VersionOfModel,
} from "./records.ts";
import { guardedAliases, stillGuarded } from "./registered-models.ts";

/** A version as its clients see it. */
export interface ModelVersionView extends VersionOfModel {
  /** Its aliases, by name. */
  aliases: string[];
}

/** A version by model name and number, or by id. @throws AppError `not_found` */
export async function getModelVersion(tx: Tx, scope: Scope, key: VersionKey): Promise<ModelVersionView> {
  const found = await findVersion(tx, scope, key);
  const aliases = await aliasesOf(tx, scope, [found.model.id]);
  return {
    ...found,
    aliases: aliases.filter((alias) => alias.versionId === found.version.id).map((alias) => alias.alias),
  };
}

/** Locks the model, so that changes of its versions come one after the other, then reads the version. */
async function lockVersion(tx: Tx, scope: Scope, key: VersionKey): Promise<VersionOfModel> {
  const { model } = await findVersion(tx, scope, key);
  await lockModel(tx, scope, { id: model.id });
  return findVersion(tx, scope, key);
}

async function writeVersion(
  tx: Tx,
  scope: Scope,
  id: string,
  set: Partial<typeof modelVersions.$inferInsert>,
): Promise<void> {
  await tx
    .update(modelVersions)
    .set({ ...set, updatedAt: new Date() })
    .where(and(ofVersions(scope), eq(modelVersions.id, id)));
}

const facts = ({ version, model }: VersionOfModel) => ({
  modelId: model.id,
  model: model.name,
  versionId: version.id,
  version: version.version,
});

/** Changes the description. @throws AppError `not_found`, `invalid_input` */
export async function updateModelVersion(
  tx: Tx,
  scope: Scope,
  input: { version: VersionKey; description: string },
): Promise<ModelVersionView> {
  const description = checkDescription(input.description);
  const { version } = await lockVersion(tx, scope, input.version);
  await writeVersion(tx, scope, version.id, { description });
  await audit(tx, scope, { action: "model_version.describe", subject: version.id, detail: { description } });
  return getModelVersion(tx, scope, { id: version.id });
}

/** Sets a tag. Emits `model_version.tagged`. @throws AppError `not_found`, `invalid_input` */
export async function tagModelVersion(
  tx: Tx,
  scope: Scope,
  input: { version: VersionKey; key: string; value: string },
): Promise<void> {
  const { key, value } = input;
  checkTag(key, value);
  const found = await lockVersion(tx, scope, input.version);
  const { version, model } = found;
  if (version.tags[key] === value) return;
  await writeVersion(tx, scope, version.id, { tags: { ...version.tags, [key]: value } });
  const summary = `${model.name} version ${version.version} tagged ${key}`;
  const data = { ...facts(found), key, value };
  await emit(tx, scope, { name: "model_version.tagged", subject: version.id, summary, data });
  await audit(tx, scope, { action: "model_version.tag", subject: version.id, detail: { key, value } });
}

/** Takes a tag off; one that is not there is no error. Emits `model_version.untagged`. @throws AppError `not_found` */
export async function untagModelVersion(
  tx: Tx,
  scope: Scope,
  input: { version: VersionKey; key: string },
): Promise<void> {
  const found = await lockVersion(tx, scope, input.version);
  const { version, model } = found;
  if (!(input.key in version.tags)) return;
  const { [input.key]: _gone, ...tags } = version.tags;
  await writeVersion(tx, scope, version.id, { tags });
  const summary = `${model.name} version ${version.version}: tag ${input.key} taken off`;
  const data = { ...facts(found), key: input.key };
  await emit(tx, scope, { name: "model_version.untagged", subject: version.id, summary, data });
  await audit(tx, scope, { action: "model_version.untag", subject: version.id, detail: { key: input.key } });
}

/**
 * Moves a version to one of MLflow's deprecated stages, on request archiving the others of an active stage.
 * Emits `model_version.staged`. @throws AppError `not_found`, `invalid_input`
 */
export async function transitionStage(
  tx: Tx,
  scope: Scope,
  input: { version: VersionKey; stage: string; archiveExisting: boolean },
): Promise<ModelVersionView> {
  const stage = stageName(input.stage);
  if (input.archiveExisting && !ACTIVE_STAGES.includes(stage)) {
    throw new AppError(
      "invalid_input",
      `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ${ACTIVE_STAGES.join(", ")}`,
      { details: { field: "archive_existing_versions" } },
    );
  }
  const found = await lockVersion(tx, scope, input.version);
  const { version, model } = found;
  if (input.archiveExisting) {
    await tx
      .update(modelVersions)
      .set({ stage: "Archived", updatedAt: new Date() })
      .where(
        and(
          ofVersions(scope),
          eq(modelVersions.modelId, model.id),
          eq(modelVersions.stage, stage),
          ne(modelVersions.id, version.id),
          isNull(modelVersions.deletedAt),
        ),
      );
  }
  if (version.stage !== stage) {
    await writeVersion(tx, scope, version.id, { stage });
    const data = { ...facts(found), from: version.stage, to: stage };
    const summary = `${model.name} version ${version.version} moved from stage ${version.stage} to ${stage}`;
    await emit(tx, scope, { name: "model_version.staged", subject: version.id, summary, data });
    await audit(tx, scope, { action: "model_version.stage", subject: version.id, detail: data });
  }
  return getModelVersion(tx, scope, { id: version.id });
}

const OPEN_ROLLOUTS = ["queued", "gating", "shadow", "canary"] as const;

async function refuseWhileServed(tx: Tx, scope: Scope, { version, model }: VersionOfModel): Promise<void> {
  const what = `${model.name} version ${version.version} cannot be deleted`;
  const [served] = await deploymentsOf(tx, scope, version.id);
  if (served) {
    throw new AppError("precondition_failed", `${what}: it is the ${served.role} of the deployment "${served.name}".`, {
      details: { field: "version", deployment: served.name, role: served.role },
    });
  }
  const [rollout] = await tx
    .select({ id: rollouts.id })
    .from(rollouts)
    .where(
      and(
        eq(rollouts.teamId, scope.teamId),
        eq(rollouts.projectId, scope.projectId),
        eq(rollouts.candidateId, version.id),
        inArray(rollouts.state, [...OPEN_ROLLOUTS]),
      ),
    );
  if (!rollout) return;
  throw new AppError("precondition_failed", `${what}: the rollout ${rollout.id} is trying it. Abort it first.`, {
    details: { field: "version", rolloutId: rollout.id },
  });
}

/**
 * Puts a version into the trash; its aliases are taken off it, its number is not used again. Emits `model_version.deleted`.
 * @throws AppError `not_found`; `precondition_failed` while it serves or is in a rollout, or carries an alias that a rule guards
 */
export async function trashModelVersion(tx: Tx, scope: Scope, key: VersionKey): Promise<void> {
  const found = await lockVersion(tx, scope, key);
  const { version, model } = found;
  // Whoever asks for a rollout of it holds the row until that is written: seen here, or refused there.
  await tx.select({ id: modelVersions.id }).from(modelVersions).where(eq(modelVersions.id, version.id)).for("update");
  await refuseWhileServed(tx, scope, found);
  const guarded = (await guardedAliases(tx, scope, model.id)).find((alias) => alias.versionId === version.id);
  if (guarded) throw stillGuarded(`${model.name} version ${version.version} cannot be deleted`, guarded.alias);
  for (const alias of await aliasesOf(tx, scope, [model.id])) {
    if (alias.versionId === version.id) await dropAlias(tx, scope, alias);
  }
  await writeVersion(tx, scope, version.id, { deletedAt: new Date() });
  const summary = `${model.name} version ${version.version} put into the trash`;
  await emit(tx, scope, { name: "model_version.deleted", subject: version.id, summary, data: facts(found) });
  await audit(tx, scope, { action: "model_version.trash", subject: version.id, detail: facts(found) });
}

/**
 * Takes a version out of the trash. The aliases it had stay where they are by now.
 * @throws AppError `not_found` when it is not in the trash, or its model is
 */
export async function restoreModelVersion(tx: Tx, scope: Scope, id: string): Promise<ModelVersionView> {
  const [row] = await tx
    .select({ version: modelVersions, model: registeredModels })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        ofVersions(scope),
        eq(modelVersions.id, id),
        isNotNull(modelVersions.deletedAt),
        isNull(registeredModels.deletedAt),
      ),
    );
  if (!row) throw notFound("Model version in the trash", id);
  await lockModel(tx, scope, { id: row.model.id });
  await writeVersion(tx, scope, id, { deletedAt: null });
  const summary = `${row.model.name} version ${row.version.version} taken out of the trash`;
  await emit(tx, scope, { name: "model_version.restored", subject: id, summary, data: facts(row) });
  await audit(tx, scope, { action: "model_version.restore", subject: id, detail: facts(row) });
  return getModelVersion(tx, scope, { id });
}

/** A model's versions in the trash, newest first. */
export async function trashedVersions(tx: Tx, scope: Scope, modelId: string): Promise<ModelVersion[]> {
  const rows = await tx
    .select()
    .from(modelVersions)
    .where(and(ofVersions(scope), eq(modelVersions.modelId, modelId), isNotNull(modelVersions.deletedAt)));
  return rows.sort((a, b) => b.version - a.version);
}
