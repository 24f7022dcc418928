import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import type { AssignedRequests, WindowTally } from "@ballast/db";
import { literal } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import type { TimeRange } from "./log-files.ts";
import { answers, rawAnswers, shadows, sourceRows } from "./log-relation.ts";
import { outcomeCounts } from "./outcome-counts.ts";

/** The part of a window's tally that the log knows; the rest comes from recomputation and the clock. */
export type LogTally = Omit<WindowTally, "rowsChecked" | "mismatches" | "processingMs">;

export interface TallyOptions {
  /** An answer slower than this counts against the latency objective, milliseconds. */
  sloMs: number;
  /** Push source whose rows are counted, by its time column. */
  source?: { name: string; column: string };
}

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
  const [raw, answered, copies] = await Promise.all([
    rawAnswers(deps, scope, query),
    answers(deps, scope, query),
    shadows(deps, scope, query),
  ]);
  const [counts] = await deps.duck.all<{ predictions: number; repeated: number; p50: number; p99: number }>(`
    SELECT count(*) AS predictions,
      (SELECT count(*) FROM ${raw} WHERE error IS NULL AND t >= ${from} AND t < ${to}) AS repeated,
      coalesce(quantile_cont(latency_us, 0.5), 0) / 1000 AS p50,
      coalesce(quantile_cont(latency_us, 0.99), 0) / 1000 AS p99
    FROM ${answered}`);
  const versions = await versionCounts(deps, query, { raw, answered, copies }, options.sloMs);
  const assigned = await assignedRequests(deps, query, { raw, answered }, options.sloMs);
  const predictions = counts?.predictions ?? 0;
  return {
    predictions,
    errors: Object.values(versions).reduce((sum, version) => sum + version.errors, 0),
    duplicates: Math.max(0, (counts?.repeated ?? 0) - predictions),
    ...(await outcomeCounts(deps, scope, query)),
    sourceRows: await countSourceRows(deps, scope, query, options.source),
    versions,
    assigned,
    p50Ms: counts?.p50 ?? 0,
    p99Ms: counts?.p99 ?? 0,
  };
}

/** A version's rows of the day that starts at `day`. */
type VersionDay = { day: EpochMs; version: string; served: number; shadow: number; errors: number };

/** The counts of {@link tally} by version for each of some UTC days, given by their starts. Nothing for a day without rows. */
export async function countVersionsPerDay(
  deps: LogDeps,
  scope: Scope,
  deploymentId: string,
  days: readonly EpochMs[],
): Promise<VersionDay[]> {
  if (days.length === 0) return [];
  const query = { deploymentId, from: Math.min(...days), to: Math.max(...days) + DAY_MS };
  const [raw, answered, copies] = await Promise.all([
    rawAnswers(deps, scope, query),
    answers(deps, scope, query),
    shadows(deps, scope, query),
  ]);
  return deps.duck.all<VersionDay>(`
    SELECT t // ${DAY_MS} * ${DAY_MS} AS day, version, sum(served)::BIGINT AS served, sum(shadow)::BIGINT AS shadow,
      sum(errors)::BIGINT AS errors
    FROM (${versionRows(query, { raw, answered, copies })})
    WHERE day IN (${days.join(", ")}) GROUP BY day, version ORDER BY day, version`);
}

/** One row for each answer given, each copy scored and each failed request. */
const versionRows = (
  { from, to }: TimeRange,
  { raw, answered, copies }: { raw: string; answered: string; copies: string },
) => `
  SELECT t, version, 1 AS served, 0 AS shadow, 0 AS errors, latency_us FROM ${answered}
  UNION ALL SELECT t, version, 0, 0, 1, 0 FROM ${raw} WHERE error IS NOT NULL AND t >= ${from} AND t < ${to}
  UNION ALL SELECT s.t, s.version, 0, 1, 0, 0 FROM ${copies} s SEMI JOIN ${answered} a ON a.id = s.id`;

async function versionCounts(
  deps: LogDeps,
  range: TimeRange,
  relations: { raw: string; answered: string; copies: string },
  sloMs: number,
): Promise<WindowTally["versions"]> {
  const rows = await deps.duck.all<{
    version: string;
    served: number;
    shadow: number;
    errors: number;
    overSlo: number;
  }>(`
    SELECT version, sum(served)::BIGINT AS served, sum(shadow)::BIGINT AS shadow, sum(errors)::BIGINT AS errors,
      count(*) FILTER (served = 1 AND latency_us > ${literal(sloMs * 1000)})::BIGINT AS "overSlo"
    FROM (${versionRows(range, relations)})
    GROUP BY version ORDER BY version`);
  return Object.fromEntries(rows.map(({ version, ...counts }) => [version, counts]));
}

/** What {@link assignedRequests} reads of an answer or an error. */
const ASSIGNED = 'routing, version, request_id, row_index, ordinal, "at", error, latency_us';

/**
 * Requests as they were assigned: all rows of a request go to one version, and a retry goes where the first try went, so rows and tries
 * are no independent observations. A request that its caller did not name is known by its place in the journal, where its rows follow
 * one another (two gateways' places may be the same, not so with the moment it came).
 */
async function assignedRequests(
  deps: LogDeps,
  { from, to }: TimeRange,
  { raw, answered }: { raw: string; answered: string },
  sloMs: number,
): Promise<AssignedRequests[]> {
  return deps.duck.all<AssignedRequests>(`
    SELECT routing, version, count(*)::BIGINT AS requests, count(*) FILTER (failed)::BIGINT AS failed,
      count(*) FILTER (slow)::BIGINT AS slow
    FROM (
      SELECT routing, version, bool_or(error IS NOT NULL) AS failed,
        bool_or(error IS NULL AND latency_us > ${literal(sloMs * 1000)}) AS slow
      FROM (SELECT ${ASSIGNED} FROM ${answered} UNION ALL SELECT ${ASSIGNED} FROM ${raw} WHERE error IS NOT NULL AND t >= ${from} AND t < ${to})
      WHERE routing IS NOT NULL
      GROUP BY routing, version, request_id,
        CASE WHEN request_id IS NULL THEN {'place': ordinal - coalesce(row_index, 0), 'at': "at"} END)
    GROUP BY routing, version ORDER BY routing, version`);
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
