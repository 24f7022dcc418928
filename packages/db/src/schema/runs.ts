import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, eventTime, tenant } from "./columns.ts";

/** A thing a run read or made: dataset version, feature view, model version, or a digest. */
export interface RunArtifact {
  kind: "dataset_version" | "feature_view" | "stream" | "model_version" | "artifact";
  id: string;
  /** For people: "flights v1", "2001-02-26 to 2001-03-18". */
  label: string;
  detail?: Record<string, unknown>;
}

/** What was tried. Its metrics are in `metric_series`, its files in `artifact_entries`. */
export const runs = pgTable(
  "runs",
  {
    ...tenant,
    id: text("id").primaryKey(),
    experimentId: text("experiment_id").notNull(),
    name: text("name").notNull(),
    state: text("state").$type<"running" | "scheduled" | "finished" | "failed" | "killed">().notNull(),
    params: jsonb("params").$type<Record<string, string | number | boolean>>().notNull(),
    tags: jsonb("tags").$type<Record<string, string>>().notNull(),
    inputs: jsonb("inputs").$type<RunArtifact[]>().notNull(),
    outputs: jsonb("outputs").$type<RunArtifact[]>().notNull(),
    /** The run it is nested in. */
    parentId: text("parent_id"),
    /** Version of the code that ran; empty where the client did not say. */
    codeVersion: text("code_version").notNull(),
    error: text("error"),
    createdBy: text("created_by").notNull(),
    eventTime: eventTime("event_time"),
    startedAt: at("started_at").notNull().defaultNow(),
    endedAt: at("ended_at"),
    /** In the trash since. */
    deletedAt: at("deleted_at"),
  },
  (t) => [
    index("runs_experiment").on(t.teamId, t.projectId, t.experimentId, t.startedAt, t.id),
    // The newest of a whole project.
    index("runs_started").on(t.teamId, t.projectId, t.startedAt, t.id),
    index("runs_parent").on(t.teamId, t.projectId, t.parentId).where(sql`parent_id is not null`),
    // Which files runs name: few do.
    index("runs_files")
      .using("gin", sql`(outputs || inputs) jsonb_path_ops`)
      .where(sql`outputs <> '[]' or inputs <> '[]'`),
    index("runs_trash").on(t.teamId, t.projectId, t.deletedAt).where(sql`deleted_at is not null`),
  ],
);
