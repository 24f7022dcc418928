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
    /** Attempts that failed, with the last reason. After too many the event is set aside until a person wants it tried again. */
    failures: jsonb("failures").$type<{ count: number; last: string; setAside?: boolean } | null>(),
  },
  (t) => [
    index("domain_events_scope").on(t.teamId, t.projectId, t.id),
    index("domain_events_time").on(t.teamId, t.projectId, t.eventTime),
    index("domain_events_failed").on(t.teamId, t.projectId, t.id).where(sql`failures is not null`),
    index("domain_events_open").on(t.teamId, t.projectId, t.id).where(sql`handled_at is null`),
  ],
);
