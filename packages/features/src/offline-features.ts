import { type ConversionRule, rulesByColumn } from "@ballast/datasets";
import { conversionSql, type DuckSession, identifier, numberSql, timeSql } from "@ballast/datasets/server";
import type { FeatureBinding, FeatureViewDefinition, RequestExpression, TrailingShareView } from "@ballast/db";
import { findFeature } from "./bindings.ts";
import { type StreamRows, trailingShares } from "./trailing-shares.ts";

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

/** Rows of one source by one key: every window over them is counted in one pass. */
interface Stream {
  view: TrailingShareView;
  key: string;
  windowsMs: number[];
}

/** A binding's values: a column of the request's query, or a window of a stream. */
type Output = { column: string } | { stream: number; window: number };

/**
 * The offline half of one definition: `[j][i]` is binding j of the i-th request row in the order of `row_id`, float32, NaN for
 * missing, with the very bits that `compileBindings` serves. DuckDB reads, converts and sorts; the windows are counted by
 * `trailingShares` (its own window functions take five times as long). Holds some 60 bytes per row of a source and of the request.
 * Throws `not_found` as `compileBindings` does.
 */
export async function offlineFeatures(
  session: DuckSession,
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
  from: OfflineSources,
): Promise<Float32Array[]> {
  const rules = rulesByColumn(from.conversions ?? []);
  const streams: Stream[] = [];
  /** SQL of the request's own features, by output column. */
  const expressions = new Map<string, string>();
  const outputs = bindings.map((binding, j): Output => {
    const found = findFeature(views, binding);
    if (found.kind === "trailing_share") return windowOf(streams, found.view, found.feature);
    expressions.set(`x${j}`, `(${expressionSql(found.feature.expression, rules, from)})::FLOAT`);
    return { column: `x${j}` };
  });
  const rows = await readStreams(session, streams, from);
  const asked = await session.read(requestSql(expressions, streams, from));
  const shares = streams.map(({ windowsMs }, s) =>
    trailingShares(rows[s] as StreamRows, { times: asked.numbers(`t${s}`), keys: asked.numbers(`key${s}`) }, windowsMs),
  );
  return outputs.map((output) =>
    "column" in output ? asked.floats(output.column) : (shares[output.stream]?.[output.window] as Float32Array),
  );
}

/** The stream and window of a feature, added where no other feature has it yet. */
function windowOf(
  streams: Stream[],
  view: TrailingShareView,
  { key, windowMs }: TrailingShareView["features"][number],
): Output {
  const known = streams.findIndex(
    (s) =>
      s.key === key &&
      s.view.source === view.source &&
      s.view.knownAt === view.knownAt &&
      s.view.of === view.of &&
      s.view.requestTime === view.requestTime,
  );
  const stream = known >= 0 ? known : streams.push({ view, key, windowsMs: [] }) - 1;
  const { windowsMs } = streams[stream] as Stream;
  const window = windowsMs.indexOf(windowMs);
  return { stream, window: window >= 0 ? window : windowsMs.push(windowMs) - 1 };
}

/** Of each stream its rows; its keys stay behind as a table with their codes, see {@link keysTable}. */
async function readStreams(
  session: DuckSession,
  streams: readonly Stream[],
  from: OfflineSources,
): Promise<StreamRows[]> {
  const result: StreamRows[] = [];
  // A source is read once for all of its streams.
  const bySource = Map.groupBy(streams.keys(), (s) => {
    const { source, knownAt } = (streams[s] as Stream).view;
    return `${source}/${knownAt}`;
  });
  for (const own of bySource.values()) {
    const { view } = streams[own[0] as number] as Stream;
    const known = timeSql(identifier(view.knownAt));
    const columns = own.map((s) => {
      const { key, view } = streams[s] as Stream;
      const of = numberSql(identifier(view.of));
      return `CASE WHEN ${of} IN (0, 1) THEN ${keyText(identifier(key))} END AS key${s},
        CASE WHEN ${of} = 1 THEN 1 ELSE 0 END AS hit${s}`;
    });
    await session.run(`CREATE OR REPLACE TEMP TABLE offline_rows AS SELECT ${known} AS t, ${columns.join(", ")}
      FROM ${from.source(view.source, view.knownAt)} WHERE ${known} IS NOT NULL`);
    for (const s of own)
      await session.run(`CREATE OR REPLACE TEMP TABLE ${keysTable(s)} AS SELECT key, (row_number() OVER () - 1)::INTEGER AS code
        FROM (SELECT DISTINCT key${s} AS key FROM offline_rows WHERE key${s} IS NOT NULL)`);
    const coded = own.map((s) => `${codeOf(s)} AS key${s}, r.hit${s}`);
    const table = await session.read(
      `SELECT r.t, ${coded.join(", ")} FROM offline_rows r ${joinKeys(own, "r")} ORDER BY r.t`,
    );
    await session.run("DROP TABLE offline_rows");
    for (const s of own)
      result[s] = { times: table.numbers("t"), keys: table.numbers(`key${s}`), hits: table.numbers(`hit${s}`) };
  }
  return result;
}

const keysTable = (stream: number) => `offline_keys${stream}`;
const codeOf = (stream: number) => `coalesce(k${stream}.code, -1)`;
const joinKeys = (streams: Iterable<number>, rows: string) =>
  Array.from(streams, (s) => `LEFT JOIN ${keysTable(s)} k${s} ON k${s}.key = ${rows}.key${s}`).join(" ");

/** The request's own features, and key and time of each stream, in the order of `row_id`. */
function requestSql(
  expressions: ReadonlyMap<string, string>,
  streams: readonly Stream[],
  from: OfflineSources,
): string {
  const asked = (column: string) => identifier(`${from.prefix ?? ""}${column}`);
  const inner = ["row_id", ...Array.from(expressions, ([name, sql]) => `${sql} AS ${name}`)];
  const outer = [...expressions.keys()];
  for (const [s, { key, view }] of streams.entries()) {
    inner.push(`${keyText(asked(key))} AS key${s}`, `${timeSql(asked(view.requestTime))} AS t${s}`);
    outer.push(`${codeOf(s)} AS key${s}`, `t${s}`);
  }
  return `SELECT ${outer.join(", ")} FROM (SELECT ${inner.join(", ")} FROM ${from.request}) a
    ${joinKeys(streams.keys(), "a")} ORDER BY row_id`;
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
  const time = timeSql(column);
  const msOfDay = `((${time} % ${DAY}) + ${DAY}) % ${DAY}`;
  switch (expression.op) {
    case "column": {
      const own = rules.get(expression.column);
      return own ? conversionSql(own, column, from.eventTime, from.revision) : numberSql(column);
    }
    case "hour_of_day":
      return `(${msOfDay}) // 3600000`;
    case "day_of_week":
      // 1970-01-01 was a Thursday, day 3.
      return `((((${time} - ${msOfDay}) // ${DAY} + 3) % 7) + 7) % 7`;
  }
}
