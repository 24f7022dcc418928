import { type ColumnProfile, profileCategorical, profileNumeric, sortedFinite } from "@ballast/statistics";

export type ColumnRole = "request" | "feature" | "prediction" | "outcome";
export type ColumnKind = "numeric" | "categorical";
export type ColumnValues = ArrayLike<number | string | null>;

/** One side of a comparison as the drift tests take it. */
export interface Side {
  profile: ColumnProfile;
  /** Finite values, ascending; numeric columns only. */
  sample?: Float64Array;
}

/**
 * Profile and sample of a column's values. A column known as numeric that arrives as text counts as null, which every distance
 * with a null cell sees; a categorical one takes any value by its string form.
 */
export function observe(kind: ColumnKind, values: ColumnValues, edges: readonly number[]): Side {
  if (kind === "categorical") return { profile: profileCategorical(categories(values)) };
  const numbers = values as ArrayLike<number | null>;
  return { profile: profileNumeric(numbers, edges), sample: sortedFinite(numbers) };
}

/** NaN is how a number column says null; a category it is not. */
function categories(values: ColumnValues): (string | number | null)[] {
  const out = new Array<string | number | null>(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    out[i] = typeof value === "number" && Number.isNaN(value) ? null : value;
  }
  return out;
}
