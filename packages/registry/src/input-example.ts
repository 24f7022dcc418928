import type { ArtifactStore } from "@ballast/artifacts";
import { isAppError, type Scope } from "@ballast/core";
import { type Database, runs, type Tx, withTenant } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { PARITY_SAMPLE_LABEL, paritySampleSchema } from "./index.ts";
import { findVersion, type ModelVersion } from "./records.ts";
import { fileOfVersion } from "./version-file.ts";

/** What a request to the model looks like. */
export type InputExample =
  /** Rows that the trainer held out, with what it predicted for them. */
  | { kind: "rows"; columns: string[]; rows: (number | null)[][]; predictions: number[]; of: number }
  /** The file that was logged with the model, as it is. */
  | { kind: "file"; path: string; text: string };

/** As MLflow's clients name it: as given, and as it is sent to be served. */
const EXAMPLES = ["input_example.json", "serving_input_example.json"];
const MOST_ROWS = 5;
const MOST_BYTES = 256 * 1024;

async function paritySample(tx: Tx, scope: Scope, version: ModelVersion): Promise<string | null> {
  if (version.lineage.runId === null) return null;
  const [run] = await tx
    .select({ outputs: runs.outputs })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, version.lineage.runId)));
  return run?.outputs.find((output) => output.kind === "artifact" && output.label === PARITY_SAMPLE_LABEL)?.id ?? null;
}

async function readRows(artifacts: ArtifactStore, digest: string, version: ModelVersion): Promise<InputExample | null> {
  const sample = paritySampleSchema.safeParse(JSON.parse((await artifacts.get(digest)).toString("utf8")));
  if (!sample.success) return null;
  const { features, predictions } = sample.data;
  const width = features[0]?.length ?? 0;
  return {
    kind: "rows",
    columns: Array.from({ length: width }, (_, i) => version.serving?.features[i]?.input ?? `input ${i}`),
    rows: features.slice(0, MOST_ROWS),
    predictions: predictions.slice(0, MOST_ROWS),
    of: features.length,
  };
}

/**
 * An example of a version's input: the file that was logged with the model, else rows of the trainer's parity sample. Null where
 * neither was kept, or its bytes are gone. @throws AppError `not_found`
 */
export async function inputExample(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  versionId: string,
): Promise<InputExample | null> {
  const { version, file, sample } = await withTenant(deps.db, scope.teamId, async (tx) => {
    const found = await findVersion(tx, scope, { id: versionId });
    return {
      version: found.version,
      file: await fileOfVersion(tx, scope, found.version, EXAMPLES),
      sample: await paritySample(tx, scope, found.version),
    };
  });
  try {
    if (file !== null && file.sizeBytes <= MOST_BYTES) {
      return { kind: "file", path: file.path, text: (await deps.artifacts.get(file.digest)).toString("utf8") };
    }
    return sample === null ? null : await readRows(deps.artifacts, sample, version);
  } catch (error) {
    if ((isAppError(error) && error.status < 500) || error instanceof SyntaxError) return null;
    throw error;
  }
}
