import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";

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
    /**
     * SHA-256 of the ONNX file in the artifact store, and how it serves. A version that was registered as files of a run or logged
     * model (`source`) has no `serving` until its inputs are bound, and nothing of the four without an ONNX file among them: it
     * cannot be deployed (`servableVersion`).
     */
    digest: text("digest"),
    sizeBytes: integer("size_bytes"),
    signature: jsonb("signature").$type<ModelSignature>(),
    serving: jsonb("serving").$type<ServingSpec>(),
    /**
     * Where its files are, as the client named it, or as the original of a copy has it: `models:/m-…`, `runs:/…/model`,
     * `mlflow-artifacts:/…`; null for ONNX alone.
     */
    source: text("source"),
    /** The logged model it was registered from. */
    loggedModelId: text("logged_model_id"),
    runLink: text("run_link"),
    tags: jsonb("tags").$type<Record<string, string>>().notNull().default({}),
    state: text("state").$type<"pending" | "ready" | "failed">().notNull().default("ready"),
    /** MLflow's deprecated stages: `None`, `Staging`, `Production`, `Archived`. */
    stage: text("stage").notNull().default("None"),
    lineage: jsonb("lineage").$type<VersionLineage>().notNull(),
    /** Held-out metrics at registration: `auc`, `brier`, `latency_us`, … */
    metrics: jsonb("metrics").$type<Record<string, number>>().notNull(),
    /** Why it exists: `initial`, `policy:<name>`, `manual`, `pipeline:<name>`. */
    cause: text("cause").notNull(),
    createdBy: text("created_by").notNull(),
    /** The person who made it, or the program where no person stands behind it; null for versions from before this was kept. */
    createdById: text("created_by_id"),
    eventTime: eventTime("event_time"),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** In the trash since; its number is not used again. */
    deletedAt: at("deleted_at"),
  },
  (t) => [uniqueIndex("model_versions_number").on(t.teamId, t.projectId, t.modelId, t.version)],
);
