import type { Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { sql } from "drizzle-orm";

/** How far the platform has come with what it was sent. */
export interface Progress {
  /** Event time up to which the stream is complete, ISO; null before the first watermark. */
  watermark: string | null;
  /** End of the newest processed window, ISO. */
  processedThrough: string | null;
  /** What still runs or waits: the platform is settled when all are 0. */
  pending: { segments: number; windows: number; events: number; jobs: number; gates: number; datasets: number };
  settled: boolean;
  /** What gateways should be serving by now: routing revision by deployment, and the newest conversion's. */
  revisions: { routing: Record<string, number>; conversion: number };
}

interface ProgressRow extends Record<string, unknown> {
  watermark: string | null;
  processed: string | null;
  segments: number;
  windows: number;
  events: number;
  jobs: number;
  gates: number;
  datasets: number;
  routing: Record<string, number>;
  conversion: number;
}

/** Reads the project's progress in one statement, so that its numbers belong together. */
export async function readProgress(db: Database, scope: Scope): Promise<Progress> {
  const mine = sql`team_id = ${scope.teamId} and project_id = ${scope.projectId}`;
  const [row] = await withTenant(db, scope.teamId, (tx) =>
    tx.execute<ProgressRow>(sql`select
      (select watermark::text from projects where team_id = ${scope.teamId} and id = ${scope.projectId}) as watermark,
      (select max(to_time)::text from monitor_windows where ${mine} and state = 'processed') as processed,
      (select count(*)::int from journal_segments where ${mine} and state = 'sealed') as segments,
      (select count(*)::int from monitor_windows where ${mine} and state = 'closed') as windows,
      (select count(*)::int from domain_events where ${mine} and handled_at is null) as events,
      (select count(*)::int from training_jobs where ${mine} and state in ('queued', 'running')) as jobs,
      (select count(*)::int from rollouts where ${mine} and state = 'gating') as gates,
      (select count(*)::int from dataset_versions where ${mine} and state = 'validating') as datasets,
      (select coalesce(jsonb_object_agg(name, routing_revision), '{}') from deployments where ${mine}) as routing,
      (select coalesce(max(revision), 0)::int from conversions where ${mine}) as conversion`),
  );
  if (!row) throw new Error("unreachable: a select without from returns one row");
  const { segments, windows, events, jobs, gates, datasets } = row;
  const pending = { segments, windows, events, jobs, gates, datasets };
  const iso = (value: string | null) => (value === null ? null : new Date(value).toISOString());
  return {
    watermark: iso(row.watermark),
    processedThrough: iso(row.processed),
    pending,
    settled: Object.values(pending).every((n) => n === 0),
    revisions: { routing: row.routing, conversion: row.conversion },
  };
}

/** Each look costs the database milliseconds that the worker needs meanwhile. */
const LOOK_AGAIN_MS = 30;
const looks = new Map<string, Promise<Progress>>();

/** What the next look at the project says, in 30 ms: shared by all who wait for it, so that many cost the database no more than one. */
export function nextProgress(db: Database, scope: Scope): Promise<Progress> {
  const key = `${scope.teamId}/${scope.projectId}`;
  const planned = looks.get(key);
  if (planned) return planned;
  const look = new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS)).then(() => {
    // Who asks from here on wants to see what happened until then.
    looks.delete(key);
    return readProgress(db, scope);
  });
  looks.set(key, look);
  return look;
}

/**
 * Waits until the watermark has reached `through` and everything that followed from it is done, at most `timeoutMs` and until `signal`;
 * returns the progress either way. What a sender of history asks before it goes on. What was sent of later event time
 * meanwhile (a segment that no watermark vouches for yet) is not waited for, unless `through` is null.
 */
export async function waitSettled(
  db: Database,
  scope: Scope,
  through: Date | null,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Progress> {
  const deadline = Date.now() + timeoutMs;
  for (let progress = await readProgress(db, scope); ; progress = await nextProgress(db, scope)) {
    const settled = through === null ? progress.settled : settledThrough(progress, through);
    if (settled || Date.now() >= deadline || signal?.aborted) return { ...progress, settled };
  }
}

function settledThrough({ watermark, pending }: Progress, through: Date): boolean {
  const reached = watermark !== null && new Date(watermark) >= through;
  return reached && Object.values({ ...pending, segments: 0 }).every((n) => n === 0);
}
