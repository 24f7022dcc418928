import type { Permission } from "@ballast/core";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt } from "./columns.ts";

/** A program that acts under its own name. Its tokens are its credentials; disabling it refuses all of them. */
export const serviceAccounts = pgTable(
  "service_accounts",
  {
    teamId: text("team_id").notNull(),
    /** The one project it may have tokens in; null for every project of the team. */
    projectId: text("project_id"),
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** The most that any of its tokens may do: a token has what both name. */
    permissions: text("permissions").array().$type<Permission[]>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    disabledAt: at("disabled_at"),
  },
  (t) => [index("service_accounts_team").on(t.teamId, t.name)],
);
