import { sql } from "drizzle-orm";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

/** An address of somebody else's that is told of a project's events. */
export const webhooks = pgTable(
  "webhooks",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    url: text("url").notNull(),
    /** Names of domain events; `*` for all of them. */
    events: text("events").array().notNull(),
    /** What is sent: a CloudEvent, MLflow's payload, or an OpenLineage run event. */
    format: text("format").$type<"cloudevents" | "mlflow" | "openlineage">().notNull(),
    /** The signing secret, encrypted with the installation's; null where deliveries are not signed. */
    secret: text("secret"),
    state: text("state").$type<"active" | "disabled">().notNull(),
    /** Why the platform itself disabled it; null where a person did. */
    reason: text("reason"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Gone since: its deliveries stay readable, nothing is sent any more. */
    deletedAt: at("deleted_at"),
  },
  (t) => [index("webhooks_active").on(t.teamId, t.projectId).where(sql`state = 'active' and deleted_at is null`)],
);
