export type LogColumnType = "BIGINT" | "INTEGER" | "DOUBLE" | "VARCHAR" | "BOOLEAN" | "FLOAT[]";
/** A column of a file of the offline log, before it is written. */
export interface LogColumn {
  name: string;
  type: LogColumnType;
  values: unknown[];
}

/** Text. */
export function text(name: string, values: unknown[]): LogColumn {
  return { name, type: "VARCHAR", values };
}
/** Integers below 2^53. */
export function integer(name: string, values: unknown[]): LogColumn {
  return { name, type: "BIGINT", values };
}

/**
 * A column with the narrowest type that loses nothing: BOOLEAN (also for nothing but nulls, as it widens to anything),
 * BIGINT, DOUBLE, else text. Files may differ in the type of a column; readers unite them by name.
 */
export function typed(name: string, values: unknown[]): LogColumn {
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
export function distinctName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
  taken.add(free.toLowerCase());
  return free;
}

/** Least and greatest of the values that are there. */
export function span(times: readonly (number | null)[]): { minTime: number; maxTime: number } {
  let minTime = Number.POSITIVE_INFINITY;
  let maxTime = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time === null) continue;
    if (time < minTime) minTime = time;
    if (time > maxTime) maxTime = time;
  }
  return { minTime, maxTime };
}
