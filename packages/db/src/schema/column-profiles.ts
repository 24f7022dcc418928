import { jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { tenant } from "./columns.ts";

/** A mergeable profile (see `@ballast/statistics`) of one column in one window; window `reference` is the baseline. */
export const columnProfiles = pgTable(
  "column_profiles",
  {
    ...tenant,
    deploymentId: text("deployment_id").notNull(),
    /** A window's id, or `reference`. */
    windowId: text("window_id").notNull(),
    column: text("column_name").notNull(),
    role: text("role").$type<"request" | "feature" | "prediction" | "outcome">().notNull(),
    unit: text("unit"),
    profile: jsonb("profile").$type<Record<string, unknown>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.deploymentId, t.windowId, t.column] })],
);
