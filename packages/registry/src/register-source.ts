import type { ArtifactStore } from "@ballast/artifacts";
import { AppError, newId, type ParsedSource, parseSource, type Scope } from "@ballast/core";
import {
  type Database,
  emit,
  loggedModelMetrics,
  metricSeries,
  modelVersions,
  type Tx,
  type VersionLineage,
  withTenant,
} from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, eq } from "drizzle-orm";
import { getModelVersion, type ModelVersionView } from "./model-versions.ts";
import { checkDescription, checkTag } from "./names.ts";
import { authorOf, lockModel } from "./records.ts";
import { nextNumber } from "./register-version.ts";
import {
  type InspectedFile,
  inspectOnnx,
  type ResolvedSource,
  requireLoggedModel,
  requireRun,
  resolveSource,
} from "./version-source.ts";

export interface CreateModelVersion {
  name: string;
  source: string;
  runId?: string | undefined;
  loggedModelId?: string | undefined;
  runLink?: string | undefined;
  description?: string | undefined;
  tags?: Record<string, string> | undefined;
}

/** Metrics that a version takes over from its run: as many as a table can show. */
const MOST_METRICS = 200;

const finite = (rows: { key: string; value: number }[]) =>
  Object.fromEntries(rows.filter((row) => Number.isFinite(row.value)).map((row) => [row.key, row.value]));

async function metricsOf(tx: Tx, scope: Scope, source: ResolvedSource): Promise<Record<string, number>> {
  if (source.copyOf) return source.copyOf.metrics;
  if (source.loggedModelId !== null) {
    const rows = await tx
      .select({ key: loggedModelMetrics.key, value: loggedModelMetrics.value })
      .from(loggedModelMetrics)
      .where(
        and(
          eq(loggedModelMetrics.teamId, scope.teamId),
          eq(loggedModelMetrics.projectId, scope.projectId),
          eq(loggedModelMetrics.modelId, source.loggedModelId),
        ),
      )
      .orderBy(asc(loggedModelMetrics.key), asc(loggedModelMetrics.at))
      .limit(MOST_METRICS);
    if (rows.length > 0) return finite(rows);
  }
  if (source.runId === null) return {};
  const rows = await tx
    .select({ key: metricSeries.key, value: metricSeries.last })
    .from(metricSeries)
    .where(
      and(
        eq(metricSeries.teamId, scope.teamId),
        eq(metricSeries.projectId, scope.projectId),
        eq(metricSeries.runId, source.runId),
      ),
    )
    .orderBy(asc(metricSeries.key))
    .limit(MOST_METRICS);
  return finite(rows);
}

async function lineageOf(tx: Tx, scope: Scope, source: ResolvedSource): Promise<VersionLineage> {
  if (source.copyOf) return source.copyOf.lineage;
  const run = source.runId === null ? null : await requireRun(tx, scope, source.runId);
  const read = (run?.inputs ?? []).filter((input) => input.kind === "dataset_version");
  return {
    runId: source.runId,
    trainingJobId: null,
    datasetVersions: read.map(({ id, label }) => ({ id, label })),
    featureViews: [],
    trainedFrom: null,
    trainedTo: null,
    codeVersion: run?.tags["mlflow.source.git.commit"] ?? (run?.codeVersion || null),
  };
}

function checkText(input: CreateModelVersion): void {
  checkDescription(input.description ?? "");
  for (const [key, value] of Object.entries(input.tags ?? {})) checkTag(key, value);
  if ((input.runLink?.length ?? 0) > 500) {
    throw new AppError("invalid_input", "run_link: at most 500 characters are kept.", {
      details: { field: "run_link" },
    });
  }
}

/** What the caller states counts where the source says nothing. */
async function stated(tx: Tx, scope: Scope, input: CreateModelVersion, found: ResolvedSource): Promise<ResolvedSource> {
  if (input.runId) await requireRun(tx, scope, input.runId);
  if (input.loggedModelId) await requireLoggedModel(tx, scope, input.loggedModelId);
  return {
    ...found,
    runId: input.runId || found.runId,
    loggedModelId: input.loggedModelId || found.loggedModelId,
  };
}

/**
 * Where the version's files are from now on. An alias moves and a model can be renamed, so a copy keeps the place that they led to;
 * `models:/<name>/<version>` stays where a logged model or ONNX file is kept beside it.
 */
function placeOf(parsed: ParsedSource, source: ResolvedSource, text: string): string {
  const original = source.copyOf;
  if (original === null) return text;
  if (original.loggedModelId === null && original.source !== null) return original.source;
  return parsed.kind === "alias" ? `models:/${parsed.name}/${original.version}` : text;
}

async function insertFromSource(
  tx: Tx,
  scope: Scope,
  input: CreateModelVersion,
  source: ResolvedSource,
  onnx: InspectedFile | null,
): Promise<ModelVersionView> {
  const model = await lockModel(tx, scope, { name: input.name });
  const { teamId, projectId, actor } = scope;
  const version = await nextNumber(tx, scope, model.id);
  const id = newId("modelVersion");
  await tx.insert(modelVersions).values({
    ...{ teamId, projectId, id, modelId: model.id, version },
    ...{ digest: onnx?.digest ?? null, sizeBytes: onnx?.sizeBytes ?? null, signature: onnx?.signature ?? null },
    serving: onnx === null ? null : (source.copyOf?.serving ?? null),
    source: input.source,
    loggedModelId: source.loggedModelId,
    runLink: input.runLink || null,
    description: input.description ?? "",
    tags: input.tags ?? {},
    lineage: await lineageOf(tx, scope, source),
    metrics: await metricsOf(tx, scope, source),
    cause: "manual",
    createdBy: actor.name,
    createdById: await authorOf(tx, scope),
  });
  const data = { versionId: id, modelId: model.id, model: model.name, version, cause: "manual", source: input.source };
  const summary = `${model.name} version ${version} registered from ${input.source}`;
  await emit(tx, scope, { name: "model_version.registered", subject: id, summary, data });
  await audit(tx, scope, { action: "model_version.register", subject: id, detail: data });
  return getModelVersion(tx, scope, { id });
}

/**
 * Registers files as the next version of a model that exists. The files stay where they are: `models:/m-…` (a logged model),
 * `models:/<name>/<version>` or `models:/<name>@<alias>` (a copy), `runs:/<run>/<path>`, `mlflow-artifacts:/…`, the SHA-256 of a stored
 * file, or an address elsewhere. An ONNX model among them is looked into, so that its signature is known and it can be bound to
 * features and deployed ({@link bindServing}). Emits `model_version.registered`.
 * @throws AppError `not_found` for the model, run, logged model or version; `invalid_input` for a source that is none
 */
export async function createModelVersion(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  input: CreateModelVersion,
): Promise<ModelVersionView> {
  checkText(input);
  const parsed = parseSource(input.source);
  const read = (tx: Tx) => resolveSource(tx, scope, parsed).then((found) => stated(tx, scope, input, found));
  const before = await withTenant(deps.db, scope.teamId, read);
  const onnx = before.onnx === null ? null : await inspectOnnx(deps.artifacts, before.onnx);
  if (parsed.kind === "digest" && onnx === null) {
    throw new AppError("invalid_input", `source: the file ${parsed.digest} is no ONNX model that can be read.`, {
      details: { field: "source" },
    });
  }
  return withTenant(deps.db, scope.teamId, async (tx) => {
    const found = await read(tx);
    if (found.copyOf?.id !== before.copyOf?.id) {
      throw new AppError("conflict", `source: ${input.source} moved to another version meanwhile. Try again.`, {
        details: { field: "source" },
      });
    }
    return insertFromSource(tx, scope, { ...input, source: placeOf(parsed, found, input.source) }, found, onnx);
  });
}

/** Where a version's files are to be downloaded from; for an ONNX model registered by itself, its digest in the store. */
export async function getDownloadUri(
  tx: Tx,
  scope: Scope,
  input: { name: string; version: number },
): Promise<{ source: string | null; digest: string | null; loggedModelId: string | null; runId: string | null }> {
  const { version } = await getModelVersion(tx, scope, input);
  const { source, digest, loggedModelId, lineage } = version;
  return { source, digest, loggedModelId, runId: lineage.runId };
}
