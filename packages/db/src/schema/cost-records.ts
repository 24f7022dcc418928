import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime, float8, micros, tenant } from "./columns.ts";

/** One metered charge; unique per (meter, subject, period), so metering twice charges once. */
export const costRecords = pgTable(
  "cost_records",
  {
    ...tenant,
    id: text("id").primaryKey(),
    budgetId: text("budget_id").notNull(),
    /** `training.Mrow_trees`, `inference.prediction`, `inference.shadow`. */
    meter: text("meter").notNull(),
    quantity: float8("quantity").notNull(),
    rateMicros: float8("rate_micros").notNull(),
    amountMicros: micros("amount_micros").notNull(),
    /** Training job or model version charged. */
    subject: text("subject").notNull(),
    modelVersionId: text("model_version_id"),
    deploymentId: text("deployment_id"),
    /** Event-time period it covers, end exclusive. */
    from: eventTime("from_time").notNull(),
    to: eventTime("to_time").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("cost_records_once").on(t.teamId, t.projectId, t.meter, t.subject, t.from),
    index("cost_records_budget").on(t.teamId, t.projectId, t.budgetId, t.from),
    index("cost_records_version").on(t.teamId, t.projectId, t.modelVersionId),
  ],
);
