import type { ArtifactStore } from "@ballast/artifacts";
import { requireOwnArtifact } from "@ballast/artifacts/server";
import { AppError, isAppError, notFound, type ParsedSource, type Scope } from "@ballast/core";
import { artifactEntries, experiments, likeText, loggedModels, type ModelSignature, runs, type Tx } from "@ballast/db";
import { checkModel } from "@ballast/onnx";
import { and, eq, isNull, like, or } from "drizzle-orm";
import { getByAlias } from "./aliases.ts";
import { findVersion, type ModelVersion } from "./records.ts";
import { signatureOf } from "./serving-contract.ts";

/** What is known of a source before its bytes are read. */
export interface ResolvedSource {
  /** The run that made the files; null where none is known. */
  runId: string | null;
  loggedModelId: string | null;
  /** The version it is a copy of. */
  copyOf: ModelVersion | null;
  /** The ONNX file among its files. */
  onnx: { digest: string; sizeBytes: number } | null;
}

const NOWHERE: ResolvedSource = { runId: null, loggedModelId: null, copyOf: null, onnx: null };

async function onnxAmong(tx: Tx, scope: Scope, ownerId: string, path: string) {
  const folder = path === "" ? "" : `${likeText(path)}/`;
  const files = await tx
    .select({ path: artifactEntries.path, digest: artifactEntries.digest, sizeBytes: artifactEntries.sizeBytes })
    .from(artifactEntries)
    .where(
      and(
        eq(artifactEntries.teamId, scope.teamId),
        eq(artifactEntries.projectId, scope.projectId),
        eq(artifactEntries.ownerId, ownerId),
        or(like(artifactEntries.path, `${folder}%.onnx`), eq(artifactEntries.path, path)),
      ),
    )
    .limit(50);
  const models = files.filter((file) => file.path.endsWith(".onnx"));
  const inFolder = path === "" ? "model.onnx" : `${path}/model.onnx`;
  const found = models.find((file) => file.path === inFolder) ?? (models.length === 1 ? models[0] : undefined);
  return found ? { digest: found.digest, sizeBytes: found.sizeBytes } : null;
}

async function filesSource(
  tx: Tx,
  scope: Scope,
  source: Extract<ParsedSource, { kind: "files" }>,
): Promise<ResolvedSource> {
  const { ownerId, path } = source;
  if (source.owner === "run") {
    await requireRun(tx, scope, ownerId);
    return { ...NOWHERE, runId: ownerId, onnx: await onnxAmong(tx, scope, ownerId, path) };
  }
  const model = await requireLoggedModel(tx, scope, ownerId);
  return {
    ...NOWHERE,
    runId: model.sourceRunId,
    loggedModelId: ownerId,
    onnx: await onnxAmong(tx, scope, ownerId, path),
  };
}

/** @throws AppError `not_found` for a run of nobody, of somebody else, or in the trash */
export async function requireRun(tx: Tx, scope: Scope, runId: string) {
  const [run] = await tx
    .select()
    .from(runs)
    .innerJoin(experiments, and(eq(experiments.teamId, runs.teamId), eq(experiments.id, runs.experimentId)))
    .where(
      and(
        eq(runs.teamId, scope.teamId),
        eq(runs.projectId, scope.projectId),
        eq(runs.id, runId),
        isNull(runs.deletedAt),
      ),
    );
  if (!run) throw new AppError("not_found", `Run with id=${runId} not found`, { details: { runId } });
  return run.runs;
}

/** @throws AppError `not_found` for a logged model of nobody, of somebody else, or in the trash */
export async function requireLoggedModel(tx: Tx, scope: Scope, id: string) {
  const [model] = await tx
    .select()
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.teamId, scope.teamId),
        eq(loggedModels.projectId, scope.projectId),
        eq(loggedModels.id, id),
        isNull(loggedModels.deletedAt),
      ),
    );
  if (!model) throw notFound("Logged model", id);
  return model;
}

function copySource(version: ModelVersion): ResolvedSource {
  const { digest, sizeBytes } = version;
  return {
    runId: version.lineage.runId,
    loggedModelId: version.loggedModelId,
    copyOf: version,
    onnx: digest === null || sizeBytes === null ? null : { digest, sizeBytes },
  };
}

/** Finds what a source names. @throws AppError `not_found` where it does not exist in the project */
export async function resolveSource(tx: Tx, scope: Scope, source: ParsedSource): Promise<ResolvedSource> {
  switch (source.kind) {
    case "files":
      return filesSource(tx, scope, source);
    case "version":
      return copySource((await findVersion(tx, scope, source)).version);
    case "alias":
      return copySource((await getByAlias(tx, scope, source)).version);
    case "digest":
      await requireOwnArtifact(tx, scope.teamId, source.digest, "source");
      return { ...NOWHERE, onnx: { digest: source.digest, sizeBytes: 0 } };
    case "elsewhere":
      return NOWHERE;
  }
}

/** A file that was looked into. */
export interface InspectedFile {
  digest: string;
  sizeBytes: number;
  signature: ModelSignature;
}

/** Larger models are kept as files; to deploy one, register it by its digest. */
const MOST_INSPECTED_BYTES = 512 * 1024 * 1024;

/**
 * The tensors of an ONNX file; null for one that is damaged, too large to look into here, or no model that can be served.
 * @throws AppError `payload_too_large` for a file that was named by its digest, whose size is not known before, and that no memory takes
 */
export async function inspectOnnx(
  artifacts: ArtifactStore,
  file: { digest: string; sizeBytes: number },
): Promise<InspectedFile | null> {
  if (file.sizeBytes > MOST_INSPECTED_BYTES) return null;
  try {
    const bytes = await artifacts.get(file.digest);
    return { digest: file.digest, sizeBytes: bytes.byteLength, signature: signatureOf(checkModel(bytes)) };
  } catch (error) {
    if (isAppError(error) && error.status < 500 && error.code !== "payload_too_large") return null;
    throw error;
  }
}
