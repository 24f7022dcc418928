import { bigint, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { bytea } from "./columns.ts";

/**
 * A long series at several resolutions, for charts: level 0 has buckets of some 16 points, each further level a quarter as many.
 * A level is cut into parts of a few hundred buckets, so that new points change its last part alone and a zoomed chart reads the parts it shows.
 */
export const metricPyramids = pgTable(
  "metric_pyramids",
  {
    teamId: text("team_id").notNull(),
    /** `metric_series.no`. */
    series: bigint("series", { mode: "number" }).notNull(),
    level: integer("level").notNull(),
    part: integer("part").notNull(),
    /** Steps per bucket, a power of two: a bucket holds the points with the same floor(step / width). */
    width: bigint("width", { mode: "number" }).notNull(),
    buckets: integer("buckets").notNull(),
    /** Points in its buckets. */
    points: bigint("points", { mode: "number" }).notNull(),
    firstStep: bigint("first_step", { mode: "number" }).notNull(),
    lastStep: bigint("last_step", { mode: "number" }).notNull(),
    /** Little-endian float64, column after column: `packBuckets` of the experiments package. Kept out of line and uncompressed. */
    data: bytea("data").notNull(),
  },
  (t) => [primaryKey({ columns: [t.series, t.level, t.part] })],
);
