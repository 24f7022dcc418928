import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** A model as MLflow 3 logs it: a thing of an experiment with files of its own, before anyone registers it. */
export const loggedModels = pgTable(
  "logged_models",
  {
    ...tenant,
    /** `m-` and 32 hex digits: clients tell it from a registered name by that. */
    id: text("id").primaryKey(),
    experimentId: text("experiment_id").notNull(),
    sourceRunId: text("source_run_id"),
    name: text("name").notNull(),
    modelType: text("model_type").notNull().default(""),
    state: text("state").$type<"pending" | "ready" | "upload_failed">().notNull(),
    params: jsonb("params").$type<Record<string, string>>().notNull().default({}),
    tags: jsonb("tags").$type<Record<string, string>>().notNull().default({}),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    deletedAt: at("deleted_at"),
  },
  (t) => [
    index("logged_models_experiment").on(t.teamId, t.projectId, t.experimentId, t.createdAt),
    index("logged_models_run").on(t.teamId, t.projectId, t.sourceRunId),
  ],
);
