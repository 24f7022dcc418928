import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";

/** A Parquet file a segment became. */
export interface SegmentFile {
  kind: "predictions" | "shadows" | "outcomes" | "source_rows";
  /** Push source, for `source_rows`. */
  source?: string;
  digest: string;
  rows: number;
  /** Event-time range of its rows, epoch ms. */
  minTime: number;
  maxTime: number;
  /** For `source_rows`: least and greatest value of every integer column, so that a reader skips files by any of its times. */
  ranges?: Record<string, [number, number]>;
  /** It may hold predictions of days that were closed when it was compacted. */
  late?: boolean;
}

/** A sealed piece of a gateway's journal; idempotent by its id `<gateway>/<project>/<sequence>`. */
export const journalSegments = pgTable(
  "journal_segments",
  {
    ...tenant,
    id: text("id").primaryKey(),
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    /** Where the gateway left the sealed file. */
    path: text("path").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    records: integer("records").notNull(),
    /** Highest watermark in it, if any. */
    watermark: eventTime("watermark"),
    /** `set_aside` by a person: its rows are given up, so that the stream can go on. */
    state: text("state").$type<"sealed" | "compacted" | "set_aside">().notNull(),
    /** Attempts at compaction that failed, with the last reason. */
    failures: jsonb("failures").$type<{ count: number; last: string } | null>(),
    /** Empty once they are merged into those of a later segment. */
    files: jsonb("files").$type<SegmentFile[]>().notNull().default([]),
    /** Rows in the files, and the least and greatest of all their times, epoch ms; null without files. */
    rows: integer("rows").notNull().default(0),
    firstTime: bigint("first_time", { mode: "number" }),
    lastTime: bigint("last_time", { mode: "number" }),
    createdAt: createdAt(),
    compactedAt: at("compacted_at"),
  },
  (t) => [
    index("journal_segments_scope").on(t.teamId, t.projectId, t.sequence),
    index("journal_segments_sealed").on(t.teamId, t.projectId, t.sequence).where(sql`state = 'sealed'`),
    index("journal_segments_times").on(t.teamId, t.projectId, t.lastTime).where(sql`last_time is not null`),
    // As many rows as `mergeSegments` looks for.
    index("journal_segments_small").on(t.teamId, t.projectId, t.sequence).where(sql`"rows" between 1 and 4095`),
    index("journal_segments_files").using("gin", t.files.op("jsonb_path_ops")),
  ],
);
