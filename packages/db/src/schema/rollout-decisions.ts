import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, eventTime, float8, tenant } from "./columns.ts";

/** Every decision with the numbers it was made from. */
export const rolloutDecisions = pgTable(
  "rollout_decisions",
  {
    ...tenant,
    id: text("id").primaryKey(),
    rolloutId: text("rollout_id").notNull(),
    /** `start_shadow`, `start_canary`, `advance`, `hold`, `promote`, `refuse`, `roll_back`, `abort`. */
    decision: text("decision").notNull(),
    /** In words: what was decided. */
    summary: text("summary").notNull(),
    inputs: jsonb("inputs").$type<Record<string, number | string>>().notNull(),
    /** The rule that decided, in words. */
    rule: text("rule").notNull(),
    actor: text("actor").notNull(),
    /** Milliseconds from the deciding evidence being in to the routes being changed. */
    decisionMs: float8("decision_ms"),
    eventTime: eventTime("event_time"),
    createdAt: createdAt(),
  },
  (t) => [index("rollout_decisions_rollout").on(t.teamId, t.projectId, t.rolloutId, t.createdAt)],
);
