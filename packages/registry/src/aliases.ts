import { notFound, type Scope } from "@ballast/core";
import { emit, modelAliases, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq, isNull } from "drizzle-orm";

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

/**
 * Points an alias at a version of the same model; does nothing when it points there already.
 * Emits `alias.moved`. @throws AppError `not_found` for a version of another model or project
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
  const [present] = await tx
    .select()
    .from(modelAliases)
    .where(aliasKey(scope, move.modelId, move.alias));
  if (present?.versionId === move.versionId) return;
  const values = { versionId: move.versionId, movedBy: scope.actor.name, movedAt: new Date() };
  await tx
    .insert(modelAliases)
    .values({ teamId: scope.teamId, projectId: scope.projectId, modelId: move.modelId, alias: move.alias, ...values })
    .onConflictDoUpdate({
      target: [modelAliases.teamId, modelAliases.projectId, modelAliases.modelId, modelAliases.alias],
      set: values,
    });
  const detail = { alias: move.alias, modelId: move.modelId, from: present?.versionId ?? null, to: move.versionId };
  await emit(tx, scope, {
    name: "alias.moved",
    subject: move.versionId,
    summary: `${target.model}: ${move.alias} is now version ${target.version}`,
    data: detail,
  });
  await audit(tx, scope, { action: "alias.move", subject: move.versionId, detail });
}

/** Takes an alias off a version; does nothing when it points elsewhere by now. */
export async function dropAlias(tx: Tx, scope: Scope, move: AliasMove): Promise<void> {
  const dropped = await tx
    .delete(modelAliases)
    .where(and(aliasKey(scope, move.modelId, move.alias), eq(modelAliases.versionId, move.versionId)))
    .returning({ alias: modelAliases.alias });
  if (dropped.length === 0) return;
  const detail = { alias: move.alias, modelId: move.modelId };
  await audit(tx, scope, { action: "alias.drop", subject: move.versionId, detail });
}
