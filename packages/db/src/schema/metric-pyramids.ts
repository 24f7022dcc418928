import { bigint, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { bytea } from "./columns.ts";

/**
 * A long series at several resolutions, for charts: level 0 has buckets of some 16 points, each further level a quarter as many.
 * One row per level, so that a chart of a hundred runs reads a hundred rows.
 */
export const metricPyramids = pgTable(
  "metric_pyramids",
  {
    teamId: text("team_id").notNull(),
    /** `metric_series.no`. */
    series: bigint("series", { mode: "number" }).notNull(),
    level: integer("level").notNull(),
    /** Steps per bucket. */
    width: bigint("width", { mode: "number" }).notNull(),
    buckets: integer("buckets").notNull(),
    /** Little-endian float64, column after column: see the experiments package. */
    data: bytea("data").notNull(),
  },
  (t) => [primaryKey({ columns: [t.series, t.level] })],
);
