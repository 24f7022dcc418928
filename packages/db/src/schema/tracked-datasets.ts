import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** A dataset as a client describes it (`mlflow.log_input`): by name and digest, once per project. */
export const trackedDatasets = pgTable(
  "tracked_datasets",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    digest: text("digest").notNull(),
    sourceType: text("source_type").notNull(),
    source: text("source").notNull(),
    schema: text("schema"),
    profile: text("profile"),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("tracked_datasets_digest").on(t.teamId, t.projectId, t.name, t.digest)],
);
