import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

export const experiments = pgTable(
  "experiments",
  { ...tenant, id: text("id").primaryKey(), name: text("name").notNull(), createdAt: createdAt() },
  (t) => [uniqueIndex("experiments_name").on(t.teamId, t.projectId, t.name)],
);
