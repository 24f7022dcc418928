import { bigint, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { float8, tenant } from "./columns.ts";

/** The newest value of a metric of a logged model, by run and by the dataset it was measured on ("" for none). */
export const loggedModelMetrics = pgTable(
  "logged_model_metrics",
  {
    ...tenant,
    modelId: text("model_id").notNull(),
    runId: text("run_id").notNull(),
    key: text("key").notNull(),
    datasetName: text("dataset_name").notNull().default(""),
    datasetDigest: text("dataset_digest").notNull().default(""),
    step: bigint("step", { mode: "number" }).notNull(),
    at: bigint("at", { mode: "number" }).notNull(),
    value: float8("value").notNull(),
  },
  (t) => [
    primaryKey({
      columns: [t.teamId, t.projectId, t.modelId, t.key, t.datasetName, t.datasetDigest, t.runId],
    }),
  ],
);
