import { notFound, placeOfFiles, type Scope } from "@ballast/core";
import {
  artifactEntries,
  datasets,
  datasetVersions,
  experiments,
  likeText,
  loggedModels,
  modelVersions,
  registeredModels,
  runLinks,
  runs,
  type Tx,
  trackedDatasets,
} from "@ballast/db";
import { and, asc, eq, inArray, like } from "drizzle-orm";

/** A file of a model version. */
export interface VersionFile {
  path: string;
  digest: string;
  sizeBytes: number;
}
/** Data a version was made from. */
interface VersionData {
  name: string;
  version: string;
  /** Hex SHA-256 of the stored table; null for data that only the client knows. */
  digest: string | null;
  rows: number | null;
}
/** What is known of a model version's origin. */
export interface VersionFacts {
  version: typeof modelVersions.$inferSelect;
  model: typeof registeredModels.$inferSelect;
  run: (typeof runs.$inferSelect & { experiment: string }) | null;
  loggedModel: typeof loggedModels.$inferSelect | null;
  files: VersionFile[];
  data: VersionData[];
}

/** More files than a model has; a listing beyond it is cut, and the attestation would say less than it seems. */
const MOST_FILES = 10_000;

async function filesOf(tx: Tx, scope: Scope, version: VersionFacts["version"]): Promise<VersionFile[]> {
  const files: VersionFile[] = [];
  if (version.digest !== null)
    files.push({ path: "model.onnx", digest: version.digest, sizeBytes: version.sizeBytes ?? 0 });
  const place = placeOfFiles(version);
  if (place === null) return files;
  const rows = await tx
    .select()
    .from(artifactEntries)
    .where(
      and(
        eq(artifactEntries.teamId, scope.teamId),
        eq(artifactEntries.projectId, scope.projectId),
        eq(artifactEntries.ownerId, place.ownerId),
        place.path === "" ? undefined : like(artifactEntries.path, `${likeText(place.path)}/%`),
      ),
    )
    .orderBy(asc(artifactEntries.path))
    .limit(MOST_FILES);
  const start = place.path === "" ? 0 : place.path.length + 1;
  const entries = rows.map(({ path, digest, sizeBytes }) => ({ path: path.slice(start), digest, sizeBytes }));
  return [...files, ...entries];
}

async function dataOf(tx: Tx, scope: Scope, version: VersionFacts["version"], runId: string | null) {
  const data: VersionData[] = [];
  const ids = version.lineage.datasetVersions.map(({ id }) => id);
  const stored = ids.length
    ? await tx
        .select({ version: datasetVersions, name: datasets.name })
        .from(datasetVersions)
        .innerJoin(
          datasets,
          and(eq(datasets.teamId, datasetVersions.teamId), eq(datasets.id, datasetVersions.datasetId)),
        )
        .where(
          and(
            eq(datasetVersions.teamId, scope.teamId),
            eq(datasetVersions.projectId, scope.projectId),
            inArray(datasetVersions.id, ids),
          ),
        )
    : [];
  for (const { version: one, name } of stored)
    data.push({ name, version: `v${one.version}`, digest: one.digest ?? one.sourceDigest, rows: one.rows });
  if (runId === null) return data;
  const tracked = await tx
    .select({ dataset: trackedDatasets })
    .from(runLinks)
    .innerJoin(
      trackedDatasets,
      and(eq(trackedDatasets.teamId, runLinks.teamId), eq(trackedDatasets.id, runLinks.targetId)),
    )
    .where(
      and(
        eq(runLinks.teamId, scope.teamId),
        eq(runLinks.projectId, scope.projectId),
        eq(runLinks.runId, runId),
        eq(runLinks.kind, "input_dataset"),
      ),
    )
    .orderBy(asc(trackedDatasets.name));
  for (const { dataset } of tracked)
    data.push({ name: dataset.name, version: dataset.digest, digest: null, rows: null });
  return data;
}

/** Everything known of where a version comes from. 404 if it is not of the project. */
export async function versionFacts(tx: Tx, scope: Scope, versionId: string): Promise<VersionFacts> {
  const [row] = await tx
    .select({ version: modelVersions, model: registeredModels })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.id, versionId),
      ),
    );
  if (!row) throw notFound("Model version", versionId);
  const { version } = row;
  const [loggedModel] = version.loggedModelId
    ? await tx
        .select()
        .from(loggedModels)
        .where(
          and(
            eq(loggedModels.teamId, scope.teamId),
            eq(loggedModels.projectId, scope.projectId),
            eq(loggedModels.id, version.loggedModelId),
          ),
        )
    : [];
  const runId = version.lineage.runId ?? loggedModel?.sourceRunId ?? null;
  const [run] = runId
    ? await tx
        .select({ run: runs, experiment: experiments.name })
        .from(runs)
        .innerJoin(experiments, and(eq(experiments.teamId, runs.teamId), eq(experiments.id, runs.experimentId)))
        .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, runId)))
    : [];
  return {
    ...row,
    run: run ? { ...run.run, experiment: run.experiment } : null,
    loggedModel: loggedModel ?? null,
    files: await filesOf(tx, scope, version),
    data: await dataOf(tx, scope, version, runId),
  };
}
