import type { ArtifactStore } from "@ballast/artifacts";
import { requireOwnArtifact } from "@ballast/artifacts/server";
import { AppError, isAppError, newId, notFound, type Scope } from "@ballast/core";
import {
  type Database,
  datasetVersions,
  emit,
  featureViews,
  modelVersions,
  registeredModels,
  runs,
  type ServingSpec,
  type Tx,
  trainingJobs,
  type VersionLineage,
  withTenant,
} from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { checkModel, type OnnxModel } from "@ballast/onnx";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { LineageInput, RegisterVersion } from "./index.ts";
import { authorOf, type ModelVersion } from "./records.ts";
import { checkServing } from "./serving-contract.ts";

/** A model file that was read and checked. */
export interface InspectedModel {
  digest: string;
  sizeBytes: number;
  onnx: OnnxModel;
}

/**
 * Reads a model from the artifact store and checks it. @throws AppError `not_found` when nothing was uploaded under the digest,
 * `unprocessable` when its bytes are damaged, `invalid_input` when it is no ONNX model that can be served
 */
export async function inspectModel(artifacts: ArtifactStore, digest: string): Promise<InspectedModel> {
  const bytes = await artifacts.get(digest).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") {
      const message = `onnxDigest: no file with SHA-256 ${digest} is stored. Upload the model first.`;
      throw new AppError("not_found", message, { details: { field: "onnxDigest" }, cause: error });
    }
    throw error;
  });
  return { digest, sizeBytes: bytes.byteLength, onnx: checkModel(bytes) };
}

/** Newest version of each named feature view of the project. */
export async function latestViews(tx: Tx, scope: Scope) {
  return tx
    .selectDistinctOn([featureViews.name], {
      id: featureViews.id,
      name: featureViews.name,
      version: featureViews.version,
      definition: featureViews.definition,
    })
    .from(featureViews)
    .where(and(eq(featureViews.teamId, scope.teamId), eq(featureViews.projectId, scope.projectId)))
    .orderBy(featureViews.name, desc(featureViews.version));
}

/** The id of the model with a name, made when it is new; locked, so that version numbers are given out one at a time. */
export async function ensureModel(tx: Tx, scope: Scope, modelName: string): Promise<string> {
  const [made] = await tx
    .insert(registeredModels)
    .values({ teamId: scope.teamId, projectId: scope.projectId, id: newId("registeredModel"), name: modelName })
    .onConflictDoNothing()
    .returning({ id: registeredModels.id });
  if (made) {
    const data = { modelId: made.id, model: modelName, description: "", tags: {} };
    const summary = `${modelName} registered`;
    await emit(tx, scope, { name: "registered_model.created", subject: made.id, summary, data });
  }
  const [model] = await tx
    .select({ id: registeredModels.id })
    .from(registeredModels)
    .where(
      and(
        eq(registeredModels.teamId, scope.teamId),
        eq(registeredModels.projectId, scope.projectId),
        eq(registeredModels.name, modelName),
        isNull(registeredModels.deletedAt),
      ),
    )
    .for("update");
  if (!model) throw notFound("Model", modelName);
  return model.id;
}

async function checkLineage(tx: Tx, scope: Scope, lineage: LineageInput): Promise<void> {
  const ids = (lineage.datasetVersions ?? []).map((version) => version.id);
  if (ids.length > 0) {
    const found = await tx
      .select({ id: datasetVersions.id })
      .from(datasetVersions)
      .where(
        and(
          eq(datasetVersions.teamId, scope.teamId),
          eq(datasetVersions.projectId, scope.projectId),
          inArray(datasetVersions.id, ids),
        ),
      );
    const missing = ids.find((id) => !found.some((row) => row.id === id));
    if (missing) throw notFound("Dataset version", missing);
  }
  if (lineage.runId) {
    const [run] = await tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, lineage.runId)));
    if (!run) throw notFound("Run", lineage.runId);
  }
  if (lineage.trainingJobId) {
    const [job] = await tx
      .select({ id: trainingJobs.id })
      .from(trainingJobs)
      .where(
        and(
          eq(trainingJobs.teamId, scope.teamId),
          eq(trainingJobs.projectId, scope.projectId),
          eq(trainingJobs.id, lineage.trainingJobId),
        ),
      );
    if (!job) throw notFound("Training job", lineage.trainingJobId);
  }
}

async function versionOfJob(tx: Tx, scope: Scope, modelId: string, jobId: string): Promise<ModelVersion | undefined> {
  const [made] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.modelId, modelId),
        sql`${modelVersions.lineage}->>'trainingJobId' = ${jobId}`,
      ),
    );
  return made;
}

/** The number of a model's next version; the model is locked by the caller. */
export async function nextNumber(tx: Tx, scope: Scope, modelId: string): Promise<number> {
  const [row] = await tx
    .select({ last: sql<number>`coalesce(max(${modelVersions.version}), 0)`.mapWith(Number) })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.modelId, modelId),
      ),
    );
  return (row?.last ?? 0) + 1;
}

/** The feature views that a mapping names, by the version they have now. */
export function boundViews(
  serving: ServingSpec,
  views: readonly { id: string; name: string; version: number }[],
): VersionLineage["featureViews"] {
  const bound = new Set(serving.features.map((binding) => binding.view));
  return views.filter((view) => bound.has(view.name)).map(({ id, name, version }) => ({ id, name, version }));
}

/** The lineage as it is kept: what the maker states, and the newest version of every feature view that is bound. */
function resolveLineage(
  { lineage, serving }: RegisterVersion,
  views: { id: string; name: string; version: number }[],
): VersionLineage {
  return {
    runId: lineage.runId ?? null,
    trainingJobId: lineage.trainingJobId ?? null,
    datasetVersions: lineage.datasetVersions ?? [],
    featureViews: boundViews(serving, views),
    trainedFrom: lineage.trainedFrom ?? null,
    trainedTo: lineage.trainedTo ?? null,
    codeVersion: lineage.codeVersion ?? null,
  };
}

/**
 * Registers an inspected model as the next version, in the caller's transaction. A training job registers at most once:
 * called again for the same `lineage.trainingJobId` it returns the version made before.
 * Emits `model_version.registered`. @throws AppError `unprocessable` naming the field of `serving` that does not fit,
 * `not_found` for a run, training job or dataset version of nobody or of somebody else
 */
export async function insertModelVersion(
  tx: Tx,
  scope: Scope,
  inspected: InspectedModel,
  input: RegisterVersion & { eventTime?: Date | null },
): Promise<ModelVersion> {
  const views = await latestViews(tx, scope);
  const definitions = views.map((view) => view.definition);
  const signature = checkServing(inspected.onnx, input.serving, definitions);
  await checkLineage(tx, scope, input.lineage);
  const modelId = await ensureModel(tx, scope, input.modelName);
  const jobId = input.lineage.trainingJobId;
  const before = jobId ? await versionOfJob(tx, scope, modelId, jobId) : undefined;
  if (before) return before;
  const version = await nextNumber(tx, scope, modelId);
  const [made] = await tx
    .insert(modelVersions)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("modelVersion"),
      modelId,
      version,
      description: input.description,
      digest: inspected.digest,
      sizeBytes: inspected.sizeBytes,
      signature,
      serving: input.serving,
      lineage: resolveLineage(input, views),
      metrics: input.metrics,
      cause: input.cause,
      createdBy: scope.actor.name,
      createdById: await authorOf(tx, scope),
      eventTime: input.eventTime ?? null,
    })
    .returning();
  if (!made) throw new AppError("internal", `version ${version} of ${input.modelName} was not written`);
  const data = { versionId: made.id, modelId, model: input.modelName, version, cause: input.cause };
  const summary = `${input.modelName} version ${version} registered (${input.cause})`;
  const eventTime = input.eventTime ?? null;
  await emit(tx, scope, { name: "model_version.registered", subject: made.id, summary, data, eventTime });
  await audit(tx, scope, { action: "model_version.register", subject: made.id, detail: data });
  return made;
}

/**
 * {@link inspectModel} of a file that the team brought here, then {@link insertModelVersion} in a transaction of its own. To know a
 * checksum is not to own the file: another team's is as unknown as one that nobody uploaded.
 */
export async function registerModelVersion(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  input: RegisterVersion & { eventTime?: Date | null },
): Promise<ModelVersion> {
  const own = (tx: Tx) => requireOwnArtifact(tx, scope.teamId, input.onnxDigest, "onnxDigest");
  await withTenant(deps.db, scope.teamId, own);
  const inspected = await inspectModel(deps.artifacts, input.onnxDigest);
  return withTenant(deps.db, scope.teamId, async (tx) => {
    await own(tx);
    return insertModelVersion(tx, scope, inspected, input);
  });
}
