/** Rows that a preview draws at most. */
export const MOST_ROWS = 200;
const MOST_COLUMNS = 60;

export interface TextTable {
  columns: string[];
  rows: string[][];
  /** Rows that the text holds, those not drawn among them. */
  total: number;
}

/** Comma- or tab-separated values (RFC 4180: quotes, doubled quotes, line breaks within quotes); the first line names the columns. */
export function separatedTable(text: string, separator: "," | "\t", truncated: boolean): TextTable | undefined {
  const lines = separatedLines(text, separator);
  // The end of a text that was cut is no whole line.
  if (truncated) lines.pop();
  const [columns, ...rows] = lines;
  if (!columns || columns.length === 0) return undefined;
  return { columns: columns.slice(0, MOST_COLUMNS), rows: rows.slice(0, MOST_ROWS), total: rows.length };
}

function separatedLines(text: string, separator: string): string[][] {
  const lines: string[][] = [];
  let [line, field, quoted, any]: [string[], string, boolean, boolean] = [[], "", false, false];
  const endLine = (): void => {
    if (any || line.length > 0 || field !== "") lines.push([...line, field]);
    [line, field, any] = [[], "", false];
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] as string;
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"' && field === "") [quoted, any] = [true, true];
    else if (char === separator) {
      line.push(field);
      [field, any] = ["", true];
    } else if (char === "\n") endLine();
    else if (char !== "\r") field += char;
  }
  endLine();
  return lines;
}

const cellText = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** A JSON text that is a table: a list of objects, or MLflow's `{columns, data}`. Undefined for any other. */
export function jsonTable(value: unknown): TextTable | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0 || !value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))) {
      return undefined;
    }
    const rows = value as Record<string, unknown>[];
    const columns = [...new Set(rows.slice(0, MOST_ROWS).flatMap((row) => Object.keys(row)))].slice(0, MOST_COLUMNS);
    return {
      columns,
      rows: rows.slice(0, MOST_ROWS).map((row) => columns.map((column) => cellText(row[column]))),
      total: rows.length,
    };
  }
  if (typeof value !== "object" || value === null || !("columns" in value) || !("data" in value)) return undefined;
  const { columns, data } = value;
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every((row) => Array.isArray(row))) return undefined;
  return {
    columns: columns.slice(0, MOST_COLUMNS).map(cellText),
    rows: data.slice(0, MOST_ROWS).map((row: unknown[]) => row.map(cellText)),
    total: data.length,
  };
}
