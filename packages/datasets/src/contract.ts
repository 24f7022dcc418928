import { LEAST_EPOCH_MS } from "@ballast/core";
import type { ColumnContract, DataContract, ValidationCheck } from "@ballast/db";

/** What was measured of one column. The last three are counted against a contract's column, else 0 and empty. */
export interface ColumnStats {
  name: string;
  /** `unsupported` for nested values and the like; `databaseType` is DuckDB's own word. */
  type: ColumnContract["type"] | "unsupported";
  databaseType: string;
  nulls: number;
  /** Distinct values, estimated. */
  distinct: number;
  /** Numeric columns without null; null elsewhere. */
  min: number | null;
  max: number | null;
  /** All values of a string column with few of them; null elsewhere. */
  categories: string[] | null;
  outsideRange: number;
  unknownCategories: number;
  unknownExamples: string[];
}
export interface TableStats {
  rows: number;
  columns: ColumnStats[];
}

/** Share of rows that may fall outside a range or carry a category nobody knew: outliers and new airports happen. */
export const TOLERATED_SHARE = 0.001;
/** An inferred range is wider than what was seen by this share of its span, at each end. */
export const RANGE_SLACK = 0.25;
/** An inferred share of nulls is what was seen plus this. */
export const NULL_SLACK = 0.01;
/** A string column with at most this many values, and ten rows for each, is categorical. */
export const MOST_CATEGORIES = 1_000;
/** A later version with less than this share of the first one's rows is taken for a broken export. */
export const LEAST_ROW_SHARE = 0.01;

/**
 * The contract of a first version: types as they are, nulls as many as seen plus {@link NULL_SLACK}, numeric ranges
 * widened by {@link RANGE_SLACK}, categories of strings with few values, units as declared. No range for moments and
 * for integers that number the rows: both grow by nature. Columns of unsupported types are left out.
 */
export function inferContract(stats: TableStats, units: Readonly<Record<string, string>>): DataContract {
  const columns = stats.columns.flatMap((column): ColumnContract[] => {
    if (column.type === "unsupported") return [];
    return [
      {
        name: column.name,
        type: column.type,
        maxNullShare: Math.min(1, Math.round((column.nulls / Math.max(1, stats.rows) + NULL_SLACK) * 1e4) / 1e4),
        range: inferRange(column, stats.rows),
        categories: column.categories === null ? null : [...column.categories].sort(),
        unit: units[column.name] ?? null,
      },
    ];
  });
  return { columns, minRows: Math.max(1, Math.floor(stats.rows * LEAST_ROW_SHARE)) };
}

function inferRange(column: ColumnStats, rows: number): ColumnContract["range"] {
  const { type, min, max } = column;
  if ((type !== "integer" && type !== "float") || min === null || max === null) return null;
  // Moments have no lasting range.
  if (type === "integer" && (min >= LEAST_EPOCH_MS || (rows > 100 && column.distinct > 0.9 * rows))) return null;
  // 0/1 and other flags stay what they are.
  if (type === "integer" && min >= 0 && max <= 1) return { min: 0, max: 1 };
  const slack = RANGE_SLACK * (max - min || Math.abs(max) || 1);
  const low = min >= 0 ? Math.max(0, min - slack) : min - slack;
  return type === "integer" ? { min: Math.floor(low), max: Math.ceil(max + slack) } : { min: low, max: max + slack };
}

/**
 * Holds a table against a contract, one check or more per column, failed ones with what was measured and what was
 * allowed. The table is good if every check passed. Columns that the contract does not know are allowed. Pure.
 */
export function checkContract(
  contract: DataContract,
  stats: TableStats,
  units: Readonly<Record<string, string>> = {},
): ValidationCheck[] {
  const checks: ValidationCheck[] = [
    check(
      null,
      "rows",
      stats.rows >= contract.minRows,
      `${count(stats.rows)} rows; at least ${count(contract.minRows)} are wanted.`,
      0,
    ),
  ];
  const found = new Map(stats.columns.map((column) => [column.name, column]));
  for (const wanted of contract.columns) {
    const column = found.get(wanted.name);
    if (column === undefined) {
      checks.push(
        check(
          wanted.name,
          "presence",
          false,
          `The column is not in the file; the contract wants ${wanted.type}.`,
          stats.rows,
        ),
      );
      continue;
    }
    checks.push(...checkColumn(wanted, column, stats.rows, units[wanted.name]));
  }
  for (const name of Object.keys(units))
    if (!found.has(name))
      checks.push(check(name, "unit", false, `A unit is declared for a column that is not in the file.`, 0));
  return checks;
}

function checkColumn(
  wanted: ColumnContract,
  column: ColumnStats,
  rows: number,
  unit: string | undefined,
): ValidationCheck[] {
  const typeFits = column.type === wanted.type || (column.type === "integer" && wanted.type === "float");
  const checks = [checkType(wanted, column, typeFits, rows)];
  const nullShare = rows === 0 ? 0 : column.nulls / rows;
  checks.push(
    check(
      wanted.name,
      "nulls",
      nullShare <= wanted.maxNullShare,
      `${percent(nullShare)} of rows are null; at most ${percent(wanted.maxNullShare)} is allowed.`,
      column.nulls,
    ),
  );
  if (typeFits && wanted.range)
    checks.push(
      check(
        wanted.name,
        "range",
        tolerated(column.outsideRange, rows),
        `${column.min ?? "no value"} to ${column.max ?? "no value"}; ${count(column.outsideRange)} of ${count(rows)} rows lie outside ` +
          `${wanted.range.min} to ${wanted.range.max}${wanted.unit ? ` ${wanted.unit}` : ""}.`,
        column.outsideRange,
      ),
    );
  if (typeFits && wanted.categories) {
    const examples = column.unknownExamples.length > 0 ? `, e.g. ${column.unknownExamples.join(", ")}` : "";
    checks.push(
      check(
        wanted.name,
        "categories",
        tolerated(column.unknownCategories, rows),
        `${count(column.unknownCategories)} of ${count(rows)} rows carry none of the ${wanted.categories.length} known values${examples}.`,
        column.unknownCategories,
      ),
    );
  }
  if (wanted.unit !== null || unit !== undefined) checks.push(checkUnit(wanted, unit));
  return checks;
}

function checkType(wanted: ColumnContract, column: ColumnStats, fits: boolean, rows: number): ValidationCheck {
  const is = fits
    ? `${column.type}, as wanted.`
    : `${column.type} (${column.databaseType}); the contract wants ${wanted.type}.`;
  return check(wanted.name, "type", fits, is, fits ? 0 : rows);
}

function checkUnit(wanted: ColumnContract, unit: string | undefined): ValidationCheck {
  if (unit === undefined)
    return check(wanted.name, "unit", true, `None declared; the contract's ${wanted.unit} is assumed.`, 0);
  if (wanted.unit === null) return check(wanted.name, "unit", true, `Declared ${unit}; the contract names none.`, 0);
  const same = unit === wanted.unit;
  return check(
    wanted.name,
    "unit",
    same,
    same ? `${unit}, as declared.` : `Declared ${unit}; the contract wants ${wanted.unit}.`,
    0,
  );
}

function check(
  column: string | null,
  kind: ValidationCheck["check"],
  passed: boolean,
  message: string,
  failingRows: number,
): ValidationCheck {
  return { column, check: kind, passed, message, failingRows };
}

function tolerated(failing: number, rows: number): boolean {
  return failing <= TOLERATED_SHARE * rows;
}
function count(n: number): string {
  return n.toLocaleString("en-US");
}
function percent(share: number): string {
  return `${(100 * share).toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
}
