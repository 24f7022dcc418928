import { bigserial, index, pgTable, text } from "drizzle-orm/pg-core";
import { at, tenant } from "./columns.ts";

/** Every move of an alias, never updated: who was production when. */
export const aliasMoves = pgTable(
  "alias_moves",
  {
    ...tenant,
    id: bigserial("id", { mode: "number" }).primaryKey(),
    modelId: text("model_id").notNull(),
    alias: text("alias").notNull(),
    /** Null where the alias was set for the first time, or again after it was dropped. */
    fromVersionId: text("from_version_id"),
    /** Null where the alias was dropped. */
    toVersionId: text("to_version_id"),
    movedBy: text("moved_by").notNull(),
    /** The approval it rests on; null for an alias without a rule. */
    approvalId: text("approval_id"),
    movedAt: at("moved_at").notNull().defaultNow(),
  },
  (t) => [
    index("alias_moves_model").on(t.teamId, t.projectId, t.modelId, t.id),
    index("alias_moves_to").on(t.teamId, t.projectId, t.toVersionId),
  ],
);
