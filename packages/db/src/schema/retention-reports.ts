import { bigint, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** One clean-up: what it moved to the trash, deleted, and freed. */
export const retentionReports = pgTable(
  "retention_reports",
  {
    ...tenant,
    id: text("id").primaryKey(),
    /** `schedule`, `manual`, or `purge` of things chosen by a person. */
    cause: text("cause").$type<"schedule" | "manual" | "purge">().notNull(),
    /** `running` only while a worker holds it: a killed worker's is taken up again. */
    state: text("state").$type<"queued" | "running" | "done" | "failed">().notNull(),
    requestedBy: text("requested_by").notNull(),
    /** Things moved to the trash by rules, and deleted for good. */
    trashed: integer("trashed").notNull().default(0),
    purged: integer("purged").notNull().default(0),
    /** Rows deleted, by table. */
    rows: jsonb("rows").$type<Record<string, number>>().notNull().default({}),
    /** Files of the store that nothing names any more, and their bytes. */
    files: integer("files").notNull().default(0),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    /** Files that nothing names either, but too young to be removed yet: a later clean-up frees them. */
    waiting: integer("waiting").notNull().default(0),
    error: text("error"),
    createdAt: createdAt(),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
  },
  (t) => [index("retention_reports_scope").on(t.teamId, t.projectId, t.createdAt)],
);
