import { boolean, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** What is kept how long. */
export type RetentionSpec =
  /** Things in the trash are deleted for good. */
  | { kind: "trash"; keepDays: number }
  /** Ended runs go to the trash, unless they carry the tag, or a registered version came from them. All experiments when null. */
  | { kind: "runs"; experimentId: string | null; keepDays: number; keepTag: string | null }
  /** Histories of ended runs are thinned to about so many points a metric; first, last, least and greatest stay. */
  | { kind: "metric_history"; experimentId: string | null; keepDays: number; points: number }
  /** Webhook deliveries that are done are forgotten. */
  | { kind: "deliveries"; keepDays: number };

export const retentionRules = pgTable(
  "retention_rules",
  {
    ...tenant,
    id: text("id").primaryKey(),
    spec: jsonb("spec").$type<RetentionSpec>().notNull(),
    /** `metric_history`: runs that ended before this are done; null after a change. */
    appliedTo: at("applied_to"),
    enabled: boolean("enabled").notNull().default(true),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [index("retention_rules_scope").on(t.teamId, t.projectId)],
);
