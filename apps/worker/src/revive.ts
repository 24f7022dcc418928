import { PLATFORM } from "@ballast/core";
import { mergeSegments } from "@ballast/datasets/server";
import { allProjects, withTenant } from "@ballast/db";
import { sweepReservations } from "@ballast/finops/server";
import { type SQL, sql } from "drizzle-orm";
import { apart } from "./apart.ts";
import type { WorkerContext } from "./context.ts";
import { enqueue, type JobName } from "./jobs.ts";

const OPEN_WORK: { job: JobName; rows: (projectId: string) => SQL }[] = [
  {
    job: "training.run",
    rows: (id) => sql`select id from training_jobs where project_id = ${id} and state in ('queued', 'running')`,
  },
  { job: "delivery.gates", rows: (id) => sql`select id from rollouts where project_id = ${id} and state = 'gating'` },
  {
    job: "dataset.validate",
    rows: (id) => sql`select id from dataset_versions where project_id = ${id} and state = 'validating'`,
  },
];

/** The desired state is in the domain tables: whatever should run and has no live job gets one. */
export async function reviveJobs(context: WorkerContext, signal?: AbortSignal): Promise<void> {
  for (const { teamId, projectId } of await allProjects(context.db)) {
    for (const { job, rows } of OPEN_WORK) {
      if (signal?.aborted) return;
      await apart(context, { step: `revive ${job}`, projectId }, async () => {
        const subjects = await withTenant(context.db, teamId, (tx) => tx.execute<{ id: string }>(rows(projectId)));
        for (const { id: subject } of subjects) await reviveOne(context, job, { teamId, projectId, subject });
      });
    }
  }
}

async function reviveOne(
  context: WorkerContext,
  job: JobName,
  payload: { teamId: string; projectId: string; subject: string },
): Promise<void> {
  const live = await context.db.sql`
    select 1 from pgboss.job where name = ${job} and data->>'subject' = ${payload.subject} and state in ('created', 'retry', 'active') limit 1`;
  if (live.length > 0) return;
  context.log.warn("work without a job found; enqueued again", { job, subject: payload.subject });
  await withTenant(context.db, payload.teamId, (tx) => enqueue(context.boss, tx, job, payload));
}

/** Releases money set aside for work that has ended, and merges small files of the log. */
export async function tidy(context: WorkerContext, signal: AbortSignal): Promise<void> {
  for (const { teamId, projectId } of await allProjects(context.db)) {
    if (signal.aborted) return;
    const scope = { teamId, projectId, actor: PLATFORM };
    await apart(context, { step: "sweep reservations", projectId }, () =>
      withTenant(context.db, teamId, (tx) => sweepReservations(tx, scope)),
    );
    await apart(context, { step: "merge segments", projectId }, () => mergeSegments(context, scope));
  }
}
