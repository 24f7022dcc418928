import { notFound, type Scope } from "@ballast/core";
import {
  datasetVersions,
  deployments,
  gateResults,
  likeAnywhere,
  modelVersions,
  registeredModels,
  runs,
  type Tx,
} from "@ballast/db";
import { and, asc, count, desc, eq, gt, ilike, inArray, isNull, lt, max, or } from "drizzle-orm";
import { aliasesOf, ofModels, ofVersions } from "./records.ts";

/** Models by name, a page at a time; pass the last one's name as `after`. `search` looks in name and description. */
export async function listModels(tx: Tx, scope: Scope, page: { search?: string; after?: string; limit: number }) {
  const search = page.search?.trim();
  const pattern = search ? likeAnywhere(search) : null;
  const models = await tx
    .select()
    .from(registeredModels)
    .where(
      and(
        ofModels(scope),
        isNull(registeredModels.deletedAt),
        page.after ? gt(registeredModels.name, page.after) : undefined,
        pattern ? or(ilike(registeredModels.name, pattern), ilike(registeredModels.description, pattern)) : undefined,
      ),
    )
    .orderBy(asc(registeredModels.name))
    .limit(page.limit + 1);
  const shown = models.slice(0, page.limit);
  const ids = shown.map((model) => model.id);
  const aliases = await aliasesOf(tx, scope, ids);
  const figures =
    ids.length === 0
      ? []
      : await tx
          .select({
            modelId: modelVersions.modelId,
            versions: count(),
            latest: max(modelVersions.version),
            updatedAt: max(modelVersions.createdAt),
          })
          .from(modelVersions)
          .where(and(ofVersions(scope), isNull(modelVersions.deletedAt), inArray(modelVersions.modelId, ids)))
          .groupBy(modelVersions.modelId);
  return {
    models: shown.map((model) => {
      const own = figures.find((row) => row.modelId === model.id);
      return {
        id: model.id,
        name: model.name,
        description: model.description,
        createdAt: model.createdAt,
        versions: own?.versions ?? 0,
        latestVersion: own?.latest ?? null,
        updatedAt: own?.updatedAt ?? model.createdAt,
        aliases: aliases.filter((alias) => alias.modelId === model.id),
      };
    }),
    next: models.length > page.limit ? (shown.at(-1)?.name ?? null) : null,
  };
}

/** A model by id or name with its aliases and a page of versions, newest first (`before` is a version number). */
export async function getModel(
  tx: Tx,
  scope: Scope,
  input: { model: string; before?: number | undefined; limit: number },
) {
  const [model] = await tx
    .select()
    .from(registeredModels)
    .where(
      and(
        ofModels(scope),
        isNull(registeredModels.deletedAt),
        or(eq(registeredModels.id, input.model), eq(registeredModels.name, input.model)),
      ),
    );
  if (!model) throw notFound("Model", input.model);
  const versions = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        ofVersions(scope),
        isNull(modelVersions.deletedAt),
        eq(modelVersions.modelId, model.id),
        input.before === undefined ? undefined : lt(modelVersions.version, input.before),
      ),
    )
    .orderBy(desc(modelVersions.version))
    .limit(input.limit + 1);
  const shown = versions.slice(0, input.limit);
  return {
    model,
    aliases: await aliasesOf(tx, scope, [model.id]),
    versions: shown,
    next: versions.length > input.limit ? (shown.at(-1)?.version ?? null) : null,
  };
}

/** What a deployment does with a version. */
export type ServingRole = "champion" | "candidate" | "shadow";

/** Deployments whose routes name the version now. */
export async function deploymentsOf(tx: Tx, scope: Scope, versionId: string) {
  const rows = await tx
    .select({ id: deployments.id, name: deployments.name, routing: deployments.routing })
    .from(deployments)
    .where(and(eq(deployments.teamId, scope.teamId), eq(deployments.projectId, scope.projectId)));
  return rows.flatMap(({ id, name, routing }) => {
    const role: ServingRole | null =
      routing.champion === versionId
        ? "champion"
        : routing.candidate?.versionId === versionId
          ? "candidate"
          : routing.shadows.includes(versionId)
            ? "shadow"
            : null;
    const percent = role === "candidate" ? (routing.candidate?.percent ?? null) : null;
    return role ? [{ id, name, role, percent }] : [];
  });
}

/** A version with everything its page shows: model, aliases, lineage resolved, gates, deployments. 404 if not of the project. */
export async function getVersion(tx: Tx, scope: Scope, versionId: string) {
  const [row] = await tx
    .select({ version: modelVersions, model: registeredModels })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        ofVersions(scope),
        eq(modelVersions.id, versionId),
        isNull(modelVersions.deletedAt),
        isNull(registeredModels.deletedAt),
      ),
    );
  if (!row) throw notFound("Model version", versionId);
  const { lineage } = row.version;
  const dataIds = lineage.datasetVersions.map((version) => version.id);
  const [run] = lineage.runId
    ? await tx
        .select()
        .from(runs)
        .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, lineage.runId)))
    : [];
  const data =
    dataIds.length === 0
      ? []
      : await tx
          .select()
          .from(datasetVersions)
          .where(
            and(
              eq(datasetVersions.teamId, scope.teamId),
              eq(datasetVersions.projectId, scope.projectId),
              inArray(datasetVersions.id, dataIds),
            ),
          );
  const gates = await tx
    .select()
    .from(gateResults)
    .where(
      and(
        eq(gateResults.teamId, scope.teamId),
        eq(gateResults.projectId, scope.projectId),
        eq(gateResults.versionId, versionId),
      ),
    );
  const aliases = await aliasesOf(tx, scope, [row.model.id]);
  return {
    ...row,
    aliases: aliases.filter((alias) => alias.versionId === versionId),
    run: run ?? null,
    datasetVersions: data,
    featureViews: lineage.featureViews,
    gates,
    deployments: await deploymentsOf(tx, scope, versionId),
  };
}
