import { AppError, isLoggedModelId, notFound, type Scope } from "@ballast/core";
import { experiments, loggedModels, runs, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { refuseApprovedFiles } from "./approved-files.ts";

/** A run or logged model, as far as its files are concerned. */
export interface ArtifactOwner {
  id: string;
  kind: "run" | "logged_model";
  experimentId: string;
  experiment: string;
  /** It or its experiment is in the trash: its files can be read, not changed. */
  inTrash: boolean;
}

/** What an id can look like; anything else, such as a NUL that PostgreSQL refuses, is nobody's. */
export const ID = /^[A-Za-z0-9][\w-]{0,255}$/;

/** The run or logged model of that id. @throws AppError `not_found`, also for one of another project */
export async function artifactOwner(tx: Tx, scope: Scope, ownerId: string): Promise<ArtifactOwner> {
  const kind = isLoggedModelId(ownerId) ? "logged_model" : "run";
  if (!ID.test(ownerId)) throw notFound("Run", ownerId.slice(0, 100));
  const table = kind === "run" ? runs : loggedModels;
  const [row] = await tx
    .select({
      experimentId: table.experimentId,
      deletedAt: table.deletedAt,
      experiment: experiments.name,
      experimentDeletedAt: experiments.deletedAt,
    })
    .from(table)
    .innerJoin(experiments, and(eq(experiments.teamId, table.teamId), eq(experiments.id, table.experimentId)))
    .where(and(eq(table.teamId, scope.teamId), eq(table.projectId, scope.projectId), eq(table.id, ownerId)));
  if (!row) throw notFound(kind === "run" ? "Run" : "Logged model", ownerId);
  const inTrash = row.deletedAt !== null || row.experimentDeletedAt !== null;
  return { id: ownerId, kind, experimentId: row.experimentId, experiment: row.experiment, inTrash };
}

/**
 * The owner, for a change of its file or folder `path`. @throws AppError `invalid_input` for one in the trash; `conflict` for files of
 * a version that is approved or waits for it
 */
export async function changeableOwner(tx: Tx, scope: Scope, ownerId: string, path: string): Promise<ArtifactOwner> {
  const owner = await artifactOwner(tx, scope, ownerId);
  if (!owner.inTrash) {
    await refuseApprovedFiles(tx, scope, ownerId, path);
    return owner;
  }
  const what = owner.kind === "run" ? "run" : "logged model";
  throw new AppError(
    "invalid_input",
    `The ${what} ${ownerId} must be in the 'active' state. It or its experiment is in the trash: restore it first.`,
    { details: { field: "ownerId" } },
  );
}
