import "server-only";
import { requireEnv } from "@ballast/core";
import { createDatabase, type Database } from "@ballast/db";

const holder = globalThis as unknown as { ballastDatabase?: Database };

/** One pool per process, opened at the first request so that a build needs no database. */
export function database(): Database {
  holder.ballastDatabase ??= createDatabase(requireEnv("BALLAST_APP_DATABASE_URL"), { max: 8 });
  return holder.ballastDatabase;
}
