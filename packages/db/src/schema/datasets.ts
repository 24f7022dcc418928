import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

export const datasets = pgTable(
  "datasets",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("datasets_name").on(t.teamId, t.projectId, t.name)],
);
