import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";

/**
 * Requests that one routing revision sent to one version: distinct ones, whatever their rows and retries. Those whose caller named the
 * version are left out: nobody drew lots for them.
 */
export interface AssignedRequests {
  routing: number;
  version: string;
  requests: number;
  /** Of these, with a failed answer. */
  failed: number;
  /** Of these, with an answer slower than the SLO. */
  slow: number;
}

/** Rows of one version that came for a day after that day had been counted. */
export interface LateRows {
  /** UTC day of their event time. */
  day: string;
  version: string;
  served: number;
  shadow: number;
  errors: number;
}

/** Counts of one window; each is a count of distinct things, whatever was delivered twice. */
export interface WindowTally {
  predictions: number;
  errors: number;
  /** Journal rows that repeated an earlier request id. */
  duplicates: number;
  outcomes: number;
  /** Outcomes that repeated a revision, that corrected an earlier one, or that came for no known prediction. */
  outcomeDuplicates: number;
  outcomeCorrections: number;
  outcomeUnknown: number;
  sourceRows: number;
  /** Per model version: rows answered to callers, rows scored in shadow, failed requests with each retry, rows slower than the SLO. */
  versions: Record<string, { served: number; shadow: number; errors: number; overSlo: number }>;
  /** What rollouts compare versions by. Absent in windows that were counted before requests were. */
  assigned?: AssignedRequests[];
  /** What came late for days before the window: in no other count of this one, and charged with it. Absent where nothing did. */
  late?: LateRows[];
  p50Ms: number;
  p99Ms: number;
  /** Served rows recomputed offline, and how many differed in any float32 bit. */
  rowsChecked: number;
  mismatches: number;
  /** Milliseconds the platform took from the window's close to its end of processing. */
  processingMs: number;
}

/** An event-time day of one deployment. */
export const monitorWindows = pgTable(
  "monitor_windows",
  {
    ...tenant,
    id: text("id").primaryKey(),
    deploymentId: text("deployment_id").notNull(),
    from: eventTime("from_time").notNull(),
    to: eventTime("to_time").notNull(),
    state: text("state").$type<"closed" | "processed">().notNull(),
    tally: jsonb("tally").$type<WindowTally>(),
    attempts: integer("attempts").notNull().default(0),
    createdAt: createdAt(),
    processedAt: at("processed_at"),
  },
  (t) => [uniqueIndex("monitor_windows_range").on(t.teamId, t.projectId, t.deploymentId, t.from)],
);
