import type {
  ErrorRecord,
  JournalRecord,
  OutcomeRecord,
  PredictionRecord,
  ShadowRecord,
  SourceRowsRecord,
} from "@ballast/artifacts";
import type { SegmentFile } from "@ballast/db";

export type LogColumnType = "BIGINT" | "INTEGER" | "DOUBLE" | "VARCHAR" | "BOOLEAN" | "FLOAT[]";
export interface LogColumn {
  name: string;
  type: LogColumnType;
  values: unknown[];
}
/** A file of the offline log before it is written: what it holds and which times. */
export interface LogTable extends Pick<SegmentFile, "kind" | "source" | "rows" | "minTime" | "maxTime" | "ranges"> {
  columns: LogColumn[];
}

/** Records of one segment are numbered from `sequence` × this, so that "the last journalled" has an order across files. */
const RECORDS_PER_SEGMENT = 1_000_000;
/** Columns of `source_rows` that are the log's own. A pushed column of that name is kept as `pushed_<name>`. */
const RESERVED = new Set(["push", "ordinal"]);
/** 1973-03-03: a smaller integer is a count or a code, not a moment. */
const LEAST_EPOCH_MS = 1e11;

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

function predictionTable(rows: Numbered<PredictionRecord | ErrorRecord>[]): LogTable {
  const of = <T>(answer: (r: PredictionRecord) => T, error: (r: ErrorRecord) => T) =>
    rows.map(({ record }) => (record.k === "p" ? answer(record) : error(record)));
  const requests = rows.map(({ record }) => (record.k === "p" ? record.req : {}));
  const names = new Set(requests.flatMap((request) => Object.keys(request)));
  const columns: LogColumn[] = [
    text(
      "id",
      of(
        (r) => r.id as string | null,
        () => null,
      ),
    ),
    text(
      "request_id",
      of(
        (r) => r.rid,
        (r) => r.rid,
      ),
    ),
    {
      name: "row_index",
      type: "INTEGER",
      values: of(
        (r) => r.row as number | null,
        () => null,
      ),
    },
    integer(
      "t",
      of(
        (r) => r.t,
        (r) => r.t,
      ),
    ),
    integer(
      "at",
      of(
        (r) => r.at,
        (r) => r.at,
      ),
    ),
    text(
      "deployment",
      of(
        (r) => r.dep,
        (r) => r.dep,
      ),
    ),
    text(
      "version",
      of(
        (r) => r.v,
        (r) => r.v,
      ),
    ),
    text(
      "role",
      of(
        (r) => r.role as string,
        (r) => r.role,
      ),
    ),
    {
      name: "conv",
      type: "INTEGER",
      values: of(
        (r) => r.conv as number | null,
        () => null,
      ),
    },
    {
      name: "routing",
      type: "INTEGER",
      values: of(
        (r) => r.rt as number | null,
        () => null,
      ),
    },
    {
      name: "y",
      type: "DOUBLE",
      values: of(
        (r) => r.y as number | null,
        () => null,
      ),
    },
    integer(
      "latency_us",
      of(
        (r) => Math.round(r.us),
        (r) => Math.round(r.us),
      ),
    ),
    text(
      "error",
      of(
        () => null as string | null,
        (r) => r.code,
      ),
    ),
    {
      name: "f",
      type: "FLOAT[]",
      values: of(
        (r) => r.f as (number | null)[] | null,
        () => null,
      ),
    },
    integer(
      "ordinal",
      rows.map((r) => r.ordinal),
    ),
  ];
  const taken = new Set(columns.map((c) => c.name));
  for (const name of names)
    columns.push(
      typed(
        distinctName(`req_${name}`, taken),
        requests.map((request) => request[name] ?? null),
      ),
    );
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

function sourceTable(source: string, pushes: Numbered<SourceRowsRecord>[]): LogTable {
  const push: string[] = [];
  const ordinals: number[] = [];
  const values = new Map<string, unknown[]>();
  for (const { record } of pushes)
    for (const name of Object.keys(record.cols)) if (!values.has(name)) values.set(name, []);
  for (const { record, ordinal } of pushes) {
    for (let i = 0; i < record.n; i++) {
      push.push(record.push);
      ordinals.push(ordinal);
    }
    for (const [name, column] of values) {
      const pushed = record.cols[name];
      for (let i = 0; i < record.n; i++) column.push(pushed?.[i] ?? null);
    }
  }
  const taken = new Set(RESERVED);
  const columns = [...values].map(([name, column]) =>
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

function text(name: string, values: unknown[]): LogColumn {
  return { name, type: "VARCHAR", values };
}
function integer(name: string, values: unknown[]): LogColumn {
  return { name, type: "BIGINT", values };
}

/**
 * A column with the narrowest type that loses nothing: BOOLEAN (also for nothing but nulls, as it widens to anything),
 * BIGINT, DOUBLE, else text. Files may differ in the type of a column; readers unite them by name.
 */
function typed(name: string, values: unknown[]): LogColumn {
  const seen = { boolean: false, integer: false, fraction: false, text: false };
  for (const value of values) {
    if (value === null) continue;
    if (typeof value === "boolean") seen.boolean = true;
    else if (typeof value !== "number") seen.text = true;
    else if (Number.isSafeInteger(value) && !Object.is(value, -0)) seen.integer = true;
    else seen.fraction = true;
  }
  const number = seen.integer || seen.fraction;
  if (seen.text || (seen.boolean && number))
    return text(
      name,
      values.map((value) => (value === null ? null : asText(value))),
    );
  if (!number) return { name, type: "BOOLEAN", values };
  return { name, type: seen.fraction ? "DOUBLE" : "BIGINT", values };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** DuckDB's names ignore case: a second `Date` beside `date` becomes `Date_2`. */
function distinctName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
  taken.add(free.toLowerCase());
  return free;
}

function span(times: readonly (number | null)[]): { minTime: number; maxTime: number } {
  let minTime = Number.POSITIVE_INFINITY;
  let maxTime = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time === null) continue;
    if (time < minTime) minTime = time;
    if (time > maxTime) maxTime = time;
  }
  return { minTime, maxTime };
}
