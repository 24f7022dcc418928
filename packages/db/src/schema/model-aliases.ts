import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at, tenant } from "./columns.ts";

/** A movable name for a version: `champion`, `candidate`. */
export const modelAliases = pgTable(
  "model_aliases",
  {
    ...tenant,
    modelId: text("model_id").notNull(),
    alias: text("alias").notNull(),
    versionId: text("version_id").notNull(),
    movedBy: text("moved_by").notNull(),
    movedAt: at("moved_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.modelId, t.alias] })],
);
