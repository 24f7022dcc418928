import { AppError, notFound, type Scope } from "@ballast/core";
import { apiTokens, modelAliases, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, asc, eq, inArray, isNull } from "drizzle-orm";

export type ModelRow = typeof registeredModels.$inferSelect;
export type ModelVersion = typeof modelVersions.$inferSelect;

export const ofModels = (scope: Scope) =>
  and(eq(registeredModels.teamId, scope.teamId), eq(registeredModels.projectId, scope.projectId));
export const ofVersions = (scope: Scope) =>
  and(eq(modelVersions.teamId, scope.teamId), eq(modelVersions.projectId, scope.projectId));

/** `name` finds models outside of the trash; `id` too, unless `trashed` asks for one that is in it. */
export type ModelKey = { name: string } | { id: string };

/** How MLflow's clients know them: their tests read these words. */
const noModel = (key: ModelKey) =>
  "name" in key
    ? new AppError("not_found", `Registered Model with name=${key.name} not found`, { details: { name: key.name } })
    : notFound("Model", key.id);
const noVersion = (name: string, version: number) =>
  new AppError("not_found", `Model Version (name=${name}, version=${version}) not found`, {
    details: { name, version },
  });

const byKey = (key: ModelKey) =>
  "name" in key ? eq(registeredModels.name, key.name) : eq(registeredModels.id, key.id);

/** A model that is not in the trash. @throws AppError `not_found` */
export async function findModel(tx: Tx, scope: Scope, key: ModelKey): Promise<ModelRow> {
  const [row] = await tx
    .select()
    .from(registeredModels)
    .where(and(ofModels(scope), isNull(registeredModels.deletedAt), byKey(key)));
  if (!row) throw noModel(key);
  return row;
}

/**
 * A model, locked until the transaction ends: whatever gives out numbers, moves aliases or decides approvals of a model takes this
 * lock first. @throws AppError `not_found`, also for one in the trash
 */
export async function lockModel(tx: Tx, scope: Scope, key: ModelKey): Promise<ModelRow> {
  const [row] = await tx
    .select()
    .from(registeredModels)
    .where(and(ofModels(scope), isNull(registeredModels.deletedAt), byKey(key)))
    .for("update");
  if (!row) throw noModel(key);
  return row;
}

/** By model and number, or by id. */
export type VersionKey = { name: string; version: number } | { id: string };

export interface VersionOfModel {
  version: ModelVersion;
  model: ModelRow;
}

/** A version, neither it nor its model in the trash. @throws AppError `not_found` */
export async function findVersion(tx: Tx, scope: Scope, key: VersionKey): Promise<VersionOfModel> {
  const model = "name" in key ? await findModel(tx, scope, { name: key.name }) : null;
  const [row] = await tx
    .select({ version: modelVersions, model: registeredModels })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        ofVersions(scope),
        isNull(modelVersions.deletedAt),
        isNull(registeredModels.deletedAt),
        "id" in key
          ? eq(modelVersions.id, key.id)
          : and(eq(modelVersions.modelId, model?.id ?? ""), eq(modelVersions.version, key.version)),
      ),
    );
  if (!row) throw "id" in key ? notFound("Model version", key.id) : noVersion(key.name, key.version);
  return row;
}

export interface AliasOfVersion {
  modelId: string;
  alias: string;
  versionId: string;
  version: number;
  movedBy: string;
  movedAt: Date;
}

/** The aliases of models, by name. */
export async function aliasesOf(tx: Tx, scope: Scope, modelIds: string[]): Promise<AliasOfVersion[]> {
  if (modelIds.length === 0) return [];
  return tx
    .select({
      modelId: modelAliases.modelId,
      alias: modelAliases.alias,
      versionId: modelAliases.versionId,
      version: modelVersions.version,
      movedBy: modelAliases.movedBy,
      movedAt: modelAliases.movedAt,
    })
    .from(modelAliases)
    .innerJoin(modelVersions, eq(modelVersions.id, modelAliases.versionId))
    .where(
      and(
        eq(modelAliases.teamId, scope.teamId),
        eq(modelAliases.projectId, scope.projectId),
        inArray(modelAliases.modelId, modelIds),
      ),
    )
    .orderBy(asc(modelAliases.alias));
}

/**
 * The id of the person behind an actor: of a token the person who made it, so that nobody approves as themselves what their
 * program asked for. The program's own id where no person is known.
 */
export async function personBehind(tx: Tx, scope: Scope): Promise<string> {
  const { actor } = scope;
  if (actor.type !== "token" && actor.type !== "service_account") return actor.id;
  const [token] = await tx
    .select({ person: apiTokens.createdByUser })
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.teamId, scope.teamId),
        eq(apiTokens.projectId, scope.projectId),
        eq(apiTokens.id, actor.type === "token" ? actor.id : actor.tokenId),
      ),
    );
  return token?.person ?? actor.id;
}

/**
 * Who wrote a version, for the rule that authors do not approve. A service account writes in its own name, whoever made its token:
 * its versions are the team's. (Who asks for approval through it is still that person.)
 */
export async function authorOf(tx: Tx, scope: Scope): Promise<string> {
  return scope.actor.type === "service_account" ? scope.actor.id : personBehind(tx, scope);
}
