import path from "node:path";
import { openArtifactStore } from "@ballast/artifacts";
import { DAY_MS, PLATFORM, readEnv, type Scope } from "@ballast/core";
import { answers, type LogDeps, openDuck, outcomes, sourceRows } from "@ballast/datasets/server";
import { createDatabase, type Database, withTenant } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import { treeMemoryMiB } from "../up/memory.ts";
import type { Platform } from "../up/platform.ts";
import { DATASET } from "./definitions.ts";
import { LatencyCounts } from "./latency-counts.ts";
import type { DemoRun } from "./run-demo.ts";
import { decidedRetrains, type RolloutFacts, rolloutOf } from "./summary-rollouts.ts";

export interface Timings {
  startedAt: number;
  firstPageMs: number;
  installMs: number;
}

/** True measurements of one closing of the loop; see docs/guides/loop-summary.md. */
export type Summary = Awaited<ReturnType<typeof measure>> & { ok: boolean; error: string | null };

/** Asks the platform's own records what happened, and says whether the loop has closed and, if not, where. */
export async function summarise(platform: Platform, run: DemoRun, timings: Timings): Promise<Summary> {
  const db = createDatabase(platform.database.appUrl, { max: 3 });
  const duck = await openDuck({ memoryLimitMb: 700, threads: 2, tempDir: path.join(platform.home.dir, "tmp") });
  const deps = { db, duck, artifacts: openArtifactStore(readEnv(), path.join(platform.home.dir, "artifacts")) };
  try {
    const scope = await scopeOf(platform.database.ownerUrl, run);
    const measured = await measure(platform, run, timings, deps, scope);
    const missing = whatIsMissing(measured);
    return { ok: missing.length === 0, error: missing.length === 0 ? null : missing.join("; "), ...measured };
  } finally {
    duck.close();
    await db.close();
  }
}

async function scopeOf(ownerUrl: string, { state }: DemoRun): Promise<Scope> {
  const owner = createDatabase(ownerUrl, { max: 1 });
  try {
    const [row] = await owner.sql<{ team: string; project: string }[]>`
      select t.id as team, p.id as project from projects p join teams t on t.id = p.team_id
      where t.slug = ${state.team} and p.slug = ${state.project}`;
    if (!row) throw new Error(`The demo's project ${state.team}/${state.project} is gone.`);
    return { teamId: row.team, projectId: row.project, actor: PLATFORM };
  } finally {
    await owner.close();
  }
}

type Row = Record<string, unknown>;
const rowsOf = <T extends Row>(db: Database, scope: Scope, query: SQL) =>
  withTenant(db, scope.teamId, (tx) => tx.execute<T>(query));

async function measure(platform: Platform, run: DemoRun, timings: Timings, deps: LogDeps, scope: Scope) {
  const mine = sql`team_id = ${scope.teamId} and project_id = ${scope.projectId}`;
  const ask = <T extends Row>(query: SQL) => rowsOf<T>(deps.db, scope, query);
  const [dataset] = await ask<{ rows: number; columns: number }>(
    sql`select rows::float8 as rows, jsonb_array_length(contract->'columns') as columns from dataset_versions where ${mine} and state = 'accepted' order by version limit 1`,
  );
  const [windows] = await ask<{ windows: number; checked: number; mismatches: number }>(
    sql`select count(*)::int as windows, coalesce(sum((tally->>'rowsChecked')::int), 0)::int as checked, coalesce(sum((tally->>'mismatches')::int), 0)::int as mismatches from monitor_windows where ${mine} and state = 'processed'`,
  );
  const [alerts] = await ask<{ n: number }>(
    sql`select count(*)::int as n from domain_events where ${mine} and name in ('drift.detected', 'calibration.breached', 'incident.opened')`,
  );
  const congestion = await rolloutOf(deps, scope, { jobId: run.state.asked.congestion ?? null });
  const harmed = await rolloutOf(deps, scope, { rolloutId: run.state.asked.harmed ?? null });
  return {
    durationMs: Date.now() - timings.startedAt,
    installMs: timings.installMs,
    firstPageMs: timings.firstPageMs,
    rssMiB: Math.max(run.peakMiB, treeMemoryMiB(process.pid) ?? 0),
    urls: platform.urls,
    steps: {
      integrate: { rows: dataset?.rows ?? 0, contractColumns: dataset?.columns ?? 0 },
      features: { rowsChecked: windows?.checked ?? 0, mismatches: windows?.mismatches ?? 0 },
      ...(await firstVersion(deps, scope)),
      serve: await serving(run, deps, scope),
      monitor: { windows: windows?.windows ?? 0, alerts: alerts?.n ?? 0 },
      feed: await feed(run, deps, scope),
      retrains: await decidedRetrains(deps, scope),
      congestion: congestion && {
        version: congestion.version,
        state: congestion.state,
        steps: congestion.steps,
        evidence: congestion.evidence,
      },
      rollback: harmed && rollbackOf(harmed),
      ledger: await ledger(deps, scope),
    },
    stuck: await stuck(deps, scope),
  };
}

function rollbackOf(harmed: RolloutFacts) {
  return {
    state: harmed.state,
    exposures: harmed.exposures,
    decisionMs: harmed.decisionMs,
    why: harmed.why,
    evidence: harmed.evidence,
  };
}

async function firstVersion(deps: LogDeps, scope: Scope) {
  const mine = sql`r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId}`;
  const [run] = await rowsOf<{ metrics: Record<string, number>; seconds: number; version: string }>(
    deps.db,
    scope,
    sql`select coalesce((select jsonb_object_agg(s.key, s.last) from metric_series s
        where s.team_id = r.team_id and s.project_id = r.project_id and s.run_id = r.id), '{}') as metrics, extract(epoch from r.ended_at - r.started_at)::float8 as seconds, v.id as version from runs r
      join model_versions v on v.lineage->>'runId' = r.id where ${mine} and v.version = 1`,
  );
  const gates = await rowsOf<{ name: string; passed: boolean }>(
    deps.db,
    scope,
    sql`select gate as name, passed from gate_results r where ${mine} and version_id = ${run?.version ?? ""} order by gate`,
  );
  const train = { auc: run?.metrics.auc ?? null, brier: run?.metrics.brier ?? null, seconds: run?.seconds ?? null };
  return { train, deliver: { gates: gates.map(({ name, passed }) => ({ name, passed })) } };
}

async function serving({ state, story }: DemoRun, deps: LogDeps, scope: Scope) {
  const range = { from: story.from - 3 * DAY_MS, to: story.to + 10 * DAY_MS };
  const answered = await answers(deps, scope, { ...range, deploymentId: null });
  const labels = await outcomes(deps, scope, range);
  const pushed = await sourceRows(deps, scope, { ...range, source: DATASET, column: "known_at", columns: {} });
  const [counts] = await deps.duck.all<{ journalled: number; joined: number; outcomes: number; rows: number }>(`
    SELECT (SELECT count(*) FROM ${answered}) AS journalled,
           (SELECT count(*) FROM ${answered} a JOIN ${labels} l ON l.id = a.id) AS joined,
           (SELECT count(*) FROM ${labels}) AS outcomes,
           (SELECT count(*) FROM ${pushed}) AS rows`);
  const {
    sent,
    answered: received,
    outcomesAccepted,
    rowsPushed,
    activeMs,
  } = state.tally ?? { sent: 0, answered: 0, outcomesAccepted: 0, rowsPushed: 0, activeMs: 0 };
  return {
    sent,
    answered: received,
    journalled: Number(counts?.journalled),
    joined: Number(counts?.joined),
    perSecond: Math.round(received / Math.max(activeMs / 1000, 1e-9)),
    /** Where the sender's wall time went. */
    wallMs: state.tally && roundedParts(state.tally),
    p99Ms: new LatencyCounts(state.latencies).quantile(0.99),
    outcomesAccepted,
    outcomesCounted: Number(counts?.outcomes),
    rowsPushed,
    rowsCounted: Number(counts?.rows),
  };
}

function roundedParts({ pushMs, predictMs, outcomesMs, settleMs }: NonNullable<DemoRun["state"]["tally"]>) {
  const round = Math.round;
  return { push: round(pushMs), predict: round(predictMs), outcomes: round(outcomesMs), settle: round(settleMs) };
}

async function feed({ story }: DemoRun, deps: LogDeps, scope: Scope) {
  const [incident] = await rowsOf<{
    column: string;
    from: string;
    to: string;
    title: string;
    since: string;
    opened: string;
    state: string;
  }>(
    deps.db,
    scope,
    sql`select proposal->>'column' as column, proposal->>'declaredUnit' as from, proposal->>'receivedUnit' as to, title,
        since::text as since, opened_event_time::text as opened, state from incidents
      where team_id = ${scope.teamId} and project_id = ${scope.projectId} and kind = 'unit_change' order by created_at limit 1`,
  );
  if (!incident) return null;
  const { column, from, to, title, state } = incident;
  const windowsUntilNamed = Math.ceil((+new Date(incident.opened) - story.kilometresFrom) / DAY_MS);
  return { column, from, to, windowsUntilNamed, title, since: new Date(incident.since).toISOString(), state };
}

async function ledger(deps: LogDeps, scope: Scope) {
  const mine = sql`team_id = ${scope.teamId} and project_id = ${scope.projectId}`;
  const [row] = await rowsOf<{ limit: number; committed: number; reserved: number; refused: number; leaked: number }>(
    deps.db,
    scope,
    sql`select b.limit_micros::float8 / 1e6 as limit, b.committed_micros::float8 / 1e6 as committed, b.reserved_micros::float8 / 1e6 as reserved,
        (select count(*)::int from reservations where ${mine} and state = 'refused' and subject like 'trn%') as refused,
        (select count(*)::int from reservations r where ${mine} and r.state = 'reserved' and subject like 'trn%'
           and exists (select 1 from training_jobs j where j.id = r.subject and j.state not in ('queued', 'running'))) as leaked
      from budgets b where ${mine}`,
  );
  return row ?? { limit: 0, committed: 0, reserved: 0, refused: 0, leaked: 0 };
}

async function stuck(deps: LogDeps, scope: Scope) {
  const mine = sql`team_id = ${scope.teamId} and project_id = ${scope.projectId}`;
  const [row] = await rowsOf<{ rollouts: number; jobs: number; events: number }>(
    deps.db,
    scope,
    sql`select (select count(*)::int from rollouts where ${mine} and state = 'gating')
          + (select count(*)::int from rollouts where ${mine} and state = 'queued'
               and not exists (select 1 from rollouts a where a.team_id = ${scope.teamId} and a.project_id = ${scope.projectId} and a.state in ('shadow', 'canary'))) as rollouts,
        (select count(*)::int from training_jobs where ${mine} and state in ('queued', 'running')) as jobs,
        (select count(*)::int from domain_events where ${mine} and (handled_at is null or (failures->>'count')::int >= 8)) as events`,
  );
  return row ?? { rollouts: 0, jobs: 0, events: 0 };
}

/** The five conditions of a closed loop, in words where one does not hold. */
function whatIsMissing({ steps, stuck: left }: Awaited<ReturnType<typeof measure>>): string[] {
  const missing: string[] = [];
  const need = (holds: boolean, what: string) => {
    if (!holds) missing.push(what);
  };
  need(
    steps.congestion?.state === "promoted",
    `the congestion version is ${steps.congestion?.state ?? "not there"}, not promoted`,
  );
  need(steps.retrains.length > 0, "no retrain that a policy asked for was decided");
  const named = steps.feed?.column === "distance" && steps.feed.to === "kilometre";
  need(named, "the unit of the broken feed was not named");
  need(
    steps.rollback?.state === "rolled_back",
    `the harmed version is ${steps.rollback?.state ?? "not there"}, not rolled back`,
  );
  need(steps.ledger.refused > 0, "the budget refused nothing");
  need(steps.features.mismatches === 0, `${steps.features.mismatches} served rows differ when recomputed`);
  const { sent, answered, journalled, joined } = steps.serve;
  const equal = sent === answered && answered === journalled && journalled === joined;
  need(equal, `${sent} sent, ${answered} answered, ${journalled} journalled, ${joined} joined`);
  need(steps.ledger.leaked === 0, `${steps.ledger.leaked} reservations were left behind`);
  need(left.rollouts + left.jobs + left.events === 0, `stuck: ${JSON.stringify(left)}`);
  return missing;
}
