import { bigint, index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** A file that arrives in pieces. The pieces lie in the artifact store under the upload's id until it is completed or expires. */
export const artifactUploads = pgTable(
  "artifact_uploads",
  {
    ...tenant,
    id: text("id").primaryKey(),
    /** Id of the run or logged model it is for. */
    ownerId: text("owner_id").notNull(),
    path: text("path").notNull(),
    /** `multipart`: numbered parts in any order. `resumable`: one piece after the other, from an offset that the server tells. */
    kind: text("kind").$type<"multipart" | "resumable">().notNull(),
    /** What the sender announced; null where it did not say. */
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    /** What it became: completing it again gives the same answer. */
    digest: text("digest"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [index("artifact_uploads_expiry").on(t.teamId, t.projectId, t.expiresAt)],
);
