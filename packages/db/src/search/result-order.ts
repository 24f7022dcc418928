import { createHash } from "node:crypto";
import { AppError } from "@ballast/core";
import { type SQL, sql } from "drizzle-orm";
import { filterError, readColumn } from "./filter-syntax.ts";
import { filterTokens } from "./filter-tokens.ts";
import type { Family, Vocabulary } from "./filter-vocabulary.ts";

/** A column to sort by. */
export interface OrderBy {
  family: Family;
  key: string;
  descending: boolean;
}

const MOST_COLUMNS = 20;

/**
 * Parses an order such as ``metrics.`val loss` DESC``: a column, then ASC (which is the default) or DESC.
 * @throws AppError `invalid_input`; details `{ field: "order_by", position, found, expected }`
 */
export function parseOrder(clause: string, vocabulary: Vocabulary): OrderBy {
  const [column, direction, end] = filterTokens(clause.replaceAll("\0", " "));
  const named = column?.kind === "path" || column?.kind === "backtick" || column?.kind === "text";
  if (!column || !named || column.raw.startsWith("'") || vocabulary.unsortable.includes(column.key)) {
    throw filterError(column?.from ?? 0, `"${clause.slice(0, 60)}"`, `a column of ${vocabulary.entity}`, "order_by");
  }
  const { family, key } = readColumn(column, vocabulary, "order_by");
  if (family === "dataset") throw filterError(column.from, "a dataset", "a column with one value a run", "order_by");
  const word = direction?.raw.toUpperCase() ?? "";
  if (!["", "ASC", "DESC"].includes(word) || (word !== "" && end?.kind !== "end")) {
    const wrong = ["ASC", "DESC"].includes(word) ? end : direction;
    throw filterError(wrong?.from ?? 0, `"${wrong?.raw}"`, "ASC, DESC or the end", "order_by");
  }
  return { family, key, descending: word === "DESC" };
}

/** The columns of several clauses. @throws AppError `invalid_input` for one that is named twice */
export function parseOrders(clauses: readonly string[], vocabulary: Vocabulary): OrderBy[] {
  if (clauses.length > MOST_COLUMNS) {
    throw filterError(0, `${clauses.length} columns`, `at most ${MOST_COLUMNS} columns`, "order_by");
  }
  const orders = clauses.map((clause) => parseOrder(clause, vocabulary));
  orders.forEach((one, i) => {
    if (orders.findIndex((other) => other.family === one.family && other.key === one.key) < i) {
      throw filterError(0, `"${one.key}" again`, "each column once: order_by contains duplicate fields", "order_by");
    }
  });
  return orders;
}

/** One expression that rows are sorted by. It is never null: what can be missing has a rank before it. */
export interface SortTerm {
  sql: SQL;
  type: "int" | "float8" | "text" | "timestamptz" | "bigint";
  descending: boolean;
}

/** Text, time or number that may be missing: what is there first, either way. */
export function sortTerms(stored: SQL, type: SortTerm["type"], descending: boolean, nullable: boolean): SortTerm[] {
  if (!nullable) return [{ sql: stored, type, descending }];
  const filler = { text: "''", timestamptz: "'epoch'", int: "0", bigint: "0", float8: "0" }[type];
  return [
    { sql: sql`(case when ${stored} is null then 1 else 0 end)`, type: "int", descending: false },
    { sql: sql`coalesce(${stored}, ${sql.raw(filler)}::${sql.raw(type)})`, type, descending },
  ];
}

/** A metric: numbers first, then NaN, then those that lack it, either way. */
export function metricSortTerms(stored: SQL, descending: boolean): SortTerm[] {
  const rank = sql`(case when ${stored} is null then 2 when ${stored} = 'NaN'::float8 then 1 else 0 end)`;
  return [
    { sql: rank, type: "int", descending: false },
    { sql: sql`coalesce(${stored}, 0::float8)`, type: "float8", descending },
  ];
}

export const orderSql = (terms: readonly SortTerm[]): SQL =>
  sql.join(
    terms.map((term) => (term.descending ? sql`${term.sql} desc` : sql`${term.sql} asc`)),
    sql`, `,
  );

/** The sort terms as one array of text that loses nothing, to be kept in a token. */
export const positionSql = (terms: readonly SortTerm[]): SQL =>
  sql`array[${sql.join(
    terms.map((term) => sql`(${term.sql})::text`),
    sql`, `,
  )}]`;

/**
 * One page: `id` and `position` (see {@link positionSql}) of the first `limit` rows, in order. The text of a position is made of the rows of
 * the page alone, not of all that were sorted. `from` is what stands behind FROM, joins and WHERE included.
 */
export function pageSql(id: SQL, from: SQL, terms: readonly SortTerm[], limit: number): SQL {
  const columns = terms.map((term, i): SortTerm => ({ ...term, sql: sql.raw(`page.k${i}`) }));
  const sorted = terms.map((term, i) => sql`${term.sql} as ${sql.raw(`k${i}`)}`);
  return sql`select page.id as id, ${positionSql(columns)} as position
    from (select ${id} as id, ${sql.join(sorted, sql`, `)} from ${from} order by ${orderSql(terms)} limit ${limit}) page
    order by ${orderSql(columns)}`;
}

/** Holds for the rows behind `position`, which the last row of a page said of itself. */
export function behindSql(terms: readonly SortTerm[], position: readonly string[]): SQL {
  const value = (i: number): SQL => sql`${position[i]}::${sql.raw((terms[i] as SortTerm).type)}`;
  const behind = (i: number): SQL => {
    const term = terms[i] as SortTerm;
    const further = term.descending ? sql`${term.sql} < ${value(i)}` : sql`${term.sql} > ${value(i)}`;
    if (i === terms.length - 1) return sql`(${further})`;
    return sql`(${further} or (${term.sql} = ${value(i)} and ${behind(i + 1)}))`;
  };
  const [first] = terms;
  if (!first) return sql`true`;
  // Said again on its own, so that an index on the first column starts there.
  const bound = first.descending ? sql`${first.sql} <= ${value(0)}` : sql`${first.sql} >= ${value(0)}`;
  return sql`(${bound} and ${behind(0)})`;
}

const fingerprint = (question: string): string => createHash("sha256").update(question).digest("base64url").slice(0, 8);

/** A page token: where a page ended, and of which question. Opaque to clients. */
export function pageToken(question: string, position: readonly string[]): string {
  return Buffer.from(JSON.stringify({ q: fingerprint(question), p: position })).toString("base64url");
}

/** The position in a token. @throws AppError `invalid_input` for one that is no token, or of a search with another order */
export function readPageToken(token: string, question: string, terms: readonly SortTerm[]): string[] {
  const invalid = (why: string) =>
    new AppError("invalid_input", `Invalid page_token: ${why}. Pass the token of the page before, or none.`, {
      details: { field: "page_token" },
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    throw invalid("it is no token of this server");
  }
  const { q, p } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as { q?: unknown; p?: unknown };
  if (q !== fingerprint(question)) throw invalid("it belongs to a search with another order");
  const wellFormed = Array.isArray(p) && p.length === terms.length && p.every((one, i) => readable(one, terms[i]));
  if (!wellFormed) throw invalid("it is no token of this server");
  return p as string[];
}

/** What PostgreSQL reads as a value of the type: a token that was made up must not reach it. */
const READABLE: Record<SortTerm["type"], (value: string) => boolean> = {
  int: (value) => /^-?\d{1,9}$/.test(value),
  bigint: (value) => /^-?\d{1,18}$/.test(value),
  float8: (value) => /^(?:NaN|-?Infinity)$/.test(value) || isDouble(value),
  timestamptz: (value) => /^-?infinity$/.test(value) || isMoment(value),
  text: (value) => !value.includes("\0"),
};

function isDouble(value: string): boolean {
  const [, mantissa = ""] = /^-?(\d+(?:\.\d+)?)(?:e[+-]?\d{1,3})?$/.exec(value) ?? [];
  const number = Number(value);
  return mantissa !== "" && Number.isFinite(number) && (number !== 0 || !/[1-9]/.test(mantissa));
}

const MOMENT =
  /^(\d{4,6})-(\d\d)-(\d\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::[0-5]\d){0,2}( BC)?$/;
/** Years that PostgreSQL holds, whatever the time zone. */
const [LAST_YEAR, FIRST_YEAR_BC] = [294_000, 4_712];

function isMoment(value: string): boolean {
  const [, year, month, day, before] = MOMENT.exec(value) ?? [];
  if (year === undefined || Number(year) < 1 || Number(year) > (before ? FIRST_YEAR_BC : LAST_YEAR)) return false;
  // The calendar repeats after 400 years.
  const date = new Date(Date.UTC(2_000 + (Number(year) % 400), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function readable(value: unknown, term: SortTerm | undefined): boolean {
  return typeof value === "string" && term !== undefined && READABLE[term.type](value);
}
