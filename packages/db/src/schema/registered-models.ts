import { sql } from "drizzle-orm";
import { jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

export const registeredModels = pgTable(
  "registered_models",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    tags: jsonb("tags").$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** In the trash since; its name may be used again. */
    deletedAt: at("deleted_at"),
  },
  (t) => [uniqueIndex("registered_models_name").on(t.teamId, t.projectId, t.name).where(sql`deleted_at is null`)],
);
