export interface ExampleTable {
  columns: string[];
  rows: (string | number | boolean | null)[][];
}

const isCell = (value: unknown): value is ExampleTable["rows"][number][number] =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

/** An input example in pandas' split form, as MLflow saves data frames; undefined for any other text. */
export function exampleTable(text: string): ExampleTable | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { columns, data } = (found ?? {}) as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || columns.length === 0 || !Array.isArray(data)) return undefined;
  const whole = data.every((row) => Array.isArray(row) && row.length === columns.length && row.every(isCell));
  return whole ? { columns: columns.map(String), rows: data as ExampleTable["rows"] } : undefined;
}
