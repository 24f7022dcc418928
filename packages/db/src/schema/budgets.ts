import { boolean, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, micros, tenant } from "./columns.ts";

/** committed + reserved ≤ limit, always, for a hard budget: kept by a check constraint, not by care. */
export const budgets = pgTable(
  "budgets",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    currency: text("currency").notNull(),
    hard: boolean("hard").notNull(),
    limitMicros: micros("limit_micros").notNull(),
    committedMicros: micros("committed_micros").notNull().default(0),
    reservedMicros: micros("reserved_micros").notNull().default(0),
    /** Sum of its cost records, kept with each of them. What of it is not committed is overage. */
    meteredMicros: micros("metered_micros").notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("budgets_name").on(t.teamId, t.projectId, t.name)],
);
