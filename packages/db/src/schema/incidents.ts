import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";
import type { ConversionReach } from "./conversions.ts";

/** What a person can do about a unit change with one click. */
export interface ConversionProposal {
  column: string;
  declaredUnit: string;
  receivedUnit: string;
  factor: number;
  offset: number;
  /** First event time at which rows fit the converted reference, ISO. */
  from: string;
  /** Who was seen to send it so; missing in incidents of earlier releases. */
  appliesTo?: ConversionReach;
  candidates: { unit: string; factor: number; offset: number; ksD: number }[];
}

export const incidents = pgTable(
  "incidents",
  {
    ...tenant,
    id: text("id").primaryKey(),
    kind: text("kind").$type<"unit_change">().notNull(),
    deploymentId: text("deployment_id").notNull(),
    title: text("title").notNull(),
    state: text("state").$type<"open" | "resolved" | "dismissed">().notNull(),
    /** Events about the same thing fold into one incident by this key. */
    dedupeKey: text("dedupe_key").notNull(),
    evidence: jsonb("evidence").$type<Record<string, unknown>>().notNull(),
    proposal: jsonb("proposal").$type<ConversionProposal>(),
    /** Event times: what it is about since, when it was named, when it was closed. */
    since: eventTime("since").notNull(),
    openedEventTime: eventTime("opened_event_time").notNull(),
    closedEventTime: eventTime("closed_event_time"),
    resolution: text("resolution"),
    resolvedBy: text("resolved_by"),
    createdAt: createdAt(),
    closedAt: at("closed_at"),
  },
  (t) => [index("incidents_scope").on(t.teamId, t.projectId, t.createdAt)],
);
