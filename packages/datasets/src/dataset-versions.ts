import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { datasets, datasetVersions, emit, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, desc, eq, ilike, lt, ne } from "drizzle-orm";
import { type NewDatasetVersion, newDatasetVersionSchema } from "./index.ts";

export type DatasetVersion = typeof datasetVersions.$inferSelect;
export type Dataset = typeof datasets.$inferSelect;

/**
 * Registers an uploaded file as the next version of a dataset, in state `validating`; the dataset is made on first use.
 * The same file with the same units and zones is the same version: it is given back, unless it was refused, when a new
 * version tries again. The same file with other units or zones is a `conflict`.
 */
export async function createDatasetVersion(tx: Tx, scope: Scope, input: NewDatasetVersion): Promise<DatasetVersion> {
  const { declaredUnits, time, sourceDigest, ...named } = parseNewVersion(input);
  const dataset = await datasetByName(tx, scope, named.dataset, named.description ?? "");
  const earlier = await tx
    .select()
    .from(datasetVersions)
    .where(and(ofDataset(scope, dataset.id)))
    .orderBy(desc(datasetVersions.version));
  const same = earlier.find((v) => v.sourceDigest === sourceDigest && v.state !== "refused");
  if (same) {
    if (stable(same.declaredUnits) === stable(declaredUnits) && stable(same.time) === stable(time)) return same;
    throw new AppError(
      "conflict",
      `This file already is version ${same.version} of dataset "${dataset.name}", with other units or time zones.`,
      { details: { version: same.version } },
    );
  }
  const [made] = await tx
    .insert(datasetVersions)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("datasetVersion"),
      datasetId: dataset.id,
      version: (earlier[0]?.version ?? 0) + 1,
      state: "validating",
      sourceDigest,
      declaredUnits,
      time,
      createdBy: scope.actor.name,
    })
    .returning();
  if (made === undefined) throw new AppError("internal", "The dataset version was not inserted.");
  await audit(tx, scope, {
    action: "dataset_version.create",
    subject: made.id,
    detail: { dataset: dataset.name, version: made.version, sourceDigest },
  });
  await emit(tx, scope, {
    name: "dataset_version.created",
    subject: made.id,
    summary: `${dataset.name} v${made.version} arrived and is being validated`,
    data: { dataset: dataset.name, version: made.version },
  });
  return made;
}

function parseNewVersion(input: NewDatasetVersion) {
  const parsed = newDatasetVersionSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "input";
  throw new AppError("invalid_input", `${field}: ${issue?.message}`, { details: { field } });
}

/** The dataset of that name, locked until the transaction ends; made if there is none. */
async function datasetByName(tx: Tx, scope: Scope, name: string, description: string): Promise<Dataset> {
  const { teamId, projectId } = scope;
  await tx
    .insert(datasets)
    .values({ teamId, projectId, id: newId("dataset"), name, description })
    .onConflictDoNothing();
  const [dataset] = await tx
    .select()
    .from(datasets)
    .where(and(eq(datasets.teamId, teamId), eq(datasets.projectId, projectId), eq(datasets.name, name)))
    .for("update");
  if (dataset === undefined) throw new AppError("internal", `Dataset "${name}" was not inserted.`);
  return dataset;
}

function ofDataset(scope: Scope, datasetId: string) {
  return and(
    eq(datasetVersions.teamId, scope.teamId),
    eq(datasetVersions.projectId, scope.projectId),
    eq(datasetVersions.datasetId, datasetId),
  );
}

/** JSON that does not depend on the order of keys: jsonb keeps its own. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/** A version with the name of its dataset. Throws `not_found`. */
export async function getDatasetVersion(
  tx: Tx,
  scope: Scope,
  versionId: string,
): Promise<DatasetVersion & { dataset: string }> {
  const [row] = await tx
    .select({ version: datasetVersions, dataset: datasets.name })
    .from(datasetVersions)
    .innerJoin(datasets, and(eq(datasets.id, datasetVersions.datasetId), eq(datasets.teamId, datasetVersions.teamId)))
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        eq(datasetVersions.id, versionId),
      ),
    );
  if (row === undefined) throw notFound("Dataset version", versionId);
  return { ...row.version, dataset: row.dataset };
}

/** Accepted versions of a dataset, newest first. */
export async function acceptedVersions(
  tx: Tx,
  scope: Scope,
  datasetId: string,
  except = "",
): Promise<DatasetVersion[]> {
  return tx
    .select()
    .from(datasetVersions)
    .where(and(ofDataset(scope, datasetId), eq(datasetVersions.state, "accepted"), ne(datasetVersions.id, except)))
    .orderBy(desc(datasetVersions.version));
}

/** A dataset by id or name with all its versions, newest first. Throws `not_found`. */
export async function getDataset(
  tx: Tx,
  scope: Scope,
  idOrName: string,
): Promise<Dataset & { versions: DatasetVersion[] }> {
  const own = and(eq(datasets.teamId, scope.teamId), eq(datasets.projectId, scope.projectId));
  const [byName] = await tx
    .select()
    .from(datasets)
    .where(and(own, eq(datasets.name, idOrName)));
  const [byId] = byName
    ? [byName]
    : await tx
        .select()
        .from(datasets)
        .where(and(own, eq(datasets.id, idOrName)));
  if (byId === undefined) throw notFound("Dataset", idOrName);
  const versions = await tx
    .select()
    .from(datasetVersions)
    .where(ofDataset(scope, byId.id))
    .orderBy(desc(datasetVersions.version));
  return { ...byId, versions };
}

export interface DatasetPage {
  limit: number;
  /** Id of the last dataset of the page before. */
  before?: string;
  /** Part of the name. */
  search?: string;
}

/** Datasets, newest first, each with its newest version. */
export async function listDatasets(tx: Tx, scope: Scope, page: DatasetPage) {
  const rows = await tx
    .select()
    .from(datasets)
    .where(
      and(
        eq(datasets.teamId, scope.teamId),
        eq(datasets.projectId, scope.projectId),
        page.before ? lt(datasets.id, page.before) : undefined,
        page.search ? ilike(datasets.name, `%${page.search.replaceAll(/[%_\\]/g, "\\$&")}%`) : undefined,
      ),
    )
    .orderBy(desc(datasets.id))
    .limit(page.limit);
  return Promise.all(
    rows.map(async (dataset) => {
      const [latest] = await tx
        .select({
          id: datasetVersions.id,
          version: datasetVersions.version,
          state: datasetVersions.state,
          rows: datasetVersions.rows,
          createdAt: datasetVersions.createdAt,
        })
        .from(datasetVersions)
        .where(ofDataset(scope, dataset.id))
        .orderBy(desc(datasetVersions.version))
        .limit(1);
      return { ...dataset, latest: latest ?? null };
    }),
  );
}
