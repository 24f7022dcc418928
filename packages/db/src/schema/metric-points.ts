import { bigint, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { float8 } from "./columns.ts";

/**
 * Every logged point, once: the key is the whole point, so that a repeated batch changes nothing. Narrow rows, partitioned by
 * hash of the series (see the migration).
 */
export const metricPoints = pgTable(
  "metric_points",
  {
    teamId: text("team_id").notNull(),
    /** `metric_series.no`. */
    series: bigint("series", { mode: "number" }).notNull(),
    step: bigint("step", { mode: "number" }).notNull(),
    /** Epoch ms. */
    at: bigint("at", { mode: "number" }).notNull(),
    value: float8("value").notNull(),
  },
  (t) => [primaryKey({ columns: [t.series, t.step, t.at, t.value] })],
);
