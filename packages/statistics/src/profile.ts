/**
 * What is kept of a column over a window: mergeable, a few hundred bytes.
 *
 * Bins are reference quantiles with infinite ends, so one outlier cannot blind a distance, plus a null cell.
 * Profiles over the same `edges` (numeric) or any categories (categorical) can be added up.
 */
export type ColumnProfile = NumericProfile | CategoricalProfile;

export interface NumericProfile {
  kind: "numeric";
  /** Non-null values. */
  n: number;
  nulls: number;
  /** Inner bin edges, ascending, k of them for k + 1 cells: (-∞, e0], (e0, e1], …, (ek-1, +∞). */
  edges: number[];
  /** Count per cell; length `edges.length + 1`. */
  counts: number[];
  sum: number;
  sumSquares: number;
  min: number | null;
  max: number | null;
}

export interface CategoricalProfile {
  kind: "categorical";
  n: number;
  nulls: number;
  /** Count per category. */
  counts: Record<string, number>;
}
