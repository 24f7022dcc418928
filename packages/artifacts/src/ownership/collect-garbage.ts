import { createLogger, toAppError } from "@ballast/core";
import { artifactObjects, artifactUploads, type Database, withTenant } from "@ballast/db";
import { and, asc, eq, gt, lt, sql } from "drizzle-orm";
import type { ArtifactStore } from "../artifact-store.ts";
import type { StoredFile } from "../store/content-backend.ts";
import { lockOf } from "./claim.ts";

const log = createLogger("artifacts");

export interface GarbageDeps {
  db: Database;
  artifacts: ArtifactStore;
  /** Bytes put more recently than this many milliseconds ago are left alone; a week. At least two hours with S3. */
  graceMs?: number;
  now?: () => number;
  /** Looks at what this team brought here alone, and leaves unfinished uploads: after a purge, for its report. */
  teamId?: string;
  /** Only counts. */
  dryRun?: boolean;
}

/** What a collection did. Bytes are kept once for all teams: what another refers to stays. */
export interface GarbageReport {
  /** Files that nothing refers to, removed. */
  files: number;
  bytes: number;
  /** Files looked at that stay. */
  kept: number;
  /** Of those, unreferenced ones that are too young. */
  young: number;
  /** Pieces of unfinished uploads, and temporary files of killed processes. */
  unfinished: { uploads: number; files: number; bytes: number };
}

const DAY_MS = 24 * 3_600_000;
const GRACE_MS = 7 * DAY_MS;
/** Longer than any upload is kept (`artifact_uploads.expires_at`). */
const UPLOAD_AGE_MS = 8 * DAY_MS;
const BATCH = 5_000;

/**
 * Removes the bytes that no entry, version, data set, segment, run or monitor refers to and that were put longer ago than the grace
 * period. Each file goes under an exclusive lock on its digest: who refers to it does so under a shared one, and looks whether the
 * bytes are there (`claimArtifact`), so a reference never loses them. Bytes go before the record that teams own them: killed anywhere, the next
 * collection ends what this one began.
 */
export async function collectGarbage(deps: GarbageDeps): Promise<GarbageReport> {
  const now = (deps.now ?? Date.now)();
  const report: GarbageReport = {
    files: 0,
    bytes: 0,
    kept: 0,
    young: 0,
    unfinished: { uploads: 0, files: 0, bytes: 0 },
  };
  const oldest = now - (deps.graceMs ?? GRACE_MS);
  let batch: StoredFile[] = [];
  for await (const file of deps.teamId === undefined ? deps.artifacts.backend.list() : filesOfTeam(deps, deps.teamId)) {
    batch.push(file);
    if (batch.length < BATCH) continue;
    await collectBatch(deps, batch, oldest, report);
    batch = [];
  }
  await collectBatch(deps, batch, oldest, report);
  if (deps.dryRun !== true && deps.teamId === undefined) await collectUnfinished(deps, now, report);
  return report;
}

async function* filesOfTeam(deps: GarbageDeps, teamId: string): AsyncGenerator<StoredFile> {
  for (let after = ""; ; ) {
    const page = await withTenant(deps.db, teamId, (tx) =>
      tx
        .select({ digest: artifactObjects.digest })
        .from(artifactObjects)
        .where(and(eq(artifactObjects.teamId, teamId), gt(artifactObjects.digest, after)))
        .orderBy(asc(artifactObjects.digest))
        .limit(BATCH),
    );
    for (const { digest } of page) {
      const file = await deps.artifacts.stat(digest);
      if (file) yield file;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < BATCH) return;
    after = last.digest;
  }
}

async function collectBatch(
  deps: GarbageDeps,
  files: readonly StoredFile[],
  oldest: number,
  report: GarbageReport,
): Promise<void> {
  if (files.length === 0) return;
  const used = await inUse(
    deps.db,
    files.map((file) => file.digest),
  );
  for (const file of files) {
    if (used.has(file.digest)) {
      report.kept += 1;
      continue;
    }
    if (file.storedAt > oldest) {
      report.kept += 1;
      report.young += 1;
      continue;
    }
    // One that cannot be removed must not keep the others.
    const isGone = await collectOne(deps, file, oldest).catch((error: unknown) => {
      log.warn("an artifact was not collected", { digest: file.digest, error: toAppError(error) });
      return false;
    });
    report.kept += isGone ? 0 : 1;
    report.files += isGone ? 1 : 0;
    report.bytes += isGone ? file.size : 0;
  }
}

async function inUse(db: Pick<Database, "drizzle">, digests: readonly string[]): Promise<Set<string>> {
  const list = sql.join(
    digests.map((digest) => sql`${digest}`),
    sql`, `,
  );
  const rows = await db.drizzle.execute<{ digest: string }>(
    sql`select digest from ballast_artifacts_in_use(array[${list}]::text[])`,
  );
  return new Set([...rows].map((row) => row.digest));
}

function collectOne(deps: GarbageDeps, file: StoredFile, oldest: number): Promise<boolean> {
  return deps.db.drizzle.transaction(async (tx) => {
    const [lock] = await tx.execute<{ held: boolean }>(
      sql`select pg_try_advisory_xact_lock(${lockOf(file.digest)}::bigint) as held`,
    );
    if (lock?.held !== true) return false;
    const [used] = await tx.execute(sql`select 1 from ballast_artifacts_in_use(array[${file.digest}]::text[])`);
    if (used !== undefined) return false;
    const current = await deps.artifacts.stat(file.digest);
    if (current !== null && current.storedAt > oldest) return false;
    if (deps.dryRun === true) return true;
    await deps.artifacts.backend.remove(file.digest);
    await tx.execute(sql`select ballast_forget_artifact(${file.digest})`);
    return true;
  });
}

async function collectUnfinished(deps: GarbageDeps, now: number, report: GarbageReport): Promise<void> {
  const { backend } = deps.artifacts;
  for (const upload of await backend.staleUploads(now - UPLOAD_AGE_MS)) {
    const parts = await backend.parts(upload);
    await backend.removeParts(upload);
    report.unfinished.uploads += 1;
    report.unfinished.bytes += parts.reduce((sum, part) => sum + part.size, 0);
  }
  const tidied = await deps.artifacts.tidyIncoming(now - DAY_MS);
  report.unfinished.files += tidied.files;
  report.unfinished.bytes += tidied.bytes;
  await forgetExpiredUploads(deps.db, now);
}

/** Records of uploads that ended or ran out; their pieces, where there are any, grow old by themselves. */
async function forgetExpiredUploads(db: Database, now: number): Promise<void> {
  const teams = await db.drizzle.execute<{ team_id: string }>(sql`select distinct team_id from ballast_projects()`);
  for (const { team_id: teamId } of teams) {
    await withTenant(db, teamId, (tx) =>
      tx
        .delete(artifactUploads)
        .where(and(eq(artifactUploads.teamId, teamId), lt(artifactUploads.expiresAt, new Date(now)))),
    );
  }
}
