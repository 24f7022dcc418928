import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

export const registeredModels = pgTable(
  "registered_models",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("registered_models_name").on(t.teamId, t.projectId, t.name)],
);
