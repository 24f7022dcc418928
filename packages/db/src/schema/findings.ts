import { boolean, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { eventTime, float8, tenant } from "./columns.ts";

/** One drift test's answer on one column of one window. */
export const findings = pgTable(
  "findings",
  {
    ...tenant,
    deploymentId: text("deployment_id").notNull(),
    windowId: text("window_id").notNull(),
    from: eventTime("from_time").notNull(),
    column: text("column_name").notNull(),
    test: text("test").notNull(),
    statistic: text("statistic").notNull(),
    value: float8("value").notNull(),
    /** Limit calibrated on the reference; null where the test has a p-value only. */
    limit: float8("limit_value"),
    pValue: float8("p_value"),
    /** Benjamini–Hochberg q-value over the window's columns. */
    qValue: float8("q_value"),
    nReference: integer("n_reference").notNull(),
    nCurrent: integer("n_current").notNull(),
    drifted: boolean("drifted").notNull(),
    details: jsonb("details").$type<Record<string, unknown>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.deploymentId, t.windowId, t.column, t.test] })],
);
