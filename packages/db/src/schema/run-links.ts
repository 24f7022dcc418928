import { bigint, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** What a run read (a tracked dataset, a logged model) and what it made (a logged model). */
export const runLinks = pgTable(
  "run_links",
  {
    ...tenant,
    runId: text("run_id").notNull(),
    kind: text("kind").$type<"input_dataset" | "input_model" | "output_model">().notNull(),
    /** Id of the tracked dataset or logged model. */
    targetId: text("target_id").notNull(),
    /** Of an output model. */
    step: bigint("step", { mode: "number" }).notNull().default(0),
    tags: jsonb("tags").$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.projectId, t.runId, t.kind, t.targetId] }),
    index("run_links_target").on(t.teamId, t.projectId, t.targetId),
  ],
);
