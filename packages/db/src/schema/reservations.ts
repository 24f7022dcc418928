import { sql } from "drizzle-orm";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, micros, tenant } from "./columns.ts";

/** Money set aside for work that was admitted, or the record of a refusal. */
export const reservations = pgTable(
  "reservations",
  {
    ...tenant,
    id: text("id").primaryKey(),
    budgetId: text("budget_id").notNull(),
    /** The thing it pays for, e.g. a training job's id or an inference lease. */
    subject: text("subject").notNull(),
    state: text("state").$type<"reserved" | "committed" | "released" | "refused">().notNull(),
    /** Worst case set aside (or asked for, when refused), and what it came to. */
    amountMicros: micros("amount_micros").notNull(),
    committedMicros: micros("committed_micros"),
    reason: text("reason"),
    eventTime: eventTime("event_time"),
    createdAt: createdAt(),
    settledAt: at("settled_at"),
  },
  (t) => [
    index("reservations_budget").on(t.teamId, t.projectId, t.budgetId, t.createdAt),
    index("reservations_open").on(t.teamId, t.projectId, t.budgetId).where(sql`state = 'reserved'`),
    index("reservations_refused")
      .on(t.teamId, t.projectId, t.createdAt)
      .where(sql`state = 'refused' and subject not like 'lease:%'`),
  ],
);
