import { jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";
import type { FeatureBinding } from "./model-versions.ts";

/** How a model is trained again: where rows come from, which features, which trainer. */
export interface PipelineSpec {
  modelName: string;
  deploymentName: string;
  task: "binary" | "regression";
  /** Dataset and push source that together hold the history. */
  dataset: string;
  source: string;
  /** Label column, row time, and the moment the label was known. */
  label: string;
  rowTime: string;
  knownAt: string;
  features: FeatureBinding[];
  trainer: string;
  params: Record<string, number | string | boolean>;
  /** Share of the newest rows held out: for early stopping, and then for the reported metrics. */
  validationShare: number;
  testShare: number;
}

export const trainingPipelines = pgTable(
  "training_pipelines",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    spec: jsonb("spec").$type<PipelineSpec>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("training_pipelines_name").on(t.teamId, t.projectId, t.name)],
);
