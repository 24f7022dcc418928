import { readFileSync, writeFileSync } from "node:fs";
import type { TrainingTable } from "@ballast/plugin-sdk";

/** A table on disk as both sides read it: float32, feature columns first, then the label column. */
export interface TableFile {
  path: string;
  rows: number;
  featureNames: string[];
}

export function writeTable(path: string, table: TrainingTable): TableFile {
  const { rows, featureNames } = table;
  const all = new Float32Array(rows * (featureNames.length + 1));
  [...table.features, table.label].forEach((column, j) => {
    all.set(column, j * rows);
  });
  writeFileSync(path, all);
  return { path, rows, featureNames };
}

export function readTable({ path, rows, featureNames }: TableFile): TrainingTable {
  const bytes = readFileSync(path);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const column = (j: number) => all.subarray(j * rows, (j + 1) * rows);
  return {
    rows,
    featureNames,
    features: featureNames.map((_, j) => column(j)),
    label: column(featureNames.length),
  };
}
