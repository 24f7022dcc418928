import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import type { WindowTally } from "@ballast/db";
import type { DuckSession } from "../duck/duck.ts";
import { literal } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import { lastAnswers, rawAnswers, rawOutcomes, shadows, sourceRows } from "./log-relation.ts";

/** The part of a window's tally that the log knows; the rest comes from recomputation and the clock. */
export type LogTally = Omit<WindowTally, "rowsChecked" | "mismatches" | "processingMs">;

export interface TallyOptions {
  /** An answer slower than this counts against the latency objective, milliseconds. */
  sloMs: number;
  /** Push source whose rows are counted, by its time column. */
  source?: { name: string; column: string };
}

/** How far back the prediction of an outcome is looked for before the whole log is. */
const USUAL_DELAY_MS = 2 * DAY_MS;

/**
 * Counts of [from, to) of a deployment. Predictions, shadows, errors and latencies by the event time of the prediction;
 * outcomes by the time they happened, if they belong to one of this deployment's predictions or to none at all.
 */
export async function tally(
  deps: LogDeps,
  scope: Scope,
  deploymentId: string,
  from: EpochMs,
  to: EpochMs,
  options: TallyOptions,
): Promise<LogTally> {
  const query = { deploymentId, from, to };
  const [raw, copies] = await Promise.all([rawAnswers(deps, scope, query), shadows(deps, scope, query)]);
  return deps.duck.session(async (session) => {
    await session.run(`CREATE TEMP TABLE raw AS SELECT * EXCLUDE (f) FROM ${raw}`);
    await session.run(`CREATE TEMP TABLE answered AS SELECT * FROM ${lastAnswers("raw", query)}`);
    const inWindow = `t >= ${from} AND t < ${to}`;
    const [counts] = await session.all<{
      predictions: number;
      repeated: number;
      errors: number;
      p50: number;
      p99: number;
    }>(`
      SELECT (SELECT count(*) FROM answered) AS predictions,
        (SELECT count(*) FROM raw WHERE error IS NULL AND ${inWindow}) AS repeated,
        (SELECT count(*) FROM raw WHERE error IS NOT NULL AND ${inWindow}) AS errors,
        (SELECT coalesce(quantile_cont(latency_us, 0.5), 0) / 1000 FROM answered) AS p50,
        (SELECT coalesce(quantile_cont(latency_us, 0.99), 0) / 1000 FROM answered) AS p99`);
    const predictions = counts?.predictions ?? 0;
    return {
      predictions,
      errors: counts?.errors ?? 0,
      duplicates: Math.max(0, (counts?.repeated ?? 0) - predictions),
      ...(await outcomeCounts(deps, scope, session, query)),
      sourceRows: await countSourceRows(deps, scope, query, options.source),
      versions: await versionCounts(session, copies, inWindow, options.sloMs),
      p50Ms: counts?.p50 ?? 0,
      p99Ms: counts?.p99 ?? 0,
    };
  });
}

async function versionCounts(
  session: DuckSession,
  copies: string,
  inWindow: string,
  sloMs: number,
): Promise<WindowTally["versions"]> {
  const rows = await session.all<{ version: string; served: number; shadow: number; errors: number; overSlo: number }>(`
    SELECT version, sum(served)::BIGINT AS served, sum(shadow)::BIGINT AS shadow, sum(errors)::BIGINT AS errors,
      sum(over_slo)::BIGINT AS "overSlo"
    FROM (
      SELECT version, 1 AS served, 0 AS shadow, 0 AS errors, (latency_us > ${literal(sloMs * 1000)})::INTEGER AS over_slo
        FROM answered
      UNION ALL SELECT version, 0, 0, 1, 0 FROM raw WHERE error IS NOT NULL AND ${inWindow}
      UNION ALL SELECT s.version, 0, 1, 0, 0 FROM ${copies} s SEMI JOIN answered a ON a.id = s.id)
    GROUP BY version ORDER BY version`);
  return Object.fromEntries(rows.map(({ version, ...counts }) => [version, counts]));
}

type OutcomeCounts = Pick<LogTally, "outcomes" | "outcomeDuplicates" | "outcomeCorrections" | "outcomeUnknown">;

async function outcomeCounts(
  deps: LogDeps,
  scope: Scope,
  session: DuckSession,
  query: { deploymentId: string; from: EpochMs; to: EpochMs },
): Promise<OutcomeCounts> {
  await session.run(`CREATE TEMP TABLE happened AS SELECT id, revision FROM ${await rawOutcomes(deps, scope, query)}`);
  await session.run("CREATE TEMP TABLE known (id VARCHAR, deployment VARCHAR)");
  await findPredictions(deps, scope, session, query.from - USUAL_DELAY_MS, query.to);
  const open = "SELECT DISTINCT id FROM happened ANTI JOIN known USING (id)";
  const [missing] = await session.all<{ n: number }>(`SELECT count(*) AS n FROM (${open})`);
  if ((missing?.n ?? 0) > 0) await findPredictions(deps, scope, session, 0, query.from - USUAL_DELAY_MS);
  const [counts] = await session.all<OutcomeCounts>(`
    WITH mine AS (SELECT h.id, h.revision, k.id IS NULL AS unknown FROM happened h LEFT JOIN known k ON k.id = h.id
        WHERE k.id IS NULL OR k.deployment = ${literal(query.deploymentId)}),
      revisions AS (SELECT id, count(*) AS deliveries, count(DISTINCT revision) AS different FROM mine WHERE NOT unknown GROUP BY id)
    SELECT (SELECT count(*) FROM revisions) AS outcomes,
      (SELECT coalesce(sum(deliveries - different), 0)::BIGINT FROM revisions) AS "outcomeDuplicates",
      (SELECT coalesce(sum(different - 1), 0)::BIGINT FROM revisions) AS "outcomeCorrections",
      (SELECT count(DISTINCT id) FROM mine WHERE unknown) AS "outcomeUnknown"`);
  return counts ?? { outcomes: 0, outcomeDuplicates: 0, outcomeCorrections: 0, outcomeUnknown: 0 };
}

/** Adds the predictions of [from, to), of any deployment, that the outcomes in `happened` are about. */
async function findPredictions(deps: LogDeps, scope: Scope, session: DuckSession, from: EpochMs, to: EpochMs) {
  const relation = await rawAnswers(deps, scope, { from, to, deploymentId: null });
  await session.run(`INSERT INTO known SELECT DISTINCT p.id, p.deployment FROM ${relation} p
    SEMI JOIN happened h ON h.id = p.id ANTI JOIN known k ON k.id = p.id`);
}

async function countSourceRows(
  deps: LogDeps,
  scope: Scope,
  range: { from: EpochMs; to: EpochMs },
  source: TallyOptions["source"],
): Promise<number> {
  if (source === undefined) return 0;
  const columns = { [source.column]: "BIGINT" };
  const relation = await sourceRows(deps, scope, { ...range, source: source.name, column: source.column, columns });
  const [count] = await deps.duck.all<{ n: number }>(`SELECT count(*) AS n FROM ${relation}`);
  return count?.n ?? 0;
}
