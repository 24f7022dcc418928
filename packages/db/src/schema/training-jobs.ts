import { index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";

/** One asked-for training: admitted or refused, then run. */
export const trainingJobs = pgTable(
  "training_jobs",
  {
    ...tenant,
    id: text("id").primaryKey(),
    pipelineId: text("pipeline_id").notNull(),
    /** `initial`, `manual`, `policy:<name>`. */
    cause: text("cause").notNull(),
    state: text("state").$type<"queued" | "running" | "succeeded" | "failed" | "refused">().notNull(),
    /** Why it was refused or failed, in words with the numbers. */
    reason: text("reason"),
    /** Rows wanted: event time of the label's being known in (from, to]. */
    from: eventTime("from_time").notNull(),
    to: eventTime("to_time").notNull(),
    /** Overrides of the pipeline's trainer params. */
    params: jsonb("params").$type<Record<string, number | string | boolean>>().notNull(),
    plan: jsonb("plan").$type<{ strategy: "shadow_then_canary" | "canary" | "all_at_once" }>().notNull(),
    progress: jsonb("progress").$type<{ step: string; done: number; total: number } | null>(),
    reservationId: text("reservation_id"),
    runId: text("run_id"),
    versionId: text("version_id"),
    attempts: integer("attempts").notNull().default(0),
    createdBy: text("created_by").notNull(),
    eventTime: eventTime("event_time"),
    createdAt: createdAt(),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
  },
  (t) => [index("training_jobs_scope").on(t.teamId, t.projectId, t.createdAt)],
);
