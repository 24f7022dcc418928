import type { EpochMs, Scope } from "@ballast/core";
import { journalSegments, type SegmentFile, withTenant } from "@ballast/db";
import { sql } from "drizzle-orm";
import { type ConversionRule, rulesByColumn } from "../conversions.ts";
import { identifier, literal, numberSql, timeSql } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import { logFiles, shared, type TimeRange } from "./log-files.ts";

/** A retry after a crash carries its request id, but where the caller gives no event time, a later one. */
const RETRY_SLACK_MS = 600_000;

/**
 * Where a push source takes over from a dataset: the least value of its time column in all that was streamed since the
 * dataset (a relation with the same column) began; null while nothing was. What bears an earlier time, as one row with a
 * wrong clock may, takes over from nothing.
 */
export async function firstStreamed(
  deps: LogDeps,
  scope: Scope,
  source: string,
  column: string,
  dataset: string | null,
): Promise<EpochMs | null> {
  const time = timeSql(identifier(column));
  const [began] = dataset === null ? [] : await deps.duck.all<Least>(`SELECT min(${time}) AS least FROM ${dataset}`);
  const since = began?.least ?? -Number.MAX_SAFE_INTEGER;
  const { later, across } = await streamedSince(deps, scope, source, column, since);
  if (across.length === 0) return later;
  const relation = await united(deps, across, { [column]: "BIGINT" });
  const [first] = await deps.duck.all<Least>(`SELECT min(${time}) AS least FROM ${relation} WHERE ${time} >= ${since}`);
  const least = Math.min(later ?? Number.POSITIVE_INFINITY, first?.least ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? least : null;
}

interface Least {
  least: EpochMs | null;
}

/** The least time of a source's files that lie wholly after a moment, and the files that lie across it. */
async function streamedSince(
  deps: Pick<LogDeps, "db">,
  scope: Scope,
  source: string,
  column: string,
  since: EpochMs,
): Promise<{ later: EpochMs | null; across: SegmentFile[] }> {
  const [row] = await withTenant(deps.db, scope.teamId, (tx) =>
    tx.execute<{ later: number | null; across: SegmentFile[] | null }>(sql`
      select min(least) filter (where least >= ${since}) as later,
        jsonb_agg(f) filter (where least < ${since} and greatest >= ${since}) as across
      from (
        select f, coalesce(f->'ranges'->${column}->>0, f->>'minTime')::float8 as least,
          coalesce(f->'ranges'->${column}->>1, f->>'maxTime')::float8 as greatest
        from ${journalSegments} s, jsonb_array_elements(s.files) f
        where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId} and s.state = 'compacted'
          and s.last_time is not null and f->>'kind' = 'source_rows' and f->>'source' = ${source}) files`),
  );
  return { later: row?.later == null ? null : Number(row.later), across: row?.across ?? [] };
}

export interface AnswerQuery extends TimeRange {
  /** Null for every deployment of the project. */
  deploymentId: string | null;
  /** Request columns that must be there even if no file has them (then all null). Without the `req_`. */
  request?: readonly string[];
}

const ANSWER_COLUMNS: Record<string, string> = {
  id: "VARCHAR",
  request_id: "VARCHAR",
  row_index: "INTEGER",
  t: "BIGINT",
  at: "BIGINT",
  deployment: "VARCHAR",
  version: "VARCHAR",
  role: "VARCHAR",
  conv: "INTEGER",
  routing: "INTEGER",
  y: "DOUBLE",
  latency_us: "BIGINT",
  error: "VARCHAR",
  f: "FLOAT[]",
  ordinal: "BIGINT",
};
const SHADOW_COLUMNS = {
  id: "VARCHAR",
  t: "BIGINT",
  deployment: "VARCHAR",
  version: "VARCHAR",
  y: "DOUBLE",
  ordinal: "BIGINT",
};
const OUTCOME_COLUMNS = {
  id: "VARCHAR",
  revision: "INTEGER",
  label: "DOUBLE",
  t: "BIGINT",
  at: "BIGINT",
  ordinal: "BIGINT",
};

/** Every journalled answer and error of a deployment, repeated ones included: a parenthesised SQL relation. */
export async function rawAnswers(deps: LogDeps, scope: Scope, query: AnswerQuery): Promise<string> {
  const files = await answerFiles(deps, scope, query);
  return shared(deps, await journalled(deps, files, query), files);
}

const answerFiles = (deps: LogDeps, scope: Scope, query: AnswerQuery) =>
  logFiles(deps, scope, "predictions", withSlack(query));

const withSlack = ({ from, to }: TimeRange): TimeRange => ({ from: from - RETRY_SLACK_MS, to: to + RETRY_SLACK_MS });

async function journalled(deps: LogDeps, files: readonly SegmentFile[], query: AnswerQuery): Promise<string> {
  const { from, to } = withSlack(query);
  const extra = Object.fromEntries((query.request ?? []).map((name) => [`req_${name}`, ""]));
  const relation = await united(deps, files, { ...ANSWER_COLUMNS, ...extra });
  return `(SELECT * FROM ${relation} WHERE ${ofDeployment(query)} AND t >= ${from} AND t < ${to})`;
}

/**
 * Predictions that callers were answered in the range: of several answers to one request id and row the last
 * journalled, errors left out. Columns as in `docs/architecture.md`, "Offline tables".
 */
export async function answers(deps: LogDeps, scope: Scope, query: AnswerQuery): Promise<string> {
  const files = await answerFiles(deps, scope, query);
  const raw = await shared(deps, await journalled(deps, files, query), files);
  if (!(await hasRepeats(deps, raw)))
    return `(SELECT * FROM ${raw} WHERE error IS NULL AND t >= ${query.from} AND t < ${query.to})`;
  return shared(deps, lastAnswers(raw, query), files);
}

/** What makes answers repetitions of one another. */
const ONE_REQUEST_ROW = "deployment, coalesce('r' || request_id, 'p' || id), row_index";

/** Whether there may be answers to choose from: seldom, and a reader who knows is spared to sort them all by request. */
async function hasRepeats({ reader, duck }: LogDeps, raw: string): Promise<boolean> {
  if (reader === undefined) return true;
  const known = reader.repeats.get(raw);
  if (known !== undefined) return known;
  const found = duck
    .all(`SELECT 1 AS found FROM ${raw} WHERE error IS NULL GROUP BY ${ONE_REQUEST_ROW} HAVING count(*) > 1 LIMIT 1`)
    .then((rows) => rows.length > 0);
  reader.repeats.set(raw, found);
  return found;
}

function ofDeployment({ deploymentId }: AnswerQuery): string {
  return deploymentId === null ? "true" : `deployment = ${literal(deploymentId)}`;
}

/** As {@link answers}, from the relation that {@link rawAnswers} gave. */
function lastAnswers(raw: string, range: TimeRange): string {
  return `(SELECT * FROM (SELECT * FROM ${raw} WHERE error IS NULL
      QUALIFY row_number() OVER (PARTITION BY ${ONE_REQUEST_ROW}
        ORDER BY "at" DESC, ordinal DESC) = 1)
    WHERE t >= ${range.from} AND t < ${range.to})`;
}

/** Copies scored by versions that did not answer, one per prediction id and version. */
export async function shadows(deps: LogDeps, scope: Scope, query: AnswerQuery): Promise<string> {
  const files = await logFiles(deps, scope, "shadows", query);
  return shared(
    deps,
    `(SELECT * FROM ${await united(deps, files, SHADOW_COLUMNS)}
    WHERE ${ofDeployment(query)} AND t >= ${query.from} AND t < ${query.to}
    QUALIFY row_number() OVER (PARTITION BY id, version ORDER BY ordinal DESC) = 1)`,
    files,
  );
}

/** Every journalled outcome that happened in the range, repeated ones included. */
export async function rawOutcomes(deps: LogDeps, scope: Scope, range: TimeRange): Promise<string> {
  const files = await logFiles(deps, scope, "outcomes", range);
  return `(SELECT * FROM ${await united(deps, files, OUTCOME_COLUMNS)} WHERE t >= ${range.from} AND t < ${range.to})`;
}

/** One outcome per prediction id: the highest revision, of equal ones the last journalled. */
export async function outcomes(deps: LogDeps, scope: Scope, range: TimeRange): Promise<string> {
  return `(SELECT * FROM ${await rawOutcomes(deps, scope, range)}
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY revision DESC, ordinal DESC) = 1)`;
}

export interface SourceQuery extends TimeRange {
  source: string;
  /** The source's time column that the range is about. */
  column: string;
  /** Columns that must be there even if no file has them; a type where comparison needs one. */
  columns: Record<string, string>;
}

/**
 * Rows pushed to a source whose time `column` (BIGINT here, whatever was pushed) is in the range; a push that came twice
 * counts once.
 */
export async function sourceRows(deps: LogDeps, scope: Scope, query: SourceQuery): Promise<string> {
  const files = await logFiles(deps, scope, "source_rows", query, query);
  const relation = await united(deps, files, {
    push: "VARCHAR",
    ordinal: "BIGINT",
    [query.column]: "BIGINT",
    ...query.columns,
  });
  const time = identifier(query.column);
  const inRange = `${time} >= ${query.from} AND ${time} < ${query.to}`;
  return `(SELECT * FROM (SELECT * REPLACE (${timeSql(time)} AS ${time}) FROM ${relation}) WHERE ${inRange}
    AND ordinal IN (SELECT min(ordinal) FROM ${relation} GROUP BY push))`;
}

/**
 * The files as one relation with at least the given columns (an empty type takes whatever the files have). Files
 * differ in their columns and in the type of one; DuckDB unites both by name.
 */
async function united(
  deps: Pick<LogDeps, "artifacts" | "recent">,
  files: readonly SegmentFile[],
  columns: Record<string, string>,
): Promise<string> {
  const empty = Object.entries(columns)
    .map(([name, type]) => `NULL${type ? `::${type}` : ""} AS ${identifier(name)}`)
    .join(", ");
  const parts = [`SELECT ${empty} WHERE false`];
  const unkept: string[] = [];
  for (const digest of new Set(files.map((file) => file.digest))) {
    const table = deps.recent?.table(digest) ?? null;
    if (table === null) unkept.push(digest);
    else parts.push(`FROM ${table}`);
  }
  if (unkept.length > 0) parts.push(`FROM ${await parquet(deps, unkept)}`);
  return `(${parts.join(" UNION ALL BY NAME ")})`;
}

/** Parquet artifacts as a relation; fetched first where they are kept elsewhere. */
export async function parquet(deps: Pick<LogDeps, "artifacts">, digests: readonly string[]): Promise<string> {
  const paths = await deps.artifacts.localPaths([...new Set(digests)]);
  return `read_parquet(${literal(paths)}, union_by_name = true)`;
}

/**
 * A relation with conversions applied: `t` is the SQL of a row's event time, `prefix` what stands before a column's
 * name. Numbers come out as DOUBLE: one product, one sum, as `convert` does.
 */
export function converted(
  relation: string,
  rules: readonly ConversionRule[],
  time: string,
  columns: readonly string[],
  prefix = "",
): string {
  const byColumn = rulesByColumn(rules);
  const replaced = columns.flatMap((column) => {
    const own = byColumn.get(column);
    return own
      ? [`${conversionSql(own, identifier(`${prefix}${column}`), time)} AS ${identifier(`${prefix}${column}`)}`]
      : [];
  });
  return replaced.length === 0 ? relation : `(SELECT * REPLACE (${replaced.join(", ")}) FROM ${relation})`;
}

/**
 * SQL of one converted value; `rules` newest first, as {@link rulesByColumn} gives them. With `revision`, a column that
 * says up to which revision conversions were known when the row was served, later ones don't apply.
 */
export function conversionSql(
  rules: readonly ConversionRule[],
  value: string,
  time: string,
  revision?: string,
): string {
  const number = numberSql(value);
  const cases = rules.map((rule) => {
    const known = revision === undefined ? "" : ` AND ${revision} >= ${rule.revision}`;
    return (
      `WHEN ${time} >= ${rule.from}${known} THEN ` +
      `${number} * ${literal(rule.factor)}::DOUBLE + ${literal(rule.offset)}::DOUBLE`
    );
  });
  return `CASE ${cases.join(" ")} ELSE ${number} END`;
}
