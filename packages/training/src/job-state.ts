import { AppError, HOUR_MS, isAppError, isoDay, notFound, type Scope } from "@ballast/core";
import { emit, type Tx, trainingJobs } from "@ballast/db";
import { finishRun, type Run, startRun } from "@ballast/experiments/server";
import { release } from "@ballast/finops/server";
import { and, eq, sql } from "drizzle-orm";
import { getPipeline, type Pipeline } from "./pipelines.ts";
import type { TrainingJob } from "./request-training.ts";
import { type BlockedRanges, firstBlocked } from "./row-bounds.ts";

/** Times a job is started before it is given up, since workers died under it. */
export const MOST_ATTEMPTS = 10;
/** A job that was broken off by trouble of the platform, as a full disk or a database that is away, is given up no sooner than so long after it was asked for. */
export const PATIENCE_MS = 6 * HOUR_MS;

/** A job's hold on its row: another start of the same job raises `attempts`, and the older one may write no more. */
export interface Attempt {
  job: TrainingJob;
  pipeline: Pipeline;
  run: Run;
}

const oneJob = (scope: Scope, id: string) =>
  and(eq(trainingJobs.teamId, scope.teamId), eq(trainingJobs.projectId, scope.projectId), eq(trainingJobs.id, id));

/** The job, locked. @throws AppError `not_found` */
export async function lockJob(tx: Tx, scope: Scope, id: string): Promise<TrainingJob> {
  const [job] = await tx.select().from(trainingJobs).where(oneJob(scope, id)).for("update");
  if (!job) throw notFound("Training job", id);
  return job;
}

/**
 * Ends an attempt's run. A client may have ended or deleted the run before: that is its affair and must not keep the job, and the money
 * reserved for it, from ending.
 */
export async function closeRun(tx: Tx, scope: Scope, end: Parameters<typeof finishRun>[2]): Promise<void> {
  try {
    await finishRun(tx, scope, end);
  } catch (error) {
    if (!isAppError(error) || (error.code !== "conflict" && error.code !== "not_found")) throw error;
  }
}

/** True while this attempt is the job's latest and the job has not ended. */
export function stillMine(job: TrainingJob, attempt: number): boolean {
  return job.state === "running" && job.attempts === attempt;
}

/**
 * Takes the job up: `running`, one attempt more, a run of its own. Answers null when there is nothing to do: it has ended, or it ends
 * here, because workers died under it too often, trouble of the platform lasted too long, or an incident was opened over its rows since it was asked for.
 */
export async function beginAttempt(
  tx: Tx,
  scope: Scope,
  jobId: string,
  deps: { blockedRanges: BlockedRanges; codeVersion: string },
): Promise<Attempt | null> {
  const job = await lockJob(tx, scope, jobId);
  if (job.state !== "queued" && job.state !== "running") return null;
  const pipeline = await getPipeline(tx, scope, job.pipelineId);
  if (job.runId && job.state === "running") {
    const error = `Attempt ${job.attempts} did not end: ${job.reason ?? "the worker stopped"}. The training starts again from its first step.`;
    await closeRun(tx, scope, { runId: job.runId, state: "killed", error });
  }
  // A worker that died under it left no reason.
  const patient = job.reason !== null && Date.now() - job.createdAt.getTime() < PATIENCE_MS;
  if (job.attempts >= MOST_ATTEMPTS && !patient) {
    const last = job.reason ?? "the worker stopped";
    const reason = `Given up after ${job.attempts} starts that did not end; the last: ${last}.`;
    await endUnsuccessfully(tx, scope, job, pipeline, "failed", reason);
    return null;
  }
  const blocked = firstBlocked(await deps.blockedRanges(tx, scope), job.from, job.to);
  if (blocked) {
    const reason = `Incident ${blocked.incidentId} was opened over its rows since it was asked for: ${blocked.title}.`;
    await endUnsuccessfully(tx, scope, job, pipeline, "refused", reason);
    return null;
  }
  const run = await startRun(tx, scope, {
    experiment: pipeline.name,
    name: `${pipeline.spec.modelName} to ${isoDay(job.to.getTime())}`,
    params: { ...pipeline.spec.params, ...job.params },
    tags: { cause: job.cause, pipeline: pipeline.name, trainer: pipeline.spec.trainer, job: job.id },
    codeVersion: deps.codeVersion,
    eventTime: job.eventTime,
  });
  const attempts = job.attempts + 1;
  const change = { state: "running", attempts, runId: run.id, startedAt: new Date(), reason: null } as const;
  const [taken] = await tx
    .update(trainingJobs)
    .set({ ...change, progress: sql`null` })
    .where(oneJob(scope, job.id))
    .returning();
  if (!taken) throw new AppError("internal", `training job ${job.id} vanished under its lock`);
  return { job: taken, pipeline, run };
}

/** Writes how far the attempt is; nothing when another attempt has taken over. */
export async function writeProgress(
  tx: Tx,
  scope: Scope,
  attempt: Attempt,
  progress: NonNullable<TrainingJob["progress"]>,
): Promise<void> {
  const { id, attempts } = attempt.job;
  await tx
    .update(trainingJobs)
    .set({ progress })
    .where(and(oneJob(scope, id), eq(trainingJobs.attempts, attempts), eq(trainingJobs.state, "running")));
}

/** Notes why an attempt was broken off, for the next one and for people; the job goes on being `running`. */
export async function noteInterruption(tx: Tx, scope: Scope, attempt: Attempt, reason: string): Promise<void> {
  const { id, attempts } = attempt.job;
  await tx
    .update(trainingJobs)
    .set({ reason })
    .where(and(oneJob(scope, id), eq(trainingJobs.attempts, attempts), eq(trainingJobs.state, "running")));
}

/** Marks the job succeeded; the caller has registered, charged and recorded in the same transaction. */
export async function endSuccessfully(tx: Tx, scope: Scope, jobId: string, versionId: string): Promise<void> {
  await tx
    .update(trainingJobs)
    .set({ state: "succeeded", versionId, reason: null, endedAt: new Date(), progress: sql`null` })
    .where(oneJob(scope, jobId));
}

/** Ends a job without a version: its money is given back, its event says why. */
export async function endUnsuccessfully(
  tx: Tx,
  scope: Scope,
  job: TrainingJob,
  pipeline: Pipeline,
  state: "failed" | "refused",
  reason: string,
): Promise<void> {
  await tx.update(trainingJobs).set({ state, reason, endedAt: new Date() }).where(oneJob(scope, job.id));
  if (job.reservationId)
    await release(tx, scope, { reservationId: job.reservationId, reason: `Training ${state}: ${reason}` });
  await emit(tx, scope, {
    name: state === "failed" ? "training.failed" : "training.refused",
    subject: job.id,
    summary: `Training of ${pipeline.spec.modelName} (${job.cause}) ${state}: ${reason}`,
    data: { jobId: job.id, pipeline: pipeline.name, cause: job.cause, reason },
    eventTime: job.eventTime,
  });
}
