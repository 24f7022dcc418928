import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { secure } from "./security.ts";

const MIGRATIONS = path.join(import.meta.dirname, "..", "..", "..", "drizzle");
/** Any constant: two processes that migrate at once take turns. */
const MIGRATION_LOCK = 7_251_993;

/**
 * Row Level Security is forced on an owner who is no superuser, too: a migration that moves rows would find none, and drop what it was to
 * move. {@link secure} forces it again; the application role owns nothing and stays bound all the while.
 */
const SEE_ROWS = `
do $$
declare t regclass;
begin
  for t in
    select c.oid::regclass from pg_class c
    where c.relforcerowsecurity and c.relnamespace = 'public'::regnamespace
      and c.relowner = (select oid from pg_roles where rolname = current_user)
  loop
    execute format('alter table %s no force row level security', t);
  end loop;
end $$;
`;

/** Brings the database to the current schema, then roles, policies and functions. `ownerUrl` must own the database. */
export async function migrate(ownerUrl: string, appPassword: string): Promise<{ appUrl: string }> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await sql.unsafe(SEE_ROWS);
    await runMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS });
    const role = await secure(sql, appPassword);
    await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`;
    return { appUrl: urlOfRole(ownerUrl, role, appPassword) };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The owner's URL with another role in it. */
function urlOfRole(ownerUrl: string, role: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = password;
  return url.toString();
}
