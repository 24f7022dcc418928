import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt } from "./columns.ts";

/** Who changed what. Written in the transaction of the change; never updated. */
export const auditEvents = pgTable(
  "audit_events",
  {
    teamId: text("team_id").notNull(),
    /** Null for team-wide changes. */
    projectId: text("project_id"),
    id: text("id").primaryKey(),
    actorType: text("actor_type").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    /** `noun.verb`, e.g. `incident.accept_conversion`. */
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    at: createdAt(),
  },
  (t) => [index("audit_events_scope").on(t.teamId, t.projectId, t.at)],
);
