import { parseSource, type Scope } from "@ballast/core";
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
  if (version.source === null) return null;
  const source = parseSource(version.source);
  const place =
    source.kind === "files"
      ? { ownerId: source.ownerId, folder: source.path === "" ? "" : `${source.path}/` }
      : version.loggedModelId !== null
        ? { ownerId: version.loggedModelId, folder: "" }
        : null;
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
          names.map((name) => `${place.folder}${name}`),
        ),
      ),
    )
    .orderBy(sql`length(${artifactEntries.path})`)
    .limit(1);
  return file ?? null;
}
