import { AppError, notEpochMs } from "@ballast/core";
import type { SourceColumns } from "@ballast/features";
import type { ProjectSnapshot } from "../sync/snapshot.ts";

/**
 * Checks pushed rows against what reads them besides the online store: the moments of views and pipelines must be
 * milliseconds, a pipeline's label a number. What is null or absent is not known yet. Throws `invalid_input` naming column and row.
 */
export function checkPushedColumns(
  { views, pipelines = [] }: Pick<ProjectSnapshot, "views" | "pipelines">,
  source: string,
  columns: SourceColumns,
): void {
  for (const { definition } of views) {
    if (definition.kind === "trailing_share" && definition.source === source)
      checkMoments(columns, definition.knownAt, `feature view "${definition.name}"`);
  }
  for (const { pipeline, label, rowTime, knownAt } of pipelines.filter((reader) => reader.source === source)) {
    const reader = `training pipeline "${pipeline}"`;
    checkMoments(columns, rowTime, reader);
    checkMoments(columns, knownAt, reader);
    present(columns, label, (value) =>
      typeof value === "number" || typeof value === "boolean" ? null : `must be a number for ${reader}`,
    );
  }
}

function checkMoments(columns: SourceColumns, name: string, reader: string): void {
  present(columns, name, (value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      return `must be an integer, milliseconds since the epoch, for ${reader}`;
    const problem = notEpochMs(value);
    return problem === null ? null : `${value} ${problem}; ${reader} reads milliseconds since the epoch`;
  });
}

/** Refuses the first value of a column, if it has one, that `problemOf` finds something wrong with. */
function present(columns: SourceColumns, name: string, problemOf: (value: unknown) => string | null): void {
  const values = Object.hasOwn(columns, name) ? (columns[name] ?? []) : [];
  for (const [row, value] of values.entries()) {
    const problem = value === null ? null : problemOf(value);
    if (problem === null) continue;
    throw new AppError("invalid_input", `Column "${name}", row ${row}: ${problem}.`, {
      details: { field: `df.${name}[${row}]` },
    });
  }
}
