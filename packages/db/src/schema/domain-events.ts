import type { DomainEventName } from "@ballast/core";
import { sql } from "drizzle-orm";
import { bigserial, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, eventTime, tenant } from "./columns.ts";

/** The outbox: a row in the transaction of the change it tells of, handled at least once in id order per project. */
export const domainEvents = pgTable(
  "domain_events",
  {
    ...tenant,
    id: bigserial("id", { mode: "number" }).primaryKey(),
    name: text("name").$type<DomainEventName>().notNull(),
    subject: text("subject").notNull(),
    summary: text("summary").notNull(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    eventTime: eventTime("event_time"),
    at: at("at").notNull().defaultNow(),
    handledAt: at("handled_at"),
    /** Attempts that failed; with the last reason, so that a poisoned event is seen and not silently retried for ever. */
    failures: jsonb("failures").$type<{ count: number; last: string } | null>(),
  },
  (t) => [
    index("domain_events_scope").on(t.teamId, t.projectId, t.id),
    index("domain_events_open").on(t.teamId, t.projectId, t.id).where(sql`handled_at is null`),
  ],
);
