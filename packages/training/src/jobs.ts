import { notFound, type Scope } from "@ballast/core";
import { budgets, modelVersions, reservations, type Tx, trainingJobs, trainingPipelines } from "@ballast/db";
import { and, desc, eq, inArray, lt, type SQL } from "drizzle-orm";
import type { TrainingJob } from "./request-training.ts";

/** A job with what it was asked to make and what its money came to. */
export interface JobRow extends TrainingJob {
  pipeline: string;
  modelName: string;
  deploymentName: string;
  reservedMicros: number | null;
  committedMicros: number | null;
  /** Of both amounts; null where nothing was asked of a budget. */
  currency: string | null;
  /** The number of the version it made; null before, and once that is deleted for good. */
  version: number | null;
}

const jobsOf = (scope: Scope) =>
  and(eq(trainingJobs.teamId, scope.teamId), eq(trainingJobs.projectId, scope.projectId));

async function select(tx: Tx, where: SQL | undefined, limit: number): Promise<JobRow[]> {
  const rows = await tx
    .select({
      ...{ job: trainingJobs, pipeline: trainingPipelines, reservation: reservations },
      ...{ currency: budgets.currency, version: modelVersions.version },
    })
    .from(trainingJobs)
    .innerJoin(
      trainingPipelines,
      and(eq(trainingPipelines.teamId, trainingJobs.teamId), eq(trainingPipelines.id, trainingJobs.pipelineId)),
    )
    .leftJoin(
      reservations,
      and(eq(reservations.teamId, trainingJobs.teamId), eq(reservations.id, trainingJobs.reservationId)),
    )
    .leftJoin(budgets, and(eq(budgets.teamId, reservations.teamId), eq(budgets.id, reservations.budgetId)))
    .leftJoin(
      modelVersions,
      and(eq(modelVersions.teamId, trainingJobs.teamId), eq(modelVersions.id, trainingJobs.versionId)),
    )
    .where(where)
    .orderBy(desc(trainingJobs.id))
    .limit(limit);
  return rows.map(({ job, pipeline, reservation, currency, version }) => ({
    ...{ ...job, currency, version },
    pipeline: pipeline.name,
    modelName: pipeline.spec.modelName,
    deploymentName: pipeline.spec.deploymentName,
    reservedMicros: reservation?.state === "refused" ? 0 : (reservation?.amountMicros ?? null),
    committedMicros: reservation?.committedMicros ?? null,
  }));
}

/** Jobs, newest first; `before` is the last id of the page before. */
export function listJobs(
  tx: Tx,
  scope: Scope,
  page: { before?: string; limit: number; states?: TrainingJob["state"][] },
): Promise<JobRow[]> {
  const filters = [
    jobsOf(scope),
    page.before ? lt(trainingJobs.id, page.before) : undefined,
    page.states && page.states.length > 0 ? inArray(trainingJobs.state, page.states) : undefined,
  ];
  return select(tx, and(...filters), page.limit);
}

/** One job. @throws AppError `not_found` */
export async function getJob(tx: Tx, scope: Scope, id: string): Promise<JobRow> {
  const [row] = await select(tx, and(jobsOf(scope), eq(trainingJobs.id, id)), 1);
  if (!row) throw notFound("Training job", id);
  return row;
}
