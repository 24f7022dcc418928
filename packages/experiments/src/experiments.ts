import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { experiments, runs, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { inBrief } from "./audit-detail.ts";

export type Experiment = typeof experiments.$inferSelect;

/** The experiment of runs that name none; MLflow's clients know it as id 0. */
export const DEFAULT_EXPERIMENT = "Default";

const oneExperiment = (scope: Scope, id: string) =>
  and(eq(experiments.teamId, scope.teamId), eq(experiments.projectId, scope.projectId), eq(experiments.id, id));

/** Makes an experiment. @throws AppError `conflict` when an active one has that name */
export async function createExperiment(
  tx: Tx,
  scope: Scope,
  input: { name: string; tags?: Record<string, string> },
): Promise<Experiment> {
  const row = await insert(tx, scope, input.name, input.tags ?? {});
  if (!row) throw nameTaken(input.name);
  return row;
}

/** Null when the name is taken. */
async function insert(tx: Tx, scope: Scope, name: string, tags: Record<string, string>): Promise<Experiment | null> {
  const { teamId, projectId } = scope;
  const [row] = await tx
    .insert(experiments)
    .values({ teamId, projectId, id: newId("experiment"), name, tags })
    .onConflictDoNothing()
    .returning();
  if (!row) return null;
  await audit(tx, scope, { action: "experiment.create", subject: row.id, detail: { name } });
  return row;
}

const nameTaken = (name: string) =>
  new AppError("conflict", `An experiment named "${name}" exists; choose another name.`, { details: { name } });

/** The active experiment of that name; made if there is none. */
export async function ensureExperiment(tx: Tx, scope: Scope, name: string): Promise<Experiment> {
  const there = await experimentByName(tx, scope, name);
  if (there && !there.deletedAt) return there;
  const row = (await insert(tx, scope, name, {})) ?? (await experimentByName(tx, scope, name));
  if (!row || row.deletedAt) throw new AppError("internal", `experiment ${name} vanished between insert and select`);
  return row;
}

/** The experiment of that name: the active one, else the one trashed last, else null. */
export async function experimentByName(tx: Tx, scope: Scope, name: string): Promise<Experiment | null> {
  const [row] = await tx
    .select()
    .from(experiments)
    .where(
      and(eq(experiments.teamId, scope.teamId), eq(experiments.projectId, scope.projectId), eq(experiments.name, name)),
    )
    // In descending order nulls, the active ones, come first.
    .orderBy(desc(experiments.deletedAt))
    .limit(1);
  return row ?? null;
}

/** One experiment, also from the trash. @throws AppError `not_found` */
export async function getExperiment(tx: Tx, scope: Scope, id: string): Promise<Experiment> {
  const [row] = await tx.select().from(experiments).where(oneExperiment(scope, id));
  if (!row) throw notFound("Experiment", id);
  return row;
}

/** An experiment that may be written to. @throws AppError `not_found`; `conflict` for one in the trash */
export async function activeExperiment(tx: Tx, scope: Scope, id: string): Promise<Experiment> {
  const row = await getExperiment(tx, scope, id);
  if (row.deletedAt) throw experimentInTrash(row.id);
  return row;
}

/** Why nothing is written to an experiment in the trash. */
export function experimentInTrash(id: string): AppError {
  return new AppError("conflict", `Experiment ${id} is in the trash; restore it first.`, {
    details: { experiment: id },
  });
}

async function lock(tx: Tx, scope: Scope, id: string): Promise<Experiment> {
  const [row] = await tx.select().from(experiments).where(oneExperiment(scope, id)).for("update");
  if (!row) throw notFound("Experiment", id);
  return row;
}

/** Changes and audits. */
async function change(
  tx: Tx,
  scope: Scope,
  row: Experiment,
  changed: Partial<Pick<Experiment, "name" | "tags" | "deletedAt">>,
  { action, ...detail }: { action: string } & Record<string, unknown>,
): Promise<Experiment> {
  const set = { ...changed, updatedAt: new Date() };
  await tx.update(experiments).set(set).where(oneExperiment(scope, row.id));
  await audit(tx, scope, { action: `experiment.${action}`, subject: row.id, detail });
  return { ...row, ...set };
}

async function refuseTakenName(tx: Tx, scope: Scope, id: string, name: string): Promise<void> {
  const other = await experimentByName(tx, scope, name);
  if (other && !other.deletedAt && other.id !== id) throw nameTaken(name);
}

/** Renames. @throws AppError `not_found`; `conflict` for one in the trash or a name that is taken */
export async function renameExperiment(tx: Tx, scope: Scope, id: string, name: string): Promise<Experiment> {
  const row = await lock(tx, scope, id);
  if (row.deletedAt) throw experimentInTrash(id);
  await refuseTakenName(tx, scope, id, name);
  return change(tx, scope, row, { name }, { action: "rename", name, was: row.name });
}

/** Sets tags. @throws AppError `not_found`; `conflict` for one in the trash */
export async function tagExperiment(
  tx: Tx,
  scope: Scope,
  id: string,
  tags: Record<string, string>,
): Promise<Experiment> {
  const row = await lock(tx, scope, id);
  if (row.deletedAt) throw experimentInTrash(id);
  return change(tx, scope, row, { tags: { ...row.tags, ...tags } }, { action: "tag", tags: inBrief(tags) });
}

/** Takes a tag away. @throws AppError `not_found` for an experiment or a tag that is not there; `conflict` in the trash */
export async function untagExperiment(tx: Tx, scope: Scope, id: string, key: string): Promise<Experiment> {
  const row = await lock(tx, scope, id);
  if (row.deletedAt) throw experimentInTrash(id);
  if (!Object.hasOwn(row.tags, key)) throw notFound("Tag", key);
  const { [key]: _gone, ...tags } = row.tags;
  return change(tx, scope, row, { tags }, { action: "untag", key });
}

/** Puts an experiment and its active runs into the trash; its name is free again. Idempotent. @throws AppError `not_found` */
export async function trashExperiment(tx: Tx, scope: Scope, id: string): Promise<Experiment> {
  const row = await lock(tx, scope, id);
  if (row.deletedAt) return row;
  const deletedAt = new Date();
  await tx
    .update(runs)
    .set({ deletedAt })
    .where(and(runsOf(scope, id), isNull(runs.deletedAt)));
  return change(tx, scope, row, { deletedAt }, { action: "trash", name: row.name });
}

/**
 * Takes an experiment out of the trash, and the runs that went there with it: one trashed before it stays.
 * @throws AppError `not_found`; `conflict` when its name has been given to another
 */
export async function restoreExperiment(tx: Tx, scope: Scope, id: string): Promise<Experiment> {
  const row = await lock(tx, scope, id);
  if (!row.deletedAt) return row;
  await refuseTakenName(tx, scope, id, row.name);
  await tx
    .update(runs)
    .set({ deletedAt: null })
    .where(and(runsOf(scope, id), eq(runs.deletedAt, row.deletedAt)));
  return change(tx, scope, row, { deletedAt: null }, { action: "restore", name: row.name });
}

const runsOf = (scope: Scope, experimentId: string) =>
  and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.experimentId, experimentId));

/** Active experiments by name, with how many active runs each has and when the last one started. */
export async function listExperiments(
  tx: Tx,
  scope: Scope,
): Promise<(Experiment & { runs: number; lastStartedAt: Date | null })[]> {
  const rows = await tx
    .select({
      experiment: experiments,
      count: sql<string>`count(${runs.id})`,
      last: sql<string | null>`max(${runs.startedAt})`,
    })
    .from(experiments)
    .leftJoin(
      runs,
      and(
        eq(runs.teamId, experiments.teamId),
        eq(runs.projectId, experiments.projectId),
        eq(runs.experimentId, experiments.id),
        isNull(runs.deletedAt),
      ),
    )
    .where(
      and(
        eq(experiments.teamId, scope.teamId),
        eq(experiments.projectId, scope.projectId),
        isNull(experiments.deletedAt),
      ),
    )
    .groupBy(experiments.id)
    .orderBy(asc(experiments.name));
  return rows.map(({ experiment, count, last }) => ({
    ...experiment,
    runs: Number(count),
    lastStartedAt: last === null ? null : new Date(last),
  }));
}
