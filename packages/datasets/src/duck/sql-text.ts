/** A quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
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
