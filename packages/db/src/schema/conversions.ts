import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime, float8, tenant } from "./columns.ts";

/** Whose values arrive in another unit: requests of these deployments (ids), rows pushed to these sources (names). */
export interface ConversionReach {
  deployments: string[];
  sources: string[];
}

/**
 * An accepted conversion at ingestion: rows with event time ≥ `from` arrive in `receivedUnit`; value × factor + offset
 * gives the declared unit. Raw rows stay as they came; every reader applies it.
 */
export const conversions = pgTable(
  "conversions",
  {
    ...tenant,
    id: text("id").primaryKey(),
    /** Grows by one per project; journalled with each prediction, so that the served row can be recomputed exactly. */
    revision: integer("revision").notNull(),
    column: text("column_name").notNull(),
    declaredUnit: text("declared_unit").notNull(),
    receivedUnit: text("received_unit").notNull(),
    factor: float8("factor").notNull(),
    offset: float8("offset_value").notNull(),
    from: eventTime("from_time").notNull(),
    /** Event time at which it was accepted; the served rows before it were computed without it. */
    acceptedAt: eventTime("accepted_at").notNull(),
    /** Null for every deployment and source of the project, as it was for all before their reach was kept. */
    appliesTo: jsonb("applies_to").$type<ConversionReach>(),
    incidentId: text("incident_id").notNull(),
    acceptedBy: text("accepted_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("conversions_revision").on(t.teamId, t.projectId, t.revision)],
);
