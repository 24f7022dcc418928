import { AppError } from "@ballast/core";
import { type SQL, sql } from "drizzle-orm";
import type { Comparison, Filter } from "./filter-syntax.ts";
import type { Comparator } from "./filter-vocabulary.ts";

/** How an attribute is stored. `time` is a timestamptz, compared in whole epoch milliseconds. */
export interface AttributeSql {
  type: "text" | "time" | "number";
  sql: SQL;
  nullable?: boolean;
  /** The stored spelling of a value that was asked for with `=`, `!=`, IN or NOT IN, and the column that holds it. */
  exactly?: { sql: SQL; spelling: (value: string) => string };
}

/** Where a searchable thing keeps what filters ask for. The query must select from the tables that these name. */
export interface SearchTarget {
  attributes: Readonly<Record<string, AttributeSql>>;
  /** jsonb objects of text (or scalars). */
  params?: SQL;
  tags: SQL;
  /** Tags that a thing without them has all the same. */
  impliedTags?: Readonly<Record<string, string>>;
  /** True where the thing has the metric and `holds(value)`. */
  metric?: (key: string, holds: (value: SQL) => SQL) => SQL;
  /** True where some dataset input `holds(name, digest or context)`. */
  dataset?: (key: string, holds: (value: SQL) => SQL) => SQL;
}

/**
 * The filter as one SQL condition without NULLs, every value a parameter. As MLflow has it: what lacks a param, tag or metric matches
 * no comparison with it, `!=` included; a NaN metric matches `!=` alone. NOT turns the truth of what it stands before.
 */
export function filterSql(filter: Filter, target: SearchTarget): SQL {
  switch (filter.op) {
    case "and":
    case "or":
      return sql`(${sql.join(
        filter.items.map((item) => filterSql(item, target)),
        filter.op === "and" ? sql` and ` : sql` or `,
      )})`;
    case "not":
      return sql`(not ${filterSql(filter.item, target)})`;
    case "compare":
      return comparisonSql(filter, target);
  }
}

function comparisonSql(comparison: Comparison, target: SearchTarget): SQL {
  const { family, key, comparator, value } = comparison;
  switch (family) {
    case "attribute":
      return attributeSql(comparison, target);
    case "param":
    case "tag": {
      const stored = family === "tag" ? target.tags : target.params;
      if (!stored) break;
      const implied = family === "tag" ? target.impliedTags?.[key] : undefined;
      const text = sql`(${stored} ->> ${key}::text)`;
      return maybeNull(implied === undefined ? text : sql`coalesce(${text}, ${implied}::text)`, comparator, (it) =>
        textSql(it, comparator, value),
      );
    }
    case "metric":
      if (!target.metric) break;
      if (comparator === "IS NULL") return sql`(not ${target.metric(key, () => sql`true`)})`;
      if (comparator === "IS NOT NULL") return target.metric(key, () => sql`true`);
      return target.metric(key, (stored) => doubleSql(stored, comparator, value as number));
    case "dataset":
      if (!target.dataset) break;
      return target.dataset(key, (stored) => textSql(stored, comparator, value));
  }
  throw new AppError("internal", `a search target without ${family}s was asked for one`);
}

function attributeSql({ key, comparator, value }: Comparison, target: SearchTarget): SQL {
  const attribute = target.attributes[key];
  if (!attribute) throw new AppError("internal", `the search target has no attribute ${key}`);
  const compared = (it: SQL): SQL => {
    if (attribute.type === "time") return timeSql(it, comparator, value as number);
    if (attribute.type === "number") return doubleSql(it, comparator, value as number);
    const { exactly } = attribute;
    if (!exactly || comparator.endsWith("LIKE")) return textSql(it, comparator, value);
    const spelled = Array.isArray(value) ? value.map(exactly.spelling) : exactly.spelling(String(value));
    return textSql(exactly.sql, comparator, spelled);
  };
  return attribute.nullable ? maybeNull(attribute.sql, comparator, compared) : compared(attribute.sql);
}

function maybeNull(stored: SQL, comparator: Comparator, compared: (stored: SQL) => SQL): SQL {
  if (comparator === "IS NULL") return sql`(${stored} is null)`;
  if (comparator === "IS NOT NULL") return sql`(${stored} is not null)`;
  return sql`coalesce(${compared(stored)}, false)`;
}

function textSql(stored: SQL, comparator: Comparator, value: Comparison["value"]): SQL {
  switch (comparator) {
    case "=":
      return sql`(${stored} = ${value}::text)`;
    case "!=":
      return sql`(${stored} <> ${value}::text)`;
    case "LIKE":
      return sql`(${stored} like ${value}::text)`;
    case "ILIKE":
      return sql`(${stored} ilike ${value}::text)`;
    case "IN":
      return sql`(${stored} = any(${arrayLiteral(value as readonly string[])}::text[]))`;
    case "NOT IN":
      return sql`(${stored} <> all(${arrayLiteral(value as readonly string[])}::text[]))`;
    default:
      throw new AppError("internal", `a text was compared with ${comparator}`);
  }
}

const NUMERIC: Partial<Record<Comparator, SQL>> = {
  ...{ "=": sql`=`, "!=": sql`<>`, ">": sql`>`, ">=": sql`>=`, "<": sql`<`, "<=": sql`<=` },
};

function numeric(comparator: Comparator): SQL {
  const operator = NUMERIC[comparator];
  if (!operator) throw new AppError("internal", `a number was compared with ${comparator}`);
  return operator;
}

/** PostgreSQL holds NaN equal to itself and above all numbers; here it is neither, except that `= NaN` finds it. */
function doubleSql(stored: SQL, comparator: Comparator, value: number): SQL {
  const operator = numeric(comparator);
  const ordering = comparator !== "=" && comparator !== "!=";
  if (Number.isNaN(value) && ordering) return sql`false`;
  const holds = sql`${stored} ${operator} ${value}::float8`;
  return comparator.startsWith(">") ? sql`(${holds} and ${stored} < 'NaN'::float8)` : sql`(${holds})`;
}

/** What a JavaScript date can say, which is within what PostgreSQL can. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 8_640_000_000_000_000;

/**
 * Compares a timestamptz in whole milliseconds, as clients see it, by bounds that an index can use: the stored time is `ms` when it is in
 * [ms, ms + 1 ms).
 */
function timeSql(stored: SQL, comparator: Comparator, ms: number): SQL {
  if (Number.isNaN(ms)) return comparator === "!=" ? sql`(${stored} is not null)` : sql`false`;
  const whole = Number.isInteger(ms);
  const from = timestamp(Math.ceil(ms));
  const behind = timestamp(whole ? ms + 1 : Math.ceil(ms));
  switch (comparator) {
    case "=":
      return whole ? sql`(${stored} >= ${from} and ${stored} < ${behind})` : sql`false`;
    case "!=":
      return whole ? sql`(${stored} < ${from} or ${stored} >= ${behind})` : sql`(${stored} is not null)`;
    case ">":
      return sql`(${stored} >= ${behind})`;
    case ">=":
      return sql`(${stored} >= ${from})`;
    case "<":
      return sql`(${stored} < ${from})`;
    case "<=":
      return sql`(${stored} < ${behind})`;
    default:
      throw new AppError("internal", `a time was compared with ${comparator}`);
  }
}

function timestamp(ms: number): SQL {
  if (ms < EARLIEST_MS) return sql`'-infinity'::timestamptz`;
  if (ms > LATEST_MS) return sql`'infinity'::timestamptz`;
  return sql`${new Date(ms).toISOString().replace(/^\+0*/, "")}::timestamptz`;
}

/** A one-dimensional array as PostgreSQL reads it from text: one parameter however many values there are. */
export function arrayLiteral(values: readonly (string | number)[]): string {
  return `{${values.map((value) => `"${String(value).replace(/[\\"]/g, "\\$&")}"`).join(",")}}`;
}
