import type { ArtifactStore, StoredArtifact } from "@ballast/artifacts";
import type { ScanVerdict } from "@ballast/artifacts/server";
import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { artifactUploads, withTenant } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq, isNull, sql } from "drizzle-orm";
import { changeableOwner, ID } from "./artifact-owner.ts";
import { artifactPath } from "./artifact-path.ts";
import { type ArtifactDeps, type ArtifactEntry, enterArtifact, getArtifact, refuseClash } from "./artifact-tree.ts";
import { inspectUpload } from "./inspect-upload.ts";

export type ArtifactUpload = typeof artifactUploads.$inferSelect;

/** How long the pieces of an unfinished upload are kept. */
const KEPT_MS = { multipart: 24 * 3_600_000, resumable: 7 * 24 * 3_600_000 };
export const MOST_PARTS = 10_000;
/** Unfinished uploads of a project: their pieces take disk that nothing else counts. */
const MOST_UNFINISHED = 1_000;

export interface NewUpload {
  ownerId: string;
  path: string;
  kind: ArtifactUpload["kind"];
  /** What the sender announces, bytes. */
  sizeBytes?: number | null;
}

/** Begins an upload in pieces. @throws AppError as {@link putArtifact} does before it has bytes; `too_many_requests` */
export async function createUpload(deps: ArtifactDeps, scope: Scope, input: NewUpload): Promise<ArtifactUpload> {
  const path = artifactPath(input.path);
  return withTenant(deps.db, scope.teamId, async (tx) => {
    await changeableOwner(tx, scope, input.ownerId, path);
    await refuseClash(tx, scope, input.ownerId, path);
    const [open] = await tx
      .select({ count: sql<string>`count(*)` })
      .from(artifactUploads)
      .where(
        and(
          eq(artifactUploads.teamId, scope.teamId),
          eq(artifactUploads.projectId, scope.projectId),
          isNull(artifactUploads.digest),
        ),
      );
    if (Number(open?.count ?? 0) >= MOST_UNFINISHED) {
      throw new AppError(
        "too_many_requests",
        `${MOST_UNFINISHED} uploads of this project are unfinished. End some first.`,
      );
    }
    const { teamId, projectId } = scope;
    const [made] = await tx
      .insert(artifactUploads)
      .values({
        ...{ teamId, projectId, id: newId("artifactUpload"), ownerId: input.ownerId, path, kind: input.kind },
        ...{ sizeBytes: input.sizeBytes ?? null, createdBy: scope.actor.name },
        expiresAt: new Date(Date.now() + KEPT_MS[input.kind]),
      })
      .returning();
    if (!made) throw new AppError("internal", "insert of an upload returned no row");
    const detail = { uploadId: made.id, path, kind: input.kind };
    await audit(tx, scope, { action: "artifact.begin_upload", subject: input.ownerId, detail });
    return made;
  });
}

/** An upload of the project. @throws AppError `not_found`, also for one that expired */
export async function getUpload(deps: ArtifactDeps, scope: Scope, uploadId: string): Promise<ArtifactUpload> {
  if (!ID.test(uploadId)) throw notFound("Upload", uploadId.slice(0, 100));
  return withTenant(deps.db, scope.teamId, async (tx) => {
    const [upload] = await tx.select().from(artifactUploads).where(oneUpload(scope, uploadId));
    if (!upload || (upload.digest === null && upload.expiresAt.getTime() < Date.now()))
      throw notFound("Upload", uploadId);
    return upload;
  });
}

/** Receives part `part` (from 1) of a multipart upload; sent again, it replaces the earlier one. */
export async function putUploadPart(
  deps: ArtifactDeps,
  scope: Scope,
  piece: { uploadId: string; part: number; source: AsyncIterable<Uint8Array>; maxBytes: number },
): Promise<StoredArtifact> {
  const { uploadId, part, source, maxBytes } = piece;
  if (!Number.isInteger(part) || part < 1 || part > MOST_PARTS) {
    throw new AppError("invalid_input", `part must be an integer from 1 to ${MOST_PARTS}.`, {
      details: { field: "part" },
    });
  }
  await openUpload(deps, scope, uploadId, "multipart");
  return deps.artifacts.putPart(source, uploadId, part, { maxBytes, keepCut: false });
}

/** How many bytes of a resumable upload are stored without a gap: the offset to go on from. */
export async function uploadOffset(artifacts: ArtifactStore, upload: ArtifactUpload): Promise<number> {
  let offset = 0;
  for (const { part, size } of await artifacts.backend.parts(upload.id)) if (part === offset) offset += size;
  return offset;
}

/**
 * Appends to a resumable upload. What arrived before a connection broke is kept; the answer, and {@link uploadOffset}, say where to go
 * on. @throws AppError `conflict` with `details.offset` where the bytes do not follow what is stored
 */
export async function appendUpload(
  deps: ArtifactDeps,
  scope: Scope,
  piece: { uploadId: string; offset: number; source: AsyncIterable<Uint8Array>; maxBytes: number },
): Promise<{ offset: number }> {
  const upload = await openUpload(deps, scope, piece.uploadId, "resumable");
  const stored = await uploadOffset(deps.artifacts, upload);
  if (piece.offset !== stored) {
    throw new AppError("conflict", `offset: ${stored} bytes are stored; go on from there, not from ${piece.offset}.`, {
      details: { field: "offset", offset: stored },
    });
  }
  const room = Math.min(piece.maxBytes, upload.sizeBytes ?? piece.maxBytes) - stored;
  const { size, cut } = await deps.artifacts.putPart(piece.source, upload.id, stored, {
    maxBytes: room,
    keepCut: true,
  });
  if (cut !== null) throw new AppError("unavailable", `The connection broke off after ${size} bytes.`, { cause: cut });
  return { offset: stored + size };
}

/**
 * Puts the pieces together, hashes and scans them, and enters the file. Called again it gives the same answer.
 * @throws AppError `invalid_input` for a missing part, or a size that is not the announced one; `unprocessable` for another SHA-256
 */
export async function completeUpload(
  deps: ArtifactDeps,
  scope: Scope,
  end: { uploadId: string; parts?: readonly number[]; sha256?: string; maxBytes?: number },
): Promise<ArtifactEntry> {
  const upload = await getUpload(deps, scope, end.uploadId);
  if (upload.digest !== null) return entryOf(deps, scope, upload);
  const pieces = await wantedPieces(deps.artifacts, upload, end.parts);
  const total = pieces.reduce((sum, piece) => sum + piece.size, 0);
  if (end.maxBytes !== undefined && total > end.maxBytes) {
    const { maxBytes } = end;
    throw new AppError("payload_too_large", `The artifact is larger than ${maxBytes} bytes.`, {
      details: { maxBytes },
    });
  }
  let scan: ScanVerdict = null;
  const source = joined(deps.artifacts, upload.id, pieces);
  const stored = await deps.artifacts.put(source, {
    expectedBytes: upload.sizeBytes ?? total,
    ...(end.sha256 === undefined ? {} : { expectedDigest: end.sha256 }),
    inspect: async (file, size) => {
      scan = await inspectUpload(deps.db, scope, { file, size, name: upload.path, subject: upload.ownerId });
    },
  });
  const { ownerId, path } = upload;
  const entry = await withTenant(deps.db, scope.teamId, async (tx) => {
    const [ended] = await tx
      .update(artifactUploads)
      .set({ digest: stored.digest })
      .where(and(oneUpload(scope, upload.id), isNull(artifactUploads.digest)))
      .returning({ id: artifactUploads.id });
    if (!ended) return null;
    return enterArtifact(tx, deps.artifacts, scope, { ownerId, path, ...stored, scan });
  });
  await deps.artifacts.backend.removeParts(upload.id);
  return entry ?? entryOf(deps, scope, await getUpload(deps, scope, upload.id));
}

/** Ends an upload and forgets its pieces; one that is not there any more is fine. */
export async function abortUpload(deps: ArtifactDeps, scope: Scope, uploadId: string): Promise<void> {
  if (!ID.test(uploadId)) return;
  const gone = await withTenant(deps.db, scope.teamId, async (tx) => {
    const [upload] = await tx
      .delete(artifactUploads)
      .where(and(oneUpload(scope, uploadId), isNull(artifactUploads.digest)))
      .returning();
    if (upload) {
      const detail = { uploadId, path: upload.path };
      await audit(tx, scope, { action: "artifact.abort_upload", subject: upload.ownerId, detail });
    }
    return upload;
  });
  if (gone) await deps.artifacts.backend.removeParts(uploadId);
}

const oneUpload = (scope: Scope, uploadId: string) =>
  and(
    eq(artifactUploads.teamId, scope.teamId),
    eq(artifactUploads.projectId, scope.projectId),
    eq(artifactUploads.id, uploadId),
  );

async function openUpload(
  deps: ArtifactDeps,
  scope: Scope,
  uploadId: string,
  kind: ArtifactUpload["kind"],
): Promise<ArtifactUpload> {
  const upload = await getUpload(deps, scope, uploadId);
  if (upload.digest !== null)
    throw new AppError("conflict", `Upload ${uploadId} is complete; nothing more is added to it.`);
  if (upload.kind !== kind) throw new AppError("conflict", `Upload ${uploadId} is ${upload.kind}, not ${kind}.`);
  return upload;
}

function entryOf(deps: ArtifactDeps, scope: Scope, upload: ArtifactUpload): Promise<ArtifactEntry> {
  return withTenant(deps.db, scope.teamId, (tx) => getArtifact(tx, scope, upload.ownerId, upload.path));
}

interface Piece {
  part: number;
  size: number;
}

async function wantedPieces(
  artifacts: ArtifactStore,
  upload: ArtifactUpload,
  parts: readonly number[] | undefined,
): Promise<Piece[]> {
  const stored = await artifacts.backend.parts(upload.id);
  if (upload.kind === "resumable") {
    let offset = 0;
    return stored.filter(({ part, size }) => {
      if (part !== offset) return false;
      offset += size;
      return true;
    });
  }
  const byNumber = new Map(stored.map((piece) => [piece.part, piece]));
  const wanted = parts ?? stored.map((piece) => piece.part);
  if (wanted.length === 0) {
    throw new AppError("invalid_input", "parts: name at least one part.", { details: { field: "parts" } });
  }
  return [...new Set(wanted)]
    .sort((a, b) => a - b)
    .map((part) => {
      const piece = byNumber.get(part);
      if (piece) return piece;
      throw new AppError("invalid_input", `parts: part ${part} was not uploaded.`, {
        details: { field: "parts", part },
      });
    });
}

async function* joined(
  artifacts: ArtifactStore,
  uploadId: string,
  pieces: readonly Piece[],
): AsyncGenerator<Uint8Array> {
  for (const { part } of pieces) yield* artifacts.backend.readPart(uploadId, part);
}
