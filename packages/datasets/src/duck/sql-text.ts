/** A quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * SQL of a column's value as DOUBLE, true and false as 1 and 0; null where it is no number. A file of the log keeps a
 * column as text for the sake of one odd value, and then all its files together are read as text.
 */
export function numberSql(column: string): string {
  const number = `TRY_CAST(${column} AS DOUBLE)`;
  // DuckDB knows a column's type when it plans: one of numbers costs no more than its cast.
  return `CASE WHEN typeof(${column}) <> 'VARCHAR' THEN ${number} WHEN CAST(${column} AS VARCHAR) = 'true' THEN 1
    WHEN CAST(${column} AS VARCHAR) = 'false' THEN 0 ELSE ${number} END`;
}

/** SQL of a column's value as BIGINT, a moment in epoch ms; null where it is none. See {@link numberSql}. */
export function timeSql(column: string): string {
  return `TRY_CAST(${column} AS BIGINT)`;
}

/**
 * A SQL literal. Integers within 2^53 become integers, other numbers doubles with every digit, so that a value read
 * back has the same bits. Arrays become lists.
 */
export function literal(value: string | number | bigint | boolean | null | readonly string[]): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value !== "number") return `[${value.map((item) => literal(item)).join(", ")}]`;
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  return `'${Object.is(value, -0) ? "-0" : String(value)}'::DOUBLE`;
}
