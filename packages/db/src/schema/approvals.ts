import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** One approver's word on a request. */
export interface ApprovalDecision {
  by: string;
  byId: string;
  approved: boolean;
  reason: string;
  at: string;
}

/** A request that a version may carry a guarded alias. An approved one stands until it is withdrawn. */
export const approvals = pgTable(
  "approvals",
  {
    ...tenant,
    id: text("id").primaryKey(),
    modelId: text("model_id").notNull(),
    alias: text("alias").notNull(),
    versionId: text("version_id").notNull(),
    state: text("state").$type<"pending" | "approved" | "rejected" | "cancelled">().notNull(),
    /** Approvals needed, as the rule said when it was asked for. */
    needed: integer("needed").notNull(),
    reason: text("reason").notNull().default(""),
    decisions: jsonb("decisions").$type<ApprovalDecision[]>().notNull().default([]),
    requestedBy: text("requested_by").notNull(),
    /** The person behind the request, or the program where there is none: who may not approve it. */
    requestedById: text("requested_by_id").notNull(),
    createdAt: createdAt(),
    decidedAt: at("decided_at"),
  },
  (t) => [
    uniqueIndex("approvals_pending")
      .on(t.teamId, t.projectId, t.modelId, t.alias, t.versionId)
      .where(sql`state = 'pending'`),
    index("approvals_model").on(t.teamId, t.projectId, t.modelId, t.id),
  ],
);
