import { placeOfFiles, type Scope } from "@ballast/core";
import { artifactEntries, type Tx } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { ModelVersion } from "./records.ts";

/** The file of one of these names at the top of a version's files; of several the one with the shortest name. Null without. */
export async function fileOfVersion(
  tx: Tx,
  scope: Scope,
  version: ModelVersion,
  names: readonly string[],
): Promise<{ path: string; digest: string; sizeBytes: number } | null> {
  const place = placeOfFiles(version);
  if (place === null) return null;
  const [file] = await tx
    .select({ path: artifactEntries.path, digest: artifactEntries.digest, sizeBytes: artifactEntries.sizeBytes })
    .from(artifactEntries)
    .where(
      and(
        eq(artifactEntries.teamId, scope.teamId),
        eq(artifactEntries.projectId, scope.projectId),
        eq(artifactEntries.ownerId, place.ownerId),
        inArray(
          artifactEntries.path,
          names.map((name) => (place.path === "" ? name : `${place.path}/${name}`)),
        ),
      ),
    )
    .orderBy(sql`length(${artifactEntries.path})`)
    .limit(1);
  return file ?? null;
}
