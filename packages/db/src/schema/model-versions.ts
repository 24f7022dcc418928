import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime, tenant } from "./columns.ts";

/** A tensor as the Open Inference Protocol names it; −1 is a free dimension. */
export interface TensorSpec {
  name: string;
  datatype: string;
  shape: number[];
}
export interface ModelSignature {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}
/** Where the k-th element of the model's input tensor comes from when it serves. */
export interface FeatureBinding {
  /** The name the model was trained with. */
  input: string;
  view: string;
  feature: string;
}
export interface ServingSpec {
  /** Input tensor the features are written to, float32 [n, features.length]. */
  tensor: string;
  /** Output tensor that holds the prediction. */
  output: string;
  features: FeatureBinding[];
}
export interface VersionLineage {
  runId: string | null;
  trainingJobId: string | null;
  datasetVersions: { id: string; label: string }[];
  featureViews: { id: string; name: string; version: number }[];
  /** Event-time range of the rows it was trained on. */
  trainedFrom: string | null;
  trainedTo: string | null;
  codeVersion: string | null;
}

export const modelVersions = pgTable(
  "model_versions",
  {
    ...tenant,
    id: text("id").primaryKey(),
    modelId: text("model_id").notNull(),
    version: integer("version").notNull(),
    description: text("description").notNull().default(""),
    /** SHA-256 of the ONNX file in the artifact store. */
    digest: text("digest").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    signature: jsonb("signature").$type<ModelSignature>().notNull(),
    serving: jsonb("serving").$type<ServingSpec>().notNull(),
    lineage: jsonb("lineage").$type<VersionLineage>().notNull(),
    /** Held-out metrics at registration: `auc`, `brier`, `latency_us`, … */
    metrics: jsonb("metrics").$type<Record<string, number>>().notNull(),
    /** Why it exists: `initial`, `policy:<name>`, `manual`, `pipeline:<name>`. */
    cause: text("cause").notNull(),
    createdBy: text("created_by").notNull(),
    eventTime: eventTime("event_time"),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("model_versions_number").on(t.teamId, t.projectId, t.modelId, t.version)],
);
