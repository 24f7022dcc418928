import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime } from "./columns.ts";

export const projects = pgTable(
  "projects",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id").notNull(),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    /** Event time up to which the project's stream is complete; null before the first watermark. Never moves back. */
    watermark: eventTime("watermark"),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("projects_slug").on(t.teamId, t.slug)],
);
