import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** How one attempt at a delivery went. */
export interface WebhookAttempt {
  at: string;
  /** HTTP status; null where no answer came. */
  status: number | null;
  ms: number;
  error: string | null;
}

/** One event for one webhook: written in the event's own transaction, sent by the worker until it is accepted or given up. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    ...tenant,
    /** Also the id under which it is signed and sent; the same at every attempt and replay, so that a receiver can tell repeats. */
    id: text("id").primaryKey(),
    webhookId: text("webhook_id").notNull(),
    /** `domain_events.id`; null for a test. */
    eventId: bigint("event_id", { mode: "number" }),
    eventName: text("event_name").notNull(),
    state: text("state").$type<"pending" | "delivered" | "failed">().notNull(),
    /** The body, as it is sent: made at the first attempt, the same bytes ever after. */
    payload: text("payload"),
    /** Attempts since it was made or replayed. */
    attempts: integer("attempts").notNull().default(0),
    /** When it is due; while it is being sent, when that is taken to have died. */
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    /** Of the last attempt: HTTP status, the head of the answer, and what went wrong. */
    responseStatus: integer("response_status"),
    responseBody: text("response_body"),
    error: text("error"),
    /** The last attempts, oldest first. */
    log: jsonb("log").$type<WebhookAttempt[]>().notNull().default([]),
    deliveredAt: at("delivered_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("webhook_deliveries_once").on(t.teamId, t.projectId, t.webhookId, t.eventId),
    index("webhook_deliveries_scope").on(t.teamId, t.projectId, t.webhookId, t.createdAt),
    // Led by time and not by the tenant: the worker asks across teams who has something due (`ballast_due_webhooks`).
    index("webhook_deliveries_due").on(t.nextAttemptAt, t.teamId, t.projectId).where(sql`state = 'pending'`),
    // What is due of one webhook, however much another one has not taken.
    index("webhook_deliveries_next")
      .on(t.teamId, t.projectId, t.webhookId, t.nextAttemptAt)
      .where(sql`state = 'pending'`),
  ],
);
