import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** A value computed from the request row alone. Times are integer epoch milliseconds. */
export type RequestExpression =
  | { op: "column"; column: string }
  /** Hour 0 to 23 of a wall-clock time given as if it were UTC. */
  | { op: "hour_of_day"; column: string }
  /** Day of week of a wall-clock time, Monday 0 to Sunday 6. */
  | { op: "day_of_week"; column: string };

/** Features of the request row, computed on demand. */
export interface RequestFeatureView {
  kind: "request";
  name: string;
  description: string;
  features: { name: string; expression: RequestExpression; unit: string | null }[];
}

/**
 * Trailing shares over a pushed source: for a request at time t with key k, sum(of) / count over source rows with the
 * same key whose `knownAt` lies in (t − window, t]. Null when no row does. Integer sums, one division, float32 last.
 */
export interface TrailingShareView {
  kind: "trailing_share";
  name: string;
  description: string;
  /** Name of the push source. */
  source: string;
  /** Column of the source: the moment a row's outcome was known, epoch ms. */
  knownAt: string;
  /** Column of the request: the moment asked about, epoch ms. */
  requestTime: string;
  /** 0/1 column of the source that is averaged. */
  of: string;
  features: { name: string /** Column in source and request alike. */; key: string; windowMs: number }[];
  /** What an unknown key means: `null` serves a missing value, `error` refuses the request (422). */
  onMissing: "null" | "error";
}
export type FeatureViewDefinition = RequestFeatureView | TrailingShareView;

export const featureViews = pgTable(
  "feature_views",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    definition: jsonb("definition").$type<FeatureViewDefinition>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("feature_views_version").on(t.teamId, t.projectId, t.name, t.version)],
);
