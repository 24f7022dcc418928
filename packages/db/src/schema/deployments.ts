import { integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/**
 * Who answers. `candidate.percent` of assignment keys (sticky, by hash with `salt`) go to the candidate, the rest to the
 * champion. Every version in `shadows` scores a copy; during a canary the arm that did not answer does too, so that
 * quality is always judged on pairs.
 */
export interface RoutingTable {
  champion: string | null;
  candidate: { versionId: string; percent: number } | null;
  shadows: string[];
  salt: string;
}

export const deployments = pgTable(
  "deployments",
  {
    ...tenant,
    id: text("id").primaryKey(),
    /** The endpoint's name: what a caller puts in `/v2/models/{name}/infer`. */
    name: text("name").notNull(),
    modelId: text("model_id").notNull(),
    routing: jsonb("routing").$type<RoutingTable>().notNull(),
    /** Grows by one with each routing change. */
    routingRevision: integer("routing_revision").notNull().default(0),
    /** Latency objective per request at the gateway, milliseconds. */
    sloMs: integer("slo_ms").notNull().default(25),
    /** Longest a request may wait before 504, milliseconds. */
    deadlineMs: integer("deadline_ms").notNull().default(1000),
    /** Request column whose value keeps a caller on one variant; the request id when null. */
    assignmentColumn: text("assignment_column"),
    /** Request column that holds the event time of a prediction, epoch ms; arrival time when null. */
    timeColumn: text("time_column"),
    createdAt: createdAt(),
    routedAt: at("routed_at"),
  },
  (t) => [uniqueIndex("deployments_name").on(t.teamId, t.projectId, t.name)],
);
