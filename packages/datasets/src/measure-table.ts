import type { DataContract } from "@ballast/db";
import { type ColumnStats, MOST_CATEGORIES, type TableStats } from "./contract.ts";
import type { DuckSession } from "./duck/duck.ts";
import { identifier, literal } from "./duck/sql-text.ts";

export interface RelationColumn {
  name: string;
  databaseType: string;
  type: ColumnStats["type"];
}

/** Columns of a relation with the contract's word for their types. */
export async function describeRelation(session: DuckSession, relation: string): Promise<RelationColumn[]> {
  const rows = await session.all<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map(({ column_name, column_type }) => ({
    name: column_name,
    databaseType: column_type,
    type: contractType(column_type),
  }));
}

/** The contract's word for a DuckDB type. */
export function contractType(databaseType: string): ColumnStats["type"] {
  if (databaseType.endsWith("[]") || /^(STRUCT|MAP|UNION)/.test(databaseType)) return "unsupported";
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(databaseType)) return "integer";
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(databaseType)) return "float";
  if (/^(VARCHAR|ENUM|UUID)/.test(databaseType)) return "string";
  if (/^(TIMESTAMP|DATE$)/.test(databaseType)) return "timestamp";
  return databaseType === "BOOLEAN" ? "boolean" : "unsupported";
}

interface RawStats {
  nulls: number;
  distinct: number;
  min: number | null;
  max: number | null;
  outside: number;
  unknown: number;
  examples: string[];
}

/**
 * Measures a relation in one pass: nulls, extremes and distinct values of every column and, where a contract is given,
 * how many rows break it. `types` overrides the type a column is reported with (a moment kept as an integer).
 */
export async function measureTable(
  session: DuckSession,
  relation: string,
  contract: DataContract | null,
  types: Readonly<Record<string, ColumnStats["type"]>> = {},
): Promise<TableStats> {
  const columns = await describeRelation(session, relation);
  const wanted = new Map(contract?.columns.map((column) => [column.name, column]));
  const parts = columns.map((column, i) => statsSql(column, wanted.get(column.name) ?? null, i));
  const [row] = await session.all<Record<string, unknown>>(
    `SELECT count(*) AS rows${parts.map((part) => `, ${part}`).join("")} FROM ${relation}`,
  );
  const rows = Number(row?.rows ?? 0);
  const stats: ColumnStats[] = [];
  for (const [i, column] of columns.entries()) {
    const raw = row?.[`c${i}`] as RawStats;
    stats.push({
      name: column.name,
      type: types[column.name] ?? column.type,
      databaseType: column.databaseType,
      nulls: Number(raw.nulls),
      distinct: Number(raw.distinct),
      min: raw.min === null ? null : Number(raw.min),
      max: raw.max === null ? null : Number(raw.max),
      categories: await categoriesOf(session, relation, column, Number(raw.distinct), rows),
      outsideRange: Number(raw.outside),
      unknownCategories: Number(raw.unknown),
      unknownExamples: raw.examples,
    });
  }
  return { rows, columns: stats };
}

function statsSql(column: RelationColumn, wanted: DataContract["columns"][number] | null, index: number): string {
  const name = identifier(column.name);
  const numeric = column.type === "integer" || column.type === "float";
  // NaN and infinities are no numbers a contract allows: they count as nulls.
  const present = column.type === "float" ? `isfinite(${name}::DOUBLE)` : `${name} IS NOT NULL`;
  const extreme = (fn: string) => (numeric ? `${fn}(${name}::DOUBLE) FILTER (${present})` : "NULL::DOUBLE");
  const distinct = column.type === "unsupported" ? "0" : `approx_count_distinct(${name})`;
  const range = numeric ? wanted?.range : null;
  const outside = range
    ? `count(*) FILTER (${present} AND (${name} < ${literal(range.min)} OR ${name} > ${literal(range.max)}))`
    : "0";
  const known = column.type === "string" ? wanted?.categories : null;
  const strange = known ? `${name} IS NOT NULL AND ${name}::VARCHAR NOT IN ${inList(known)}` : "false";
  return `{'nulls': count(*) - count(*) FILTER (coalesce(${present}, false)), 'distinct': ${distinct},
    'min': ${extreme("min")}, 'max': ${extreme("max")}, 'outside': ${outside}, 'unknown': count(*) FILTER (${strange}),
    'examples': ${known ? `coalesce((list(DISTINCT left(${name}::VARCHAR, 60)) FILTER (${strange}))[:5], [])` : "[]::VARCHAR[]"}} AS c${index}`;
}

function inList(values: readonly string[]): string {
  return values.length === 0 ? "('')" : `(${values.map((value) => literal(value)).join(", ")})`;
}

async function categoriesOf(
  session: DuckSession,
  relation: string,
  column: RelationColumn,
  distinct: number,
  rows: number,
): Promise<string[] | null> {
  // The estimate may be a few percent off, so it only says where looking is worth it.
  if (column.type !== "string" || distinct > 1.2 * MOST_CATEGORIES) return null;
  const name = identifier(column.name);
  const values = await session.all<{ value: string }>(
    `SELECT DISTINCT ${name}::VARCHAR AS value FROM ${relation} WHERE ${name} IS NOT NULL LIMIT ${MOST_CATEGORIES + 1}`,
  );
  if (values.length === 0 || values.length > MOST_CATEGORIES || rows < 10 * values.length) return null;
  return values.map(({ value }) => value);
}
