import { type ConversionRule, rulesByColumn } from "@ballast/datasets";
import { conversionSql, identifier } from "@ballast/datasets/server";
import type { FeatureBinding, FeatureViewDefinition, RequestExpression, TrailingShareView } from "@ballast/db";
import { findFeature } from "./bindings.ts";

export interface OfflineSources {
  /** Relation of the rows asked about: a unique BIGINT `row_id` and the columns the bindings read. */
  request: string;
  /** What stands before a request column's name, e.g. `req_` in the prediction log. */
  prefix?: string;
  /** Relation of a push source by name and time column: every row that could lie in a window of the request's rows. */
  source(name: string, knownAt: string): string;
  /** Column of the request relation that holds a row's event time, and the conversions that may apply to it. */
  eventTime: string;
  conversions?: readonly ConversionRule[];
  /** Column of the request relation with the conversion revision a row was served with; all rules when absent. */
  revision?: string;
}

/** Rows of one source by one key: every window over them is computed from one sort. */
interface StreamColumns {
  view: TrailingShareView;
  key: string;
  windows: number[];
}

/**
 * The offline half of one definition: a SQL query (row_id, x0 … xn−1), FLOAT columns in binding order, null for missing,
 * with the very bits that `compileBindings` serves.
 *
 * A window (t − W, t] in integer milliseconds is RANGE BETWEEN W − 1 PRECEDING AND CURRENT ROW over requests and source
 * rows sorted together by key: rows of equal time are peers, so ties fall as `known ≤ t` says, whatever the order within
 * them. Sums are of integers and exact; one division in DOUBLE; FLOAT last. (ASOF joins on running sums give the
 * same and took a fifth longer.) Throws `not_found` as `compileBindings` does.
 */
export function bindingsSql(
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
  from: OfflineSources,
): string {
  const rules = rulesByColumn(from.conversions ?? []);
  const streams: StreamColumns[] = [];
  const outputs = bindings.map((binding, j) => {
    const found = findFeature(views, binding);
    if (found.kind === "request") return `(${expressionSql(found.feature.expression, rules, from)})::FLOAT AS x${j}`;
    const { key, windowMs } = found.feature;
    const s = streamIndex(streams, found.view, key);
    return `(s${s}.share_${windowIndex(streams[s] as StreamColumns, windowMs)})::FLOAT AS x${j}`;
  });
  const sources = sourceTables(streams, from);
  const tables = [
    ...sources.map(({ name, sql }) => `${name} AS MATERIALIZED (${sql})`),
    ...streams.map((stream, s) => `s${s} AS (${streamSql(stream, from, sourceOf(sources, stream).name)})`),
  ];
  const joins = streams.map((_, s) => `LEFT JOIN s${s} ON s${s}.row_id = request.row_id`);
  return `WITH request AS MATERIALIZED (SELECT * FROM ${from.request})${tables.map((t) => `,\n${t}`).join("")}
    SELECT ${["request.row_id", ...outputs].join(", ")} FROM request ${joins.join(" ")}`;
}

interface SourceTable {
  name: string;
  source: string;
  knownAt: string;
  sql: string;
}

/** Each source once, with the columns that its streams read: finding its rows costs as much as a pass over them. */
function sourceTables(streams: readonly StreamColumns[], from: OfflineSources): SourceTable[] {
  const tables: SourceTable[] = [];
  for (const { view } of streams) {
    const { source, knownAt } = view;
    if (tables.some((table) => table.source === source && table.knownAt === knownAt)) continue;
    const own = streams.filter((stream) => stream.view.source === source && stream.view.knownAt === knownAt);
    const columns = new Set([knownAt, ...own.flatMap((stream) => [stream.key, stream.view.of])].map(identifier));
    const sql = `SELECT ${[...columns].join(", ")} FROM ${from.source(source, knownAt)}`;
    tables.push({ name: `rows${tables.length}`, source, knownAt, sql });
  }
  return tables;
}

function sourceOf(tables: readonly SourceTable[], { view }: StreamColumns): SourceTable {
  return tables.find((t) => t.source === view.source && t.knownAt === view.knownAt) as SourceTable;
}

function streamIndex(streams: StreamColumns[], view: TrailingShareView, key: string): number {
  const index = streams.findIndex(
    (s) =>
      s.key === key &&
      s.view.source === view.source &&
      s.view.knownAt === view.knownAt &&
      s.view.of === view.of &&
      s.view.requestTime === view.requestTime,
  );
  return index >= 0 ? index : streams.push({ view, key, windows: [] }) - 1;
}

function windowIndex(stream: StreamColumns, windowMs: number): number {
  const index = stream.windows.indexOf(windowMs);
  return index >= 0 ? index : stream.windows.push(windowMs) - 1;
}

/**
 * Both counts of a window in one sum: a row is 1, and 2^26 more if it counts for the share. Exact in DOUBLE for up to
 * 2^26 (67 million) rows of one key in a window, and half the work of two counts.
 */
const HIT = 2 ** 26;

function streamSql({ view, key, windows }: StreamColumns, from: OfflineSources, rows: string): string {
  const asked = (column: string) => identifier(`${from.prefix ?? ""}${column}`);
  const of = identifier(view.of);
  const known = identifier(view.knownAt);
  const hits = (i: number) => `floor(sum_${i} / ${HIT})`;
  const shares = windows.map((_, i) => `${hits(i)} / (sum_${i} - ${HIT} * ${hits(i)}) AS share_${i}`);
  const sums = windows.map((_, i) => `sum(v) OVER w${i} AS sum_${i}`);
  const frames = windows.map(
    (ms, i) => `w${i} AS (PARTITION BY key ORDER BY t RANGE BETWEEN ${ms - 1} PRECEDING AND CURRENT ROW)`,
  );
  return `SELECT row_id, ${shares.join(", ")} FROM (SELECT row_id, ${sums.join(", ")} FROM (
      SELECT row_id, ${keyText(asked(key))} AS key, ${asked(view.requestTime)}::BIGINT AS t, NULL::DOUBLE AS v
        FROM request WHERE ${asked(key)} IS NOT NULL
      UNION ALL
      SELECT NULL, ${keyText(identifier(key))}, ${known}::BIGINT, CASE WHEN ${of}::INTEGER = 1 THEN ${HIT + 1} ELSE 1 END::DOUBLE
        FROM ${rows}
        WHERE ${identifier(key)} IS NOT NULL AND ${known} IS NOT NULL AND ${of} IS NOT NULL)
    WINDOW ${frames.join(", ")} QUALIFY row_id IS NOT NULL)`;
}

/** An entity key as text; an integer that a file keeps as DOUBLE has no ".0", as online. */
function keyText(column: string): string {
  return `CASE WHEN typeof(${column}) IN ('DOUBLE', 'FLOAT') THEN TRY_CAST(TRY_CAST(${column} AS BIGINT) AS VARCHAR)
    ELSE CAST(${column} AS VARCHAR) END`;
}

const DAY = 86_400_000;

function expressionSql(
  expression: RequestExpression,
  rules: ReturnType<typeof rulesByColumn>,
  from: OfflineSources,
): string {
  const column = identifier(`${from.prefix ?? ""}${expression.column}`);
  const msOfDay = `((${column}::BIGINT % ${DAY}) + ${DAY}) % ${DAY}`;
  switch (expression.op) {
    case "column": {
      const own = rules.get(expression.column);
      const value = `TRY_CAST(${column} AS DOUBLE)`;
      return own ? conversionSql(own, value, from.eventTime, from.revision) : value;
    }
    case "hour_of_day":
      return `(${msOfDay}) // 3600000`;
    case "day_of_week":
      // 1970-01-01 was a Thursday, day 3.
      return `((((${column}::BIGINT - ${msOfDay}) // ${DAY} + 3) % 7) + 7) % 7`;
  }
}
