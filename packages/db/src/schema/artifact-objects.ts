import { bigint, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt } from "./columns.ts";

/** Content a team has brought here: who names a digest must own it. The bytes are kept once for all teams. */
export const artifactObjects = pgTable(
  "artifact_objects",
  {
    teamId: text("team_id").notNull(),
    digest: text("digest").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    /** What the scan on arrival said; null for content that is not scanned. */
    scan: jsonb("scan").$type<{ verdict: "clean" | "refused"; kind: string; findings: string[] } | null>(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.digest] })],
);
