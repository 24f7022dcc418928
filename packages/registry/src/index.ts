/** The registry's client-safe surface: models, versions, aliases, lineage. */
import { z } from "zod";

export type { FeatureBinding, ModelSignature, ServingSpec, TensorSpec, VersionLineage } from "@ballast/db";

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "must start with a letter or digit; letters, digits, '.', '_', '-' only");
const digest = z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of a stored file: 64 lower-case hex digits");

/** Aliases that follow a deployment's routes: of a model that is deployed, rollouts alone move them. */
export const ROUTED_ALIASES: readonly string[] = ["champion", "candidate"];
/** As MLflow has it; `latest` and version numbers are refused by the service. */
export const aliasSchema = z.string().regex(/^[\w-]{1,255}$/, "may hold letters, digits, '_' and '-', at most 255");

export const servingSchema = z.strictObject({
  tensor: z.string().min(1).max(200),
  output: z.string().min(1).max(200),
  features: z
    .array(
      z.strictObject({
        input: z.string().min(1).max(200),
        view: z.string().min(1).max(200),
        feature: z.string().min(1).max(200),
      }),
    )
    .min(1, "must name at least one feature")
    .max(2000),
});

export const idSchema = z.string().min(1).max(100);
export const tagsSchema = z.record(z.string().min(1).max(250), z.string().max(100_000));
export const bindServingSchema = z.object({ versionId: idSchema, serving: servingSchema });
/** MLflow's filters plus OR, parentheses and NOT; see `@ballast/db/search`. */
export const searchSchema = z.object({
  filter: z.string().max(10_000).optional(),
  orderBy: z.array(z.string().max(500)).max(20).optional(),
  limit: z.int().min(1).max(1_000).default(100),
  pageToken: z.string().max(10_000).optional(),
});

/** Where a version comes from, as its maker states it; ids are checked, feature views follow from the bindings. */
export const lineageSchema = z
  .strictObject({
    runId: z.string().nullable(),
    trainingJobId: z.string().nullable(),
    datasetVersions: z.array(z.object({ id: z.string(), label: z.string() })).max(100),
    trainedFrom: z.iso.datetime().nullable(),
    trainedTo: z.iso.datetime().nullable(),
    codeVersion: z.string().max(200).nullable(),
  })
  .partial();
export type LineageInput = z.infer<typeof lineageSchema>;

export const registerVersionSchema = z.strictObject({
  modelName: name,
  onnxDigest: digest,
  serving: servingSchema,
  lineage: lineageSchema.default({}),
  /** Held-out metrics: `auc`, `brier`, `brier_skill` (or `base_brier`), … Gates read them. */
  metrics: z.record(z.string().min(1).max(100), z.number()).default({}),
  /** `initial`, `manual`, `policy:<name>`, `pipeline:<name>`. */
  cause: z.string().min(1).max(200).default("manual"),
  description: z.string().max(2000).default(""),
});
export type RegisterVersion = z.infer<typeof registerVersionSchema>;

/**
 * Label of the run output that holds the trainer's own predictions for a few held-out rows: a JSON artifact of
 * {@link paritySampleSchema}, whose digest is the output's id. The parity gate compares ONNX Runtime with it.
 */
export const PARITY_SAMPLE_LABEL = "parity_sample";
/** `features[i]` are row i's inputs in binding order, null for missing; `predictions[i]` what the trainer predicts for it. */
export const paritySampleSchema = z.object({
  features: z.array(z.array(z.number().nullable())).min(1).max(10_000),
  predictions: z.array(z.number()).min(1),
});
export type ParitySample = z.infer<typeof paritySampleSchema>;

export const listModelsSchema = z.object({
  search: z.string().max(100).optional(),
  /** Name of the last model of the page before. */
  after: z.string().max(100).optional(),
  limit: z.int().min(1).max(200).default(50),
});

export interface LineageNode {
  id: string;
  kind: "dataset_version" | "stream" | "feature_view" | "run" | "model_version" | "deployment";
  label: string;
  /** One more line: a row count, a state, a share of traffic. */
  detail: string | null;
}
export interface LineageGraph {
  nodes: LineageNode[];
  edges: { from: string; to: string }[];
}
