import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { at, createdAt, tenant } from "./columns.ts";

export const experiments = pgTable(
  "experiments",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    tags: jsonb("tags").$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** In the trash since; its name may be used again. */
    deletedAt: at("deleted_at"),
  },
  (t) => [
    uniqueIndex("experiments_name").on(t.teamId, t.projectId, t.name).where(sql`deleted_at is null`),
    index("experiments_trash").on(t.teamId, t.projectId, t.deletedAt).where(sql`deleted_at is not null`),
  ],
);
