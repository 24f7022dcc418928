import { AppError } from "@ballast/core";
import { artifactObjects, type Tx } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { ArtifactStore, StoredArtifact } from "../artifact-store.ts";

/** What the scan on arrival said of a file; null for content that is not scanned, such as what the platform made itself. */
export type ScanVerdict = typeof artifactObjects.$inferSelect.scan;

/**
 * Records that a team has this content: it uploaded it, or the platform made it for the team. Call it in the transaction that writes
 * the reference, after the bytes were put. A shared lock on the digest keeps garbage collection away until that transaction ends,
 * and the bytes are looked for under the lock, so a reference is never left without them.
 * @throws AppError `unavailable` when the bytes were collected between the put and the claim: send them again
 */
export async function claimArtifact(
  tx: Tx,
  store: ArtifactStore,
  teamId: string,
  stored: StoredArtifact,
  scan: ScanVerdict = null,
): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(stored.digest)}::bigint)`);
  if (!(await store.has(stored.digest))) {
    throw new AppError(
      "unavailable",
      `Artifact ${stored.digest} was removed while it was being recorded. Send it again.`,
    );
  }
  const insert = tx.insert(artifactObjects).values({ teamId, digest: stored.digest, sizeBytes: stored.size, scan });
  if (scan === null) await insert.onConflictDoNothing();
  else await insert.onConflictDoUpdate({ target: [artifactObjects.teamId, artifactObjects.digest], set: { scan } });
}

/**
 * The same for what the platform itself put a moment ago for the team, where no store is at hand: the put made it young, which keeps
 * garbage collection away as long as its grace lasts.
 */
export async function recordArtifact(tx: Tx, teamId: string, stored: StoredArtifact): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(stored.digest)}::bigint)`);
  const object = { teamId, digest: stored.digest, sizeBytes: stored.size, scan: null };
  await tx.insert(artifactObjects).values(object).onConflictDoNothing();
}

/** Which of the digests are the team's own. */
export async function ownedDigests(tx: Tx, teamId: string, digests: readonly string[]): Promise<Set<string>> {
  if (digests.length === 0) return new Set();
  const rows = await tx
    .select({ digest: artifactObjects.digest })
    .from(artifactObjects)
    .where(and(eq(artifactObjects.teamId, teamId), inArray(artifactObjects.digest, [...digests])));
  return new Set(rows.map((row) => row.digest));
}

/**
 * Refuses a digest that the team never brought here. The answer is the same whether nobody has such a file or another team has: to
 * know a checksum is not to own the file. Keeps garbage collection away from it until the transaction ends.
 * @throws AppError `not_found` naming `field`
 */
export async function requireOwnArtifact(tx: Tx, teamId: string, digest: string, field: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${lockOf(digest)}::bigint)`);
  const owned = await ownedDigests(tx, teamId, [digest]);
  if (owned.has(digest)) return;
  throw new AppError("not_found", `${field}: no file with SHA-256 ${digest} is stored. Upload it first.`, {
    details: { field },
  });
}

/** The advisory lock of a digest: 64 of its bits, as PostgreSQL's signed bigint. */
export function lockOf(digest: string): string {
  return BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)).toString();
}
