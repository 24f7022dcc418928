import { AppError, notEpochMs } from "@ballast/core";

/** 400, naming the field. */
export function refuseField(field: string, problem: string): never {
  throw new AppError("invalid_input", `${field} ${problem}.`, { details: { field } });
}

export function readObject(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuseField(field, "must be a JSON object");
  return value as Record<string, unknown>;
}

/** Epoch milliseconds, given as such or as an ISO 8601 time with a zone. */
export function readEventTime(value: unknown, field: string): number {
  const t = typeof value === "string" ? parseIso(value) : value;
  const rule = "integer milliseconds since the epoch, or an ISO 8601 time with its zone";
  if (typeof t !== "number" || !Number.isSafeInteger(t)) refuseField(field, `must be ${rule}`);
  const problem = notEpochMs(t);
  return problem === null ? t : refuseField(field, `${JSON.stringify(value)} ${problem}; send ${rule}`);
}

function parseIso(text: string): number {
  return /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** Wider than any table that serves a model; each becomes a column of the log. */
const MOST_COLUMNS = 1_000;
const MOST_NAME = 256;

/** Columns of one length, at least one row. Values are texts, finite numbers, booleans or null. */
export function readColumns(value: unknown, field: string): { columns: Record<string, Scalar[]>; rows: number } {
  const columns = readObject(value, field);
  const names = Object.keys(columns);
  if (names.length === 0) refuseField(field, "must hold at least one column");
  if (names.length > MOST_COLUMNS) refuseField(field, `holds ${names.length} columns; ${MOST_COLUMNS} are possible`);
  const bad = names.find((name) => !isColumnName(name));
  if (bad !== undefined)
    refuseField(
      field,
      `has a column named ${JSON.stringify(bad.slice(0, 40))}; a name is text of 1 to ${MOST_NAME} characters`,
    );
  let rows = -1;
  for (const name of names) {
    const column = columns[name];
    if (!Array.isArray(column)) refuseField(`${field}.${name}`, "must be an array");
    if (rows === -1) rows = column.length;
    if (column.length !== rows) refuseField(`${field}.${name}`, `has ${column.length} rows, ${names[0]} has ${rows}`);
    column.forEach((element: unknown, i) => {
      const type = typeof element;
      if (
        element === null ||
        type === "string" ||
        type === "boolean" ||
        (type === "number" && Number.isFinite(element))
      )
        return;
      refuseField(`${field}.${name}[${i}]`, "must be a string, a finite number, a boolean or null");
    });
  }
  if (rows === 0) refuseField(field, "must hold at least one row");
  return { columns: columns as Record<string, Scalar[]>, rows };
}

/** A name the log can carry: what was journalled must be readable, or the project's log would stop there. */
function isColumnName(name: string): boolean {
  return name !== "" && name.length <= MOST_NAME && name.isWellFormed() && !name.includes("\u0000");
}

export type Scalar = string | number | boolean | null;
