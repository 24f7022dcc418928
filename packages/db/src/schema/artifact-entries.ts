import { bigint, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** The files of a run or a logged model: a path under its artifact root, and the content it names. */
export const artifactEntries = pgTable(
  "artifact_entries",
  {
    ...tenant,
    /** Id of the run or logged model. */
    ownerId: text("owner_id").notNull(),
    /** Relative to the root, `/` between parts, normalised. */
    path: text("path").notNull(),
    digest: text("digest").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.projectId, t.ownerId, t.path] }),
    index("artifact_entries_digest").on(t.teamId, t.digest),
  ],
);
