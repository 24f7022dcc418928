import { AppError, newId, type Scope } from "@ballast/core";
import { experiments, runs, type Tx } from "@ballast/db";
import { and, asc, eq, sql } from "drizzle-orm";

export type Experiment = typeof experiments.$inferSelect;

/** The experiment of that name; made if there is none. */
export async function ensureExperiment(tx: Tx, scope: Scope, name: string): Promise<Experiment> {
  const { teamId, projectId } = scope;
  await tx
    .insert(experiments)
    .values({ teamId, projectId, id: newId("experiment"), name })
    .onConflictDoNothing();
  const [row] = await tx
    .select()
    .from(experiments)
    .where(and(eq(experiments.teamId, teamId), eq(experiments.projectId, projectId), eq(experiments.name, name)));
  if (!row) throw new AppError("internal", `experiment ${name} vanished between insert and select`);
  return row;
}

/** Experiments by name, with how many runs each has and when the last one started. */
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
      ),
    )
    .where(and(eq(experiments.teamId, scope.teamId), eq(experiments.projectId, scope.projectId)))
    .groupBy(experiments.id)
    .orderBy(asc(experiments.name));
  return rows.map(({ experiment, count, last }) => ({
    ...experiment,
    runs: Number(count),
    lastStartedAt: last === null ? null : new Date(last),
  }));
}
