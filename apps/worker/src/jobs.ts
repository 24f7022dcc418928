import { setTimeout } from "node:timers/promises";
import { PLATFORM, type Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { sql } from "drizzle-orm";
import { fromDrizzle, PgBoss } from "pg-boss";
import type { WorkerContext } from "./context.ts";

/** Long work, kept by pg-boss so that it survives any process; its state lives in domain tables. */
const JOBS = ["dataset.validate", "training.run", "delivery.gates"] as const;
export type JobName = (typeof JOBS)[number];
export interface JobPayload {
  teamId: string;
  projectId: string;
  subject: string;
}
/** `signal`: the worker stops, or the job has taken too long. */
type JobHandler = (context: WorkerContext, scope: Scope, subject: string, signal: AbortSignal) => Promise<void>;
export type JobHandlers = Record<JobName, JobHandler>;

const EXPIRE_SECONDS = 1800;
/** Until it works or its own record says that it has ended: what fails for want of disk space may do so for hours. */
const RETRY_LIMIT = 100_000;
const LONGEST_RETRY_SECONDS = 60;

/** Starts pg-boss on the application role and makes the queues. */
export async function startBoss(url: string, onError: (error: unknown) => void): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: url,
    schema: "pgboss",
    createSchema: false,
    max: 4,
    useListenNotify: true,
  });
  boss.on("error", onError);
  await boss.start();
  const options = {
    notify: true,
    retryLimit: RETRY_LIMIT,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: LONGEST_RETRY_SECONDS,
    expireInSeconds: EXPIRE_SECONDS,
  };
  for (const name of JOBS) {
    await boss.createQueue(name, options);
    // A queue that is there already keeps the options it was made with.
    await boss.updateQueue(name, options);
  }
  return boss;
}

/** Enqueues a job in the caller's transaction: no change, no job. */
export async function enqueue(boss: PgBoss, tx: Tx, name: JobName, payload: JobPayload): Promise<void> {
  await boss.send(name, payload, { db: fromDrizzle(tx, sql), singletonKey: payload.subject });
}

/**
 * Gives jobs that a killed worker held back to their queues. Safe because the caller holds the worker's lock: whatever
 * is `active` now belongs to nobody.
 */
export async function reclaimJobs(context: WorkerContext): Promise<number> {
  let reclaimed = 0;
  for (const name of JOBS) {
    const held = await context.db.sql<
      { id: string }[]
    >`select id from pgboss.job where name = ${name} and state = 'active'`;
    if (held.length === 0) continue;
    await context.boss.fail(
      name,
      held.map((job) => job.id),
      { message: "the worker that ran it was killed" },
    );
    reclaimed += held.length;
  }
  return reclaimed;
}

/** How long a worker that stops waits for jobs to end after it has told them to. */
const FAREWELL_MS = 2_000;

/**
 * Takes jobs until the boss stops, one of each kind at a time. The answer waits, for a moment, for those that are under way then: the boss
 * tells them to stop and leaves them, and what one still has to write down needs the database.
 */
export async function workJobs(context: WorkerContext, handlers: JobHandlers): Promise<() => Promise<unknown>> {
  const underWay = new Set<Promise<void>>();
  for (const name of JOBS) {
    await context.boss.work<JobPayload>(
      name,
      { batchSize: 1, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 },
      async ([job]) => {
        if (!job) return;
        const { teamId, projectId, subject } = job.data;
        const work = handlers[name](context, { teamId, projectId, actor: PLATFORM }, subject, job.signal);
        underWay.add(work);
        try {
          await work;
        } catch (error) {
          context.log.error("job failed", { job: name, subject, error });
          throw error;
        } finally {
          underWay.delete(work);
        }
      },
    );
  }
  return () => Promise.race([Promise.allSettled(underWay), setTimeout(FAREWELL_MS)]);
}
