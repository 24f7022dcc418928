import type {
  ErrorRecord,
  JournalRecord,
  OutcomeRecord,
  PredictionRecord,
  ShadowRecord,
  SourceRowsRecord,
} from "@ballast/artifacts";
import { LEAST_EPOCH_MS } from "@ballast/core";
import type { SegmentFile } from "@ballast/db";
import { distinctName, integer, type LogColumn, type LogColumnType, span, text, typed } from "./log-columns.ts";

/** A file of the offline log before it is written: what it holds and which times. */
export interface LogTable extends Pick<SegmentFile, "kind" | "source" | "rows" | "minTime" | "maxTime" | "ranges"> {
  columns: LogColumn[];
}

/** Records of one segment are numbered from `sequence` × this, so that "the last journalled" has an order across files. */
const RECORDS_PER_SEGMENT = 1_000_000;
/** Columns of `source_rows` that are the log's own. A pushed column of that name is kept as `pushed_<name>`. */
const RESERVED = new Set(["push", "ordinal"]);

interface Numbered<R> {
  record: R;
  ordinal: number;
}

/** Sorts a segment's records into the tables of the offline log (`docs/architecture.md`). Pure. */
export function segmentTables(records: readonly JournalRecord[], sequence: number): LogTable[] {
  const answers: Numbered<PredictionRecord | ErrorRecord>[] = [];
  const shadows: Numbered<ShadowRecord>[] = [];
  const outcomes: Numbered<OutcomeRecord>[] = [];
  const sources = new Map<string, Numbered<SourceRowsRecord>[]>();
  records.forEach((record, index) => {
    const ordinal = sequence * RECORDS_PER_SEGMENT + index;
    if (record.k === "p" || record.k === "e") answers.push({ record, ordinal });
    else if (record.k === "s") shadows.push({ record, ordinal });
    else if (record.k === "o") outcomes.push({ record, ordinal });
    else if (record.k === "f") {
      const rows = sources.get(record.source);
      if (rows) rows.push({ record, ordinal });
      else sources.set(record.source, [{ record, ordinal }]);
    }
  });
  const tables: LogTable[] = [];
  if (answers.length > 0) tables.push(predictionTable(answers));
  if (shadows.length > 0) tables.push(shadowTable(shadows));
  if (outcomes.length > 0) tables.push(outcomeTable(outcomes));
  for (const [source, rows] of sources) {
    const table = sourceTable(source, rows);
    if (table.rows > 0) tables.push(table);
  }
  return tables;
}

/** Columns of `predictions`; an error has no answer, so it leaves most of them null. */
const ANSWER_COLUMNS: [name: string, type: LogColumnType][] = [
  ["id", "VARCHAR"],
  ["request_id", "VARCHAR"],
  ["row_index", "INTEGER"],
  ["t", "BIGINT"],
  ["at", "BIGINT"],
  ["deployment", "VARCHAR"],
  ["version", "VARCHAR"],
  ["role", "VARCHAR"],
  ["conv", "INTEGER"],
  ["routing", "INTEGER"],
  ["y", "DOUBLE"],
  ["latency_us", "BIGINT"],
  ["error", "VARCHAR"],
  ["f", "FLOAT[]"],
  ["ordinal", "BIGINT"],
];

function answerValues({ record: r, ordinal }: Numbered<PredictionRecord | ErrorRecord>): unknown[] {
  const { t, at, dep, v, role, us } = r;
  if (r.k === "p") return [r.id, r.rid, r.row, t, at, dep, v, role, r.conv, r.rt, r.y, us, null, r.f, ordinal];
  return [null, r.rid, null, t, at, dep, v, role, null, r.rt, null, us, r.code, null, ordinal];
}

function predictionTable(rows: Numbered<PredictionRecord | ErrorRecord>[]): LogTable {
  const requests = rows.map(({ record }) => (record.k === "p" ? record.req : {}));
  const values = rows.map(answerValues);
  const columns = ANSWER_COLUMNS.map(([name, type], i): LogColumn => ({ name, type, values: values.map((v) => v[i]) }));
  const taken = new Set(columns.map((c) => c.name));
  for (const name of new Set(requests.flatMap((request) => Object.keys(request)))) {
    const column = requests.map((request) => request[name] ?? null);
    columns.push(typed(distinctName(`req_${name}`, taken), column));
  }
  return { kind: "predictions", columns, rows: rows.length, ...span(rows.map((r) => r.record.t)) };
}

function shadowTable(rows: Numbered<ShadowRecord>[]): LogTable {
  const columns: LogColumn[] = [
    text(
      "id",
      rows.map((r) => r.record.id),
    ),
    integer(
      "t",
      rows.map((r) => r.record.t),
    ),
    text(
      "deployment",
      rows.map((r) => r.record.dep),
    ),
    text(
      "version",
      rows.map((r) => r.record.v),
    ),
    { name: "y", type: "DOUBLE", values: rows.map((r) => r.record.y) },
    integer(
      "ordinal",
      rows.map((r) => r.ordinal),
    ),
  ];
  return { kind: "shadows", columns, rows: rows.length, ...span(rows.map((r) => r.record.t)) };
}

function outcomeTable(rows: Numbered<OutcomeRecord>[]): LogTable {
  const columns: LogColumn[] = [
    text(
      "id",
      rows.map((r) => r.record.id),
    ),
    { name: "revision", type: "INTEGER", values: rows.map((r) => r.record.rev) },
    { name: "label", type: "DOUBLE", values: rows.map((r) => r.record.label) },
    integer(
      "t",
      rows.map((r) => r.record.t),
    ),
    integer(
      "at",
      rows.map((r) => r.record.at),
    ),
    integer(
      "ordinal",
      rows.map((r) => r.ordinal),
    ),
  ];
  return { kind: "outcomes", columns, rows: rows.length, ...span(rows.map((r) => r.record.t)) };
}

/** One column over all pushes: of each push an array, one value for all its rows, or nothing. */
function stacked<T>(
  pushes: readonly Numbered<SourceRowsRecord>[],
  valuesOf: (push: Numbered<SourceRowsRecord>) => readonly T[] | T | undefined,
): T[] {
  const column: T[] = new Array(pushes.reduce((sum, { record }) => sum + record.n, 0));
  let row = 0;
  for (const push of pushes) {
    const own = valuesOf(push);
    const { n } = push.record;
    if (!Array.isArray(own)) column.fill((own ?? null) as T, row, row + n);
    else for (let i = 0; i < n; i++) column[row + i] = own[i] ?? null;
    row += n;
  }
  return column;
}

function sourceTable(source: string, pushes: Numbered<SourceRowsRecord>[]): LogTable {
  const names = new Set(pushes.flatMap(({ record }) => Object.keys(record.cols)));
  const push = stacked(pushes, ({ record }) => record.push);
  const ordinals = stacked(pushes, ({ ordinal }) => ordinal);
  const values = [...names].map((name): [string, unknown[]] => [
    name,
    stacked(pushes, ({ record }) => record.cols[name]),
  ]);
  const taken = new Set(RESERVED);
  const columns = values.map(([name, column]) =>
    typed(distinctName(RESERVED.has(name.toLowerCase()) ? `pushed_${name}` : name, taken), column),
  );
  const ranges: Record<string, [number, number]> = {};
  for (const { name, type, values: column } of columns) {
    if (type !== "BIGINT") continue;
    const { minTime, maxTime } = span(column as (number | null)[]);
    ranges[name] = [minTime, maxTime];
  }
  const times = Object.values(ranges).filter(([least]) => least >= LEAST_EPOCH_MS);
  return {
    kind: "source_rows",
    source,
    columns: [text("push", push), integer("ordinal", ordinals), ...columns],
    rows: push.length,
    minTime: times.length > 0 ? Math.min(...times.map(([least]) => least)) : 0,
    maxTime: times.length > 0 ? Math.max(...times.map(([, greatest]) => greatest)) : Number.MAX_SAFE_INTEGER,
    ranges,
  };
}
