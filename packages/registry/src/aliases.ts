import { AppError, notFound, type Scope } from "@ballast/core";
import { aliasMoves, emit, modelAliases, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, desc, eq, inArray, isNull, lt } from "drizzle-orm";
import { ruleOf, standingApproval } from "./approval-rules.ts";
import { findModel, findVersion, type VersionOfModel } from "./records.ts";

export interface AliasMove {
  modelId: string;
  alias: string;
  versionId: string;
}

const aliasKey = (scope: Scope, modelId: string, alias: string) =>
  and(
    eq(modelAliases.teamId, scope.teamId),
    eq(modelAliases.projectId, scope.projectId),
    eq(modelAliases.modelId, modelId),
    eq(modelAliases.alias, alias),
  );

/** The id of the version that carries an alias; null where none does. */
export async function versionWithAlias(tx: Tx, scope: Scope, modelId: string, alias: string): Promise<string | null> {
  const [row] = await tx
    .select({ versionId: modelAliases.versionId })
    .from(modelAliases)
    .where(aliasKey(scope, modelId, alias));
  return row?.versionId ?? null;
}

async function record(tx: Tx, scope: Scope, move: AliasMove, from: string | null, to: string | null): Promise<void> {
  const rule = to === null ? null : await ruleOf(tx, scope, move.modelId, move.alias);
  const approval = rule === null || to === null ? null : await standingApproval(tx, scope, rule, to);
  await tx.insert(aliasMoves).values({
    teamId: scope.teamId,
    projectId: scope.projectId,
    modelId: move.modelId,
    alias: move.alias,
    fromVersionId: from,
    toVersionId: to,
    movedBy: scope.actor.name,
    approvalId: approval?.id ?? null,
  });
}

/**
 * Points an alias at a version of the same model and writes its history; does nothing when it points there already. Whether the
 * alias may move is the caller's question ({@link setAlias} asks it; a rollout asks before it starts).
 * Emits `alias.moved`. @throws AppError `not_found` for a version of another model or project, or in the trash
 */
export async function moveAlias(tx: Tx, scope: Scope, move: AliasMove): Promise<void> {
  const [target] = await tx
    .select({ version: modelVersions.version, model: registeredModels.name })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.id, move.versionId),
        eq(modelVersions.modelId, move.modelId),
        isNull(modelVersions.deletedAt),
      ),
    );
  if (!target) throw notFound("Model version", move.versionId);
  const present = await versionWithAlias(tx, scope, move.modelId, move.alias);
  if (present === move.versionId) return;
  const values = { versionId: move.versionId, movedBy: scope.actor.name, movedAt: new Date() };
  await tx
    .insert(modelAliases)
    .values({ teamId: scope.teamId, projectId: scope.projectId, modelId: move.modelId, alias: move.alias, ...values })
    .onConflictDoUpdate({
      target: [modelAliases.teamId, modelAliases.projectId, modelAliases.modelId, modelAliases.alias],
      set: values,
    });
  await record(tx, scope, move, present, move.versionId);
  const detail = { alias: move.alias, modelId: move.modelId, from: present, to: move.versionId };
  await emit(tx, scope, {
    name: "alias.moved",
    subject: move.versionId,
    summary: `${target.model}: ${move.alias} is now version ${target.version}`,
    data: { ...detail, model: target.model, version: target.version, versionId: move.versionId },
  });
  await audit(tx, scope, { action: "alias.move", subject: move.versionId, detail });
}

/** Takes an alias off a version; does nothing when it points elsewhere by now. Emits `alias.dropped`. */
export async function dropAlias(tx: Tx, scope: Scope, move: AliasMove): Promise<void> {
  const dropped = await tx
    .delete(modelAliases)
    .where(and(aliasKey(scope, move.modelId, move.alias), eq(modelAliases.versionId, move.versionId)))
    .returning({ alias: modelAliases.alias });
  if (dropped.length === 0) return;
  await record(tx, scope, move, move.versionId, null);
  const [model] = await tx
    .select({ name: registeredModels.name })
    .from(registeredModels)
    .where(and(eq(registeredModels.teamId, scope.teamId), eq(registeredModels.id, move.modelId)));
  const detail = { alias: move.alias, modelId: move.modelId };
  await emit(tx, scope, {
    name: "alias.dropped",
    subject: move.versionId,
    summary: `${model?.name ?? move.modelId}: ${move.alias} was taken off`,
    data: { ...detail, model: model?.name ?? null, versionId: move.versionId },
  });
  await audit(tx, scope, { action: "alias.drop", subject: move.versionId, detail });
}

/** The version that carries an alias. @throws AppError `not_found` for the model, `invalid_input` for the alias, as MLflow has it */
export async function getByAlias(
  tx: Tx,
  scope: Scope,
  input: { name: string; alias: string },
): Promise<VersionOfModel> {
  const model = await findModel(tx, scope, { name: input.name });
  const versionId = await versionWithAlias(tx, scope, model.id, input.alias);
  if (versionId === null) {
    throw new AppError("invalid_input", `Registered model alias ${input.alias} not found.`, {
      details: { field: "alias", alias: input.alias },
    });
  }
  return findVersion(tx, scope, { id: versionId });
}

/** Moves of a model's aliases, newest first, a page at a time: who was production when, and on whose approval. */
export async function aliasHistory(
  tx: Tx,
  scope: Scope,
  page: { modelId: string; alias?: string | undefined; before?: number | undefined; limit: number },
) {
  const model = await findModel(tx, scope, { id: page.modelId });
  const rows = await tx
    .select()
    .from(aliasMoves)
    .where(
      and(
        eq(aliasMoves.teamId, scope.teamId),
        eq(aliasMoves.projectId, scope.projectId),
        eq(aliasMoves.modelId, model.id),
        page.alias === undefined ? undefined : eq(aliasMoves.alias, page.alias),
        page.before === undefined ? undefined : lt(aliasMoves.id, page.before),
      ),
    )
    .orderBy(desc(aliasMoves.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const ids = shown.flatMap((row) => [row.fromVersionId, row.toVersionId]).filter((id) => id !== null);
  const numbers = await numbersOf(tx, scope, ids);
  return {
    moves: shown.map(({ teamId: _team, projectId: _project, ...row }) => ({
      ...row,
      from: row.fromVersionId === null ? null : (numbers.get(row.fromVersionId) ?? null),
      to: row.toVersionId === null ? null : (numbers.get(row.toVersionId) ?? null),
    })),
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

async function numbersOf(tx: Tx, scope: Scope, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: modelVersions.id, version: modelVersions.version })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        inArray(modelVersions.id, [...new Set(ids)]),
      ),
    );
  return new Map(rows.map((row) => [row.id, row.version]));
}
