import { sql } from "drizzle-orm";
import { bigint, bigserial, boolean, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { float8, tenant } from "./columns.ts";

/**
 * A metric of a run: one row per (run, key), kept as points are written, so that a table of runs reads no history.
 * `last` is the point that is greatest by (step, time, value). Least and greatest leave out NaN.
 */
export const metricSeries = pgTable(
  "metric_series",
  {
    ...tenant,
    no: bigserial("no", { mode: "number" }).primaryKey(),
    runId: text("run_id").notNull(),
    key: text("key").notNull(),
    lastStep: bigint("last_step", { mode: "number" }).notNull(),
    /** Epoch ms, as the client logged it. */
    lastAt: bigint("last_at", { mode: "number" }).notNull(),
    last: float8("last").notNull(),
    /** `lastStep` before the newest write: points behind it were new for certain. Null after the first. */
    stepBefore: bigint("step_before", { mode: "number" }),
    /** Null while every value was NaN. */
    least: float8("least"),
    greatest: float8("greatest"),
    firstStep: bigint("first_step", { mode: "number" }).notNull(),
    /** Points received, repeats among them: grows with every write. */
    received: bigint("received", { mode: "number" }).notNull(),
    /** `received` when the pyramid was built, and the greatest step it holds; null before the first. */
    builtReceived: bigint("built_received", { mode: "number" }),
    builtStep: bigint("built_step", { mode: "number" }),
    /** A point at or before `builtStep` came after the pyramid was built. */
    late: boolean("late").notNull().default(false),
    /**
     * The worker's roll-up has something to do. A column, not an index's condition on `received`: PostgreSQL updates a row in place
     * (HOT) only while nothing changes that an index looks at, and every write changes `received`.
     */
    due: boolean("due").generatedAlwaysAs(sql`late or received - coalesce(built_received, 0) >= 2048`),
  },
  (t) => [
    uniqueIndex("metric_series_run").on(t.teamId, t.projectId, t.runId, t.key),
    // Without `last`, so that writing a metric changes no index.
    index("metric_series_key").on(t.teamId, t.projectId, t.key, t.runId),
    // What the worker's roll-up has to do, and nothing else: see `ballast_due_series`.
    index("metric_series_due").on(t.teamId, t.no).where(sql`due`),
  ],
);
