import { type SQL, sql } from "drizzle-orm";

/** Text as one parameter of type text[]: a statement of any number of rows stays one prepared statement. */
export function textArray(values: readonly (string | null)[]): SQL {
  let literal = "{";
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (i > 0) literal += ",";
    literal += value === null ? "NULL" : quoted(value);
  }
  return sql`${`${literal}}`}::text::text[]`;
}

/** Integers of at most 2^53 - 1 as one parameter of type bigint[]. */
export function bigintArray(values: readonly number[]): SQL {
  return sql`${`{${values.join(",")}}`}::text::bigint[]`;
}

/** Doubles as one parameter of type float8[]; NaN and ±∞ are kept, null is null. */
export function float8Array(values: readonly (number | null)[]): SQL {
  return sql`${`{${values.map((v) => v ?? "NULL").join(",")}}`}::text::float8[]`;
}

/** Times as one parameter of type timestamptz[]. */
export function timeArray(values: readonly (Date | null)[]): SQL {
  return sql`${`{${values.map((v) => v?.toISOString() ?? "NULL").join(",")}}`}::text::timestamptz[]`;
}

function quoted(value: string): string {
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}
