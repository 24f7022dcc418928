import { isAppError, type Scope } from "@ballast/core";
import { type Database, type RetentionSpec, retentionRules, withTenant } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { listTrash } from "./list-trash.ts";
import { addCounts, purgeInSteps, type RowCounts } from "./purge.ts";
import { listRules, type RetentionRule } from "./rules.ts";

const DAY = 86_400_000;
/** Rows of one statement: a clean-up must not hold locks for long. */
const BATCH = 500;
/** Points kept beyond the wished number: first, last, least and greatest. A history within it is thin already. */
const EXTREMES = 4;

/** What rules did. */
export interface CleanUp {
  trashed: number;
  purged: number;
  rows: RowCounts;
}

/** Applies the project's enabled rules, one small transaction after the other: killed in between, it goes on where it was. */
export async function applyRules(db: Database, scope: Scope, now: Date): Promise<CleanUp> {
  const done: CleanUp = { trashed: 0, purged: 0, rows: {} };
  const rules = (await withTenant(db, scope.teamId, (tx) => listRules(tx, scope))).filter(({ enabled }) => enabled);
  const ofKind = <K extends RetentionSpec["kind"]>(kind: K) =>
    rules.filter(
      (rule): rule is RetentionRule & { spec: Extract<RetentionSpec, { kind: K }> } => rule.spec.kind === kind,
    );
  for (const { spec, id } of ofKind("runs")) done.trashed += await trashOldRuns(db, scope, spec, id, now);
  for (const rule of ofKind("metric_history")) addCounts(done.rows, await thinHistories(db, scope, rule, now));
  for (const { spec } of ofKind("deliveries"))
    addCounts(done.rows, await forgetDeliveries(db, scope, spec.keepDays, now));
  // What a rule moved to the trash today stays its days there; rules about the trash come last all the same.
  for (const { spec } of ofKind("trash")) {
    const emptied = await emptyTrash(db, scope, new Date(now.getTime() - spec.keepDays * DAY));
    done.purged += emptied.purged;
    addCounts(done.rows, emptied.rows);
  }
  return done;
}

async function trashOldRuns(
  db: Database,
  scope: Scope,
  spec: Extract<RetentionSpec, { kind: "runs" }>,
  ruleId: string,
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - spec.keepDays * DAY).toISOString();
  let trashed = 0;
  for (;;) {
    const moved = await withTenant(db, scope.teamId, async (tx) => {
      const rows = await tx.execute(sql`
        update runs set deleted_at = ${now.toISOString()}::timestamptz where id in (
          select r.id from runs r where r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId} and r.deleted_at is null
            and r.ended_at < ${before}::timestamptz and r.state in ('finished', 'failed', 'killed')
            ${spec.experimentId === null ? sql`` : sql`and r.experiment_id = ${spec.experimentId}`}
            ${spec.keepTag === null ? sql`` : sql`and not jsonb_exists(r.tags, ${spec.keepTag})`}
            and not exists (select 1 from model_versions v where v.team_id = r.team_id and v.deleted_at is null and v.lineage->>'runId' = r.id)
            and not exists (select 1 from logged_models m join model_versions v on v.team_id = m.team_id and v.logged_model_id = m.id
              where m.team_id = r.team_id and m.source_run_id = r.id and v.deleted_at is null)
          order by r.id limit ${BATCH})
        returning id`);
      if (rows.length > 0)
        await audit(tx, scope, {
          action: "retention.trash_runs",
          subject: ruleId,
          detail: { runs: rows.length, before },
        });
      return rows.length;
    });
    trashed += moved;
    if (moved < BATCH) return trashed;
  }
}

/** Purges what went to the trash before a time; what something else rests on is left there. */
async function emptyTrash(db: Database, scope: Scope, before: Date): Promise<{ purged: number; rows: RowCounts }> {
  const done = { purged: 0, rows: {} as RowCounts };
  let after: { deletedAt: Date; id: string } | undefined = { deletedAt: before, id: "" };
  while (after) {
    const from: { deletedAt: Date; id: string } = after;
    const page = await withTenant(db, scope.teamId, (tx) => listTrash(tx, scope, { after: from, limit: BATCH }));
    for (const { kind, id } of page.items) {
      try {
        addCounts(done.rows, await purgeInSteps(db, scope, { kind, id }));
        done.purged += 1;
      } catch (error) {
        if (!isAppError(error)) throw error;
      }
    }
    after = page.next ?? undefined;
  }
  return done;
}

async function forgetDeliveries(db: Database, scope: Scope, keepDays: number, now: Date): Promise<RowCounts> {
  const before = new Date(now.getTime() - keepDays * DAY).toISOString();
  let n = 0;
  for (;;) {
    const gone = await withTenant(db, scope.teamId, (tx) =>
      tx.execute(sql`
        delete from webhook_deliveries where id in (
          select id from webhook_deliveries where team_id = ${scope.teamId} and project_id = ${scope.projectId}
            and state <> 'pending' and created_at < ${before}::timestamptz limit ${BATCH})
        returning 1`),
    );
    n += gone.length;
    if (gone.length < BATCH) return n > 0 ? { webhook_deliveries: n } : {};
  }
}

type HistoryRule = RetentionRule & { spec: Extract<RetentionSpec, { kind: "metric_history" }> };

/**
 * Thins histories of runs that ended long ago: of `n` points every ⌈n / points⌉-th stays, and the first, last, least and greatest.
 * Pyramids, built from the whole history, stay as they are, so that charts keep their spikes.
 */
async function thinHistories(db: Database, scope: Scope, rule: HistoryRule, now: Date): Promise<RowCounts> {
  const { spec } = rule;
  const before = new Date(now.getTime() - spec.keepDays * DAY).toISOString();
  const since = rule.appliedTo?.toISOString() ?? null;
  let after = 0;
  let thinned = 0;
  for (;;) {
    const series = await withTenant(db, scope.teamId, (tx) =>
      tx.execute<{ no: string }>(sql`
        select s.no from metric_series s join runs r on r.team_id = s.team_id and r.project_id = s.project_id and r.id = s.run_id
        where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId} and s.no > ${after}
          and s.received > ${spec.points + EXTREMES} and r.ended_at < ${before}::timestamptz
          ${since === null ? sql`` : sql`and r.ended_at >= ${since}::timestamptz`}
          ${spec.experimentId === null ? sql`` : sql`and r.experiment_id = ${spec.experimentId}`}
        order by s.no limit ${BATCH}`),
    );
    for (const { no } of series) thinned += await thinSeries(db, scope, Number(no), spec.points);
    const last = series.at(-1);
    if (!last || series.length < BATCH) break;
    after = Number(last.no);
  }
  await withTenant(db, scope.teamId, (tx) =>
    tx
      .update(retentionRules)
      .set({ appliedTo: new Date(before) })
      .where(and(eq(retentionRules.teamId, scope.teamId), eq(retentionRules.id, rule.id))),
  );
  return thinned > 0 ? { metric_points: thinned } : {};
}

async function thinSeries(db: Database, scope: Scope, series: number, points: number): Promise<number> {
  return withTenant(db, scope.teamId, async (tx) => {
    const gone = await tx.execute<{ n: string }>(sql`
      with ranked as (
        select p.step, p.at, p.value, row_number() over w as rank, count(*) over () as n,
          first_value(p.value) over (order by case when p.value = 'NaN' then 1 else 0 end, p.value, p.step, p.at) as least,
          first_value(p.value) over (order by case when p.value = 'NaN' then 1 else 0 end, p.value desc, p.step, p.at) as greatest,
          row_number() over (partition by p.value order by p.step, p.at) as time
        from metric_points p where p.team_id = ${scope.teamId} and p.series = ${series} window w as (order by p.step, p.at, p.value)),
      gone as (
        delete from metric_points d using ranked k
        where d.team_id = ${scope.teamId} and d.series = ${series} and d.step = k.step and d.at = k.at and d.value = k.value
          and k.n > ${points + EXTREMES} and (k.rank - 1) % ceil(k.n::numeric / ${points})::bigint <> 0 and k.rank <> k.n
          and not (k.time = 1 and (k.value = k.least or k.value = k.greatest))
        returning 1)
      select count(*) as n from gone`);
    return Number(gone[0]?.n ?? 0);
  });
}
