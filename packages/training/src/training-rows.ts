import type { Scope } from "@ballast/core";
import type { PipelineSpec, RunArtifact } from "@ballast/db";
import type { TrainingTable } from "@ballast/plugin-sdk";
import type { BlockedRange } from "./row-bounds.ts";

/** Rows to train on, in time order, with where they came from. */
export interface TrainingRows extends TrainingTable {
  /** Event time of each row, epoch ms, ascending. */
  time: Float64Array;
  /** Dataset versions, feature views and the stretch of the stream that were read. */
  inputs: RunArtifact[];
}

/** Point-in-time correct rows of a pipeline whose label was known in (from, to]; throws when one lies in a blocked range. */
export type LoadTrainingRows = (
  scope: Scope,
  query: { spec: PipelineSpec; from: Date; to: Date; blockedRanges: BlockedRange[] },
) => Promise<TrainingRows>;

/** Rows [start, end) in buffers of their own, which may be moved to a thread. */
export function sliceRows(rows: TrainingTable, start: number, end: number): TrainingTable {
  return {
    rows: end - start,
    featureNames: rows.featureNames,
    features: rows.features.map((column) => column.slice(start, end)),
    label: rows.label.slice(start, end),
  };
}

/** At most `most` rows spread evenly over the table, row-major with null for missing: what a gate scores again. */
export function sampleRows(
  table: Pick<TrainingTable, "rows" | "features">,
  predictions: Float32Array,
  most: number,
): { features: (number | null)[][]; predictions: number[] } {
  const n = Math.min(most, table.rows);
  const at = Array.from({ length: n }, (_, k) => Math.floor((k * table.rows) / n));
  const cell = (column: Float32Array, i: number) => {
    const value = column[i] as number;
    return Number.isNaN(value) ? null : value;
  };
  return {
    features: at.map((i) => table.features.map((column) => cell(column, i))),
    predictions: at.map((i) => predictions[i] as number),
  };
}
