import { integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** An alias of a model that moves only to versions which enough people approved. */
export const approvalRules = pgTable(
  "approval_rules",
  {
    ...tenant,
    modelId: text("model_id").notNull(),
    alias: text("alias").notNull(),
    /** How many different people must approve: at least 1. */
    approvals: integer("approvals").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.modelId, t.alias] })],
);
