import type { ArtifactSource, ArtifactStore, OpenArtifact } from "@ballast/artifacts";
import { claimArtifact, type ScanVerdict } from "@ballast/artifacts/server";
import { AppError, notFound, type Scope } from "@ballast/core";
import { artifactEntries, type Database, type Tx, withTenant } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, eq, inArray, or, sql } from "drizzle-orm";
import { artifactOwner, changeableOwner } from "./artifact-owner.ts";
import { artifactFolder, artifactPath } from "./artifact-path.ts";
import { inspectUpload } from "./inspect-upload.ts";

export interface ArtifactDeps {
  db: Database;
  artifacts: ArtifactStore;
}

/** A file of a run or logged model. */
export interface ArtifactEntry {
  /** Relative to its owner's root. */
  path: string;
  digest: string;
  sizeBytes: number;
  createdAt: Date;
}
/** A line of a folder's listing. */
export interface ArtifactListing {
  /** Relative to the owner's root. */
  path: string;
  /** The last part of the path. */
  name: string;
  isFolder: boolean;
  /** Null for a folder. */
  sizeBytes: number | null;
}

export interface NewArtifact {
  ownerId: string;
  path: string;
  source: ArtifactSource;
  maxBytes?: number;
  expectedBytes?: number;
  /** SHA-256 that the bytes must have. */
  expectedDigest?: string;
}

/**
 * Stores a file under a run or logged model; one that is there under the path is replaced. Streams: never the whole file in memory. It
 * is scanned before anything is stored. @throws AppError `invalid_input` for a bad path, an owner in the trash, a path that is a
 * folder or lies below a file, or a refused file (`details.findings`); `conflict` for files of an approved version; `not_found` for the owner; `payload_too_large`; `storage_full`
 */
export async function putArtifact(deps: ArtifactDeps, scope: Scope, file: NewArtifact): Promise<ArtifactEntry> {
  const path = artifactPath(file.path);
  // Before the bytes: a gigabyte for a run that does not exist need not be received.
  await withTenant(deps.db, scope.teamId, async (tx) => {
    await changeableOwner(tx, scope, file.ownerId, path);
    await refuseClash(tx, scope, file.ownerId, path);
  });
  const { ownerId: _owner, path: _path, source, ...options } = file;
  let scan: ScanVerdict = null;
  const stored = await deps.artifacts.put(source, {
    ...options,
    inspect: async (received, size) => {
      scan = await inspectUpload(deps.db, scope, { file: received, size, name: path, subject: file.ownerId });
    },
  });
  return withTenant(deps.db, scope.teamId, (tx) =>
    enterArtifact(tx, deps.artifacts, scope, { ownerId: file.ownerId, path, ...stored, scan }),
  );
}

/** Writes the entry of stored and scanned bytes, in the caller's transaction. */
export async function enterArtifact(
  tx: Tx,
  store: ArtifactStore,
  scope: Scope,
  file: { ownerId: string; path: string; digest: string; size: number; scan: ScanVerdict },
): Promise<ArtifactEntry> {
  const { ownerId, path, digest, size } = file;
  await changeableOwner(tx, scope, ownerId, path);
  // One at a time per owner: two uploads could make the same name a file and a folder.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${ownerId}, 7))`);
  await refuseClash(tx, scope, ownerId, path);
  await claimArtifact(tx, store, scope.teamId, { digest, size }, file.scan);
  const content = { digest, sizeBytes: size, createdAt: new Date() };
  const { teamId, projectId } = scope;
  await tx
    .insert(artifactEntries)
    .values({ teamId, projectId, ownerId, path, ...content })
    .onConflictDoUpdate({
      target: [artifactEntries.teamId, artifactEntries.projectId, artifactEntries.ownerId, artifactEntries.path],
      set: content,
    });
  await audit(tx, scope, { action: "artifact.put", subject: ownerId, detail: { path, digest, bytes: size } });
  return { path, ...content };
}

/** What lies in a folder of a run or logged model, by name; empty for a file, and for a folder nobody made. */
export async function listArtifacts(tx: Tx, scope: Scope, ownerId: string, folder: string): Promise<ArtifactListing[]> {
  const path = artifactFolder(folder);
  await artifactOwner(tx, scope, ownerId);
  const prefix = path === "" ? "" : `${path}/`;
  const rest = sql`substr(${artifactEntries.path}, char_length(${prefix}::text) + 1)`;
  const name = sql<string>`split_part(${rest}, '/', 1)`;
  const rows = await tx
    .select({
      name,
      isFolder: sql<boolean>`bool_or(position('/' in ${rest}) > 0)`,
      sizeBytes: sql<string>`max(${artifactEntries.sizeBytes})`,
    })
    .from(artifactEntries)
    .where(and(ofOwner(scope, ownerId), sql`starts_with(${artifactEntries.path}, ${prefix})`))
    // By position: the expression holds parameters, and two of them are not seen to be the same.
    .groupBy(sql`1`)
    .orderBy(sql`1`);
  return rows.map((row) => ({
    path: `${prefix}${row.name}`,
    name: row.name,
    isFolder: row.isFolder,
    sizeBytes: row.isFolder ? null : Number(row.sizeBytes),
  }));
}

/** Every file of a run or logged model, or of one of its folders, by path. */
export async function listArtifactTree(tx: Tx, scope: Scope, ownerId: string, folder = ""): Promise<ArtifactEntry[]> {
  const path = artifactFolder(folder);
  await artifactOwner(tx, scope, ownerId);
  return tx
    .select(ENTRY)
    .from(artifactEntries)
    .where(path === "" ? ofOwner(scope, ownerId) : and(ofOwner(scope, ownerId), belowOrAt(path)))
    .orderBy(asc(artifactEntries.path));
}

/** The entry of a file. @throws AppError `not_found` */
export async function getArtifact(tx: Tx, scope: Scope, ownerId: string, path: string): Promise<ArtifactEntry> {
  const wanted = artifactPath(path);
  await artifactOwner(tx, scope, ownerId);
  const [entry] = await tx
    .select(ENTRY)
    .from(artifactEntries)
    .where(and(ofOwner(scope, ownerId), eq(artifactEntries.path, wanted)));
  if (!entry) throw notFound("Artifact", wanted);
  return entry;
}

/** A file's bytes as a verified stream, all or a range of them. @throws AppError `not_found`; `invalid_input` for a range behind the end */
export async function openArtifact(
  deps: ArtifactDeps,
  scope: Scope,
  ownerId: string,
  path: string,
  range: { start: number; end?: number } | null = null,
): Promise<OpenArtifact & { entry: ArtifactEntry }> {
  const entry = await withTenant(deps.db, scope.teamId, (tx) => getArtifact(tx, scope, ownerId, path));
  return { entry, ...(await deps.artifacts.open(entry.digest, range)) };
}

/**
 * Removes a file, or a folder with all that is in it; the bytes go with the next garbage collection. The root cannot be named: a
 * slip of the pen must not empty a run. Answers how many files. @throws AppError `not_found` where there is neither
 */
export async function deleteArtifacts(tx: Tx, scope: Scope, ownerId: string, path: string): Promise<number> {
  const wanted = artifactPath(path);
  await changeableOwner(tx, scope, ownerId, wanted);
  const gone = await tx
    .delete(artifactEntries)
    .where(and(ofOwner(scope, ownerId), belowOrAt(wanted)))
    .returning({ path: artifactEntries.path });
  if (gone.length === 0) throw notFound("Artifact", wanted);
  await audit(tx, scope, { action: "artifact.delete", subject: ownerId, detail: { path: wanted, files: gone.length } });
  return gone.length;
}

const ENTRY = {
  path: artifactEntries.path,
  digest: artifactEntries.digest,
  sizeBytes: artifactEntries.sizeBytes,
  createdAt: artifactEntries.createdAt,
};

const ofOwner = (scope: Scope, ownerId: string) =>
  and(
    eq(artifactEntries.teamId, scope.teamId),
    eq(artifactEntries.projectId, scope.projectId),
    eq(artifactEntries.ownerId, ownerId),
  );
const below = (path: string) => sql`starts_with(${artifactEntries.path}, ${`${path}/`})`;
const belowOrAt = (path: string) => or(eq(artifactEntries.path, path), below(path));

/** A name is a file or a folder: a tree that holds both cannot be downloaded. */
export async function refuseClash(tx: Tx, scope: Scope, ownerId: string, path: string): Promise<void> {
  const parts = path.split("/");
  const above = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
  const [clash] = await tx
    .select({ path: artifactEntries.path })
    .from(artifactEntries)
    .where(
      and(
        ofOwner(scope, ownerId),
        above.length > 0 ? or(below(path), inArray(artifactEntries.path, above)) : below(path),
      ),
    )
    .limit(1);
  if (!clash) return;
  const problem = above.includes(clash.path) ? `"${clash.path}" is a file` : "it is a folder";
  throw new AppError("invalid_input", `path: "${path}" cannot be a file, because ${problem}. Use another name.`, {
    details: { field: "path" },
  });
}
