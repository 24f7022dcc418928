import { AppError, newId, newLoggedModelId, notFound, placeOfFiles, type Scope } from "@ballast/core";
import { emit, loggedModels, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { own } from "../own-rows.ts";
import { refuseWhileRuled } from "./guarded-model.ts";
import { experimentNamed, ORIGIN_TAG, type Place, placesOf } from "./target.ts";

type Version = typeof modelVersions.$inferSelect;

async function modelOf(tx: Tx, scope: Scope, modelId: string) {
  const [model] = await tx
    .select()
    .from(registeredModels)
    .where(
      and(
        eq(registeredModels.teamId, scope.teamId),
        eq(registeredModels.projectId, scope.projectId),
        eq(registeredModels.id, modelId),
        isNull(registeredModels.deletedAt),
      ),
    )
    .for("update");
  if (!model) throw notFound("Model", modelId);
  return model;
}

/** @throws AppError `conflict` naming the input's field that can be changed: a moved model keeps its name */
async function refuseTakenName(tx: Tx, to: Place, name: string, field: "name" | "to"): Promise<void> {
  const [taken] = await tx.execute(
    sql`select 1 from registered_models where ${own(to.scope)} and name = ${name} and deleted_at is null`,
  );
  if (!taken) return;
  const way = field === "name" ? "Choose another name." : "Rename one of them first, or copy it under another name.";
  throw new AppError("conflict", `${field}: ${to.slug} has a model "${name}" already. ${way}`, { details: { field } });
}

/** Sources that mean something else, or nothing, in another project. */
const OF_A_PROJECT = /^(models|runs|mlflow-artifacts):/i;

/**
 * A version's files where the version now is: those of a logged model or run become a logged model of an experiment named after the
 * model, since files are found within a project. Null for a version that is one ONNX file, which is found by its digest.
 * @throws AppError `precondition_failed` for a version whose files are not found: it would arrive without them
 */
async function bringFiles(tx: Tx, from: Place, to: Place, version: Version, name: string) {
  const files = placeOfFiles(version);
  const lost = () =>
    new AppError(
      "precondition_failed",
      `The files of version ${version.version} (${version.source ?? "no source"}) are not found in ${from.slug}: it would arrive without them. Register it from its run or logged model first.`,
    );
  if (files === null) {
    // Another model's version is found by name within a project; an address elsewhere is the same from everywhere.
    if (version.digest === null && OF_A_PROJECT.test(version.source ?? "")) throw lost();
    return null;
  }
  const { ownerId, path } = files;
  if (!(await isHere(tx, from.scope, ownerId))) {
    if (version.digest === null) throw lost();
    return null;
  }
  const prefix = path === "" ? "" : `${path}/`;
  const id = newLoggedModelId();
  const experimentId = await experimentNamed(tx, to.scope, name);
  const { teamId, projectId } = to.scope;
  await tx.insert(loggedModels).values({
    ...{ teamId, projectId, id, experimentId, name, state: "ready" as const, createdBy: to.scope.actor.name },
    tags: { [ORIGIN_TAG]: `${from.slug}/${ownerId}` },
  });
  await tx.execute(sql`
    insert into artifact_entries (team_id, project_id, owner_id, path, digest, size_bytes)
    select team_id, ${projectId}, ${id}, substr(path, char_length(${prefix}) + 1), digest, size_bytes from artifact_entries
    where ${own(from.scope)} and owner_id = ${ownerId} and starts_with(path, ${prefix})`);
  return { loggedModelId: id, source: `models:/${id}` };
}

/** True for a run or logged model of the project. */
async function isHere(tx: Tx, scope: Scope, ownerId: string): Promise<boolean> {
  const found = await tx.execute(sql`
    select 1 from runs where ${own(scope)} and id = ${ownerId}
    union all select 1 from logged_models where ${own(scope)} and id = ${ownerId}`);
  return found.length > 0;
}

async function versionsOf(tx: Tx, scope: Scope, modelId: string): Promise<Version[]> {
  return tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.modelId, modelId),
      ),
    )
    .orderBy(asc(modelVersions.version));
}

/**
 * Moves a model with its versions, aliases, their history and approvals to another project of the team. Ids and numbers stay; where a
 * version's files are those of a run, they are named again in the new project. @throws AppError `precondition_failed` while a
 * deployment is of the model, or a rule guards an alias of it and the actor may not change rules; `conflict` when its name is taken there
 */
export async function moveModel(
  tx: Tx,
  scope: Scope,
  input: { modelId: string; to: string },
): Promise<{ versions: number }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  const model = await modelOf(tx, scope, input.modelId);
  if (from.slug === to.slug) return { versions: 0 };
  await refuseTakenName(tx, to, model.name, "to");
  await refuseWhileRuled(tx, scope, model.id, `${model.name} cannot be moved`);
  const [used] = await tx.execute<{ name: string }>(
    sql`select name from deployments where ${own(scope)} and model_id = ${model.id} limit 1`,
  );
  if (used)
    throw new AppError(
      "precondition_failed",
      `The deployment ${used.name} is of ${model.name}, so it stays here. Copy it instead.`,
    );
  const versions = await versionsOf(tx, scope, model.id);
  for (const version of versions) {
    const files = await bringFiles(tx, from, to, version, model.name);
    await tx
      .update(modelVersions)
      .set({ projectId: to.scope.projectId, ...(files ?? {}) })
      .where(and(eq(modelVersions.teamId, scope.teamId), eq(modelVersions.id, version.id)));
  }
  const ids = sql`select id from model_versions where team_id = ${scope.teamId} and model_id = ${model.id}`;
  const project = sql`set project_id = ${to.scope.projectId}`;
  for (const table of ["model_aliases", "alias_moves", "approvals", "approval_rules"])
    await tx.execute(sql`update ${sql.raw(table)} ${project} where ${own(scope)} and model_id = ${model.id}`);
  for (const table of ["gate_results", "model_attestations"])
    await tx.execute(sql`update ${sql.raw(table)} ${project} where ${own(scope)} and version_id in (${ids})`);
  const tags = { ...model.tags, [ORIGIN_TAG]: `${from.slug}/${model.id}` };
  await tx
    .update(registeredModels)
    .set({ projectId: to.scope.projectId, tags, updatedAt: new Date() })
    .where(and(eq(registeredModels.teamId, scope.teamId), eq(registeredModels.id, model.id)));
  const detail = { name: model.name, versions: versions.length, from: from.slug, to: to.slug };
  for (const place of [from, to]) await audit(tx, place.scope, { action: "model.move", subject: model.id, detail });
  return { versions: versions.length };
}

/**
 * Copies a model with its active versions; ids are new, numbers stay, tags say what they were. Aliases and approvals are decisions of
 * the other project and are not copied. @throws AppError `conflict` when the name is taken there
 */
export async function copyModel(
  tx: Tx,
  scope: Scope,
  input: { modelId: string; to: string; name?: string | undefined },
): Promise<{ modelId: string; versions: number }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  const model = await modelOf(tx, scope, input.modelId);
  const name = input.name ?? model.name;
  await refuseTakenName(tx, to, name, "name");
  const modelId = newId("registeredModel");
  const { teamId, projectId } = to.scope;
  const origin = (id: string) => ({ [ORIGIN_TAG]: `${from.slug}/${id}` });
  await tx.insert(registeredModels).values({
    ...{ teamId, projectId, id: modelId, name, description: model.description },
    tags: { ...model.tags, ...origin(model.id) },
  });
  const versions = (await versionsOf(tx, scope, model.id)).filter(({ deletedAt }) => deletedAt === null);
  for (const version of versions) {
    const files = await bringFiles(tx, from, to, version, name);
    await tx.insert(modelVersions).values({
      ...version,
      ...{ id: newId("modelVersion"), projectId, modelId, stage: "None", createdAt: new Date(), updatedAt: new Date() },
      ...(files ?? {}),
      tags: { ...version.tags, ...origin(version.id) },
      createdBy: scope.actor.name,
    });
  }
  const detail = { name, versions: versions.length, from: from.slug, to: to.slug };
  const summary = `${name} copied from ${from.slug}`;
  await emit(tx, to.scope, {
    name: "registered_model.created",
    subject: modelId,
    summary,
    data: { modelId, model: name },
  });
  await audit(tx, to.scope, { action: "model.copy", subject: modelId, detail });
  return { modelId, versions: versions.length };
}
