import { AppError, type Scope } from "@ballast/core";
import { loggedModels, runs, type TensorSpec, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { aliasesOf, findVersion, type ModelVersion, type VersionOfModel } from "./records.ts";

const COMPARED = ["parameters", "metrics", "signature", "serving", "lineage", "files", "tags"] as const;
export type ComparedSection = (typeof COMPARED)[number];
export type ComparedValue = string | number | null;
/** What is compared of one version: values by section and key. */
export type VersionFacts = Record<ComparedSection, Record<string, ComparedValue>>;

export interface ComparedRow {
  section: ComparedSection;
  key: string;
  /** In the order of the versions; null where a version has none. */
  values: ComparedValue[];
}

/**
 * What differs between two or more versions, and how much of each section is the same in all. Pure.
 */
export function differences(facts: readonly VersionFacts[]): {
  rows: ComparedRow[];
  same: Record<ComparedSection, number>;
} {
  const rows: ComparedRow[] = [];
  const same = Object.fromEntries(COMPARED.map((section) => [section, 0])) as Record<ComparedSection, number>;
  for (const section of COMPARED) {
    const keys = [...new Set(facts.flatMap((one) => Object.keys(one[section])))];
    for (const key of keys) {
      const values = facts.map((one) => one[section][key] ?? null);
      if (values.some((value) => value !== values[0])) rows.push({ section, key, values });
      // What none of them has is no likeness.
      else if (values[0] !== null) same[section] += 1;
    }
  }
  return { rows, same };
}

const tensor = ({ datatype, shape }: TensorSpec) => `${datatype} [${shape.join(", ")}]`;

function signatureFacts({ signature }: ModelVersion): Record<string, ComparedValue> {
  if (signature === null) return {};
  return Object.fromEntries([
    ...signature.inputs.map((spec) => [`input ${spec.name}`, tensor(spec)]),
    ...signature.outputs.map((spec) => [`output ${spec.name}`, tensor(spec)]),
  ]);
}

function servingFacts({ serving }: ModelVersion): Record<string, ComparedValue> {
  if (serving === null) return {};
  return {
    "input tensor": serving.tensor,
    "output tensor": serving.output,
    features: serving.features.length,
    ...Object.fromEntries(serving.features.map(({ input, view, feature }) => [input, `${view}.${feature}`])),
    // Two versions can name the same inputs in another order, and then mean other columns of the tensor.
    order: serving.features.map((binding) => binding.input).join(", "),
  };
}

function lineageFacts({
  lineage,
  source,
  loggedModelId,
  cause,
  createdBy,
}: ModelVersion): Record<string, ComparedValue> {
  return {
    run: lineage.runId,
    "training job": lineage.trainingJobId,
    data: lineage.datasetVersions.map((version) => version.label).join(", ") || null,
    "feature views": lineage.featureViews.map((view) => `${view.name} v${view.version}`).join(", ") || null,
    "trained from": lineage.trainedFrom,
    "trained to": lineage.trainedTo,
    code: lineage.codeVersion,
    source,
    "logged model": loggedModelId,
    cause,
    by: createdBy,
  };
}

/** Parameters of the logged model a version was registered from, else of the run that made it. */
export async function paramsOf(tx: Tx, scope: Scope, version: ModelVersion): Promise<Record<string, ComparedValue>> {
  if (version.loggedModelId !== null) {
    const [model] = await tx
      .select({ params: loggedModels.params })
      .from(loggedModels)
      .where(
        and(
          eq(loggedModels.teamId, scope.teamId),
          eq(loggedModels.projectId, scope.projectId),
          eq(loggedModels.id, version.loggedModelId),
        ),
      );
    if (model && Object.keys(model.params).length > 0) return model.params;
  }
  if (version.lineage.runId === null) return {};
  const [run] = await tx
    .select({ params: runs.params })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, version.lineage.runId)));
  const params = Object.entries(run?.params ?? {});
  return Object.fromEntries(params.map(([key, value]) => [key, typeof value === "boolean" ? String(value) : value]));
}

async function factsOf(tx: Tx, scope: Scope, { version }: VersionOfModel): Promise<VersionFacts> {
  return {
    parameters: await paramsOf(tx, scope, version),
    metrics: version.metrics,
    signature: signatureFacts(version),
    serving: servingFacts(version),
    lineage: lineageFacts(version),
    files: { "ONNX file": version.digest, bytes: version.sizeBytes },
    tags: version.tags,
  };
}

const MOST_COMPARED = 20;

/**
 * Two to twenty versions side by side, of one model or of several: only what differs.
 * @throws AppError `invalid_input` for too few, too many or the same twice; `not_found`
 */
export async function compareVersions(tx: Tx, scope: Scope, versionIds: readonly string[]) {
  const ids = [...new Set(versionIds)];
  if (ids.length < 2 || ids.length > MOST_COMPARED) {
    const message = `versionIds: ${ids.length} different versions were named; 2 to ${MOST_COMPARED} can be compared.`;
    throw new AppError("invalid_input", message, { details: { field: "versionIds" } });
  }
  const found: VersionOfModel[] = [];
  for (const id of ids) found.push(await findVersion(tx, scope, { id }));
  const aliases = await aliasesOf(tx, scope, [...new Set(found.map(({ model }) => model.id))]);
  const facts: VersionFacts[] = [];
  for (const one of found) facts.push(await factsOf(tx, scope, one));
  return {
    versions: found.map(({ version, model }) => ({
      id: version.id,
      model: model.name,
      version: version.version,
      stage: version.stage,
      createdAt: version.createdAt,
      createdBy: version.createdBy,
      aliases: aliases.filter((alias) => alias.versionId === version.id).map((alias) => alias.alias),
    })),
    ...differences(facts),
  };
}
