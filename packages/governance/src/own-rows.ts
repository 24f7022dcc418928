import type { Scope } from "@ballast/core";
import { type SQL, sql } from "drizzle-orm";

/** Condition for the rows of a project in a statement of one table without an alias. */
export const own = ({ teamId, projectId }: Scope): SQL => sql`team_id = ${teamId} and project_id = ${projectId}`;
