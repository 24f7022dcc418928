import { AppError } from "@ballast/core";
import type { modelVersions } from "./schema/index.ts";

type VersionRow = typeof modelVersions.$inferSelect;
type ServingColumn = "digest" | "sizeBytes" | "signature" | "serving";

/** A row of `model_versions`, or a part of it, whose model can be loaded and fed. */
export type Servable<T> = { [K in keyof T]: K extends ServingColumn ? NonNullable<T[K]> : T[K] };

/** True for a version with an ONNX model and bindings of its inputs; others are files of a run that nothing here can run. */
export function isServable<T extends Partial<VersionRow>>(row: T): row is T & Servable<T> {
  return row.digest !== null && row.serving !== null && row.signature !== null && row.sizeBytes !== null;
}

/**
 * The version, known to be servable. The one guard of whatever loads a model or reads its bindings.
 * @throws AppError `precondition_failed` that says what the version lacks and how to add it
 */
export function servableVersion<T extends Partial<VersionRow>>(row: T): Servable<T> {
  if (isServable(row)) return row;
  const which = row.version === undefined ? "The version" : `Version ${row.version}`;
  const lack =
    row.digest === null
      ? "registered from files without an ONNX model; export one and register it as a version of its own to deploy it."
      : "registered from files with an ONNX model, but nothing says which features feed its inputs; bind them to deploy it.";
  throw new AppError("precondition_failed", `versionId: ${which} was ${lack}`, { details: { field: "versionId" } });
}
