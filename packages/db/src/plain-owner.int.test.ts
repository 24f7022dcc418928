import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database, withTenant } from "./client.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema/index.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

/** A database as hosted services give it away: its owner may create roles, but is no superuser and may not bypass policies. */
let t: TestDatabase;
let ownerUrl: string;
beforeAll(async () => {
  t = await testDatabase();
  await t.owner.sql.unsafe("drop owned by ballast_app cascade");
  await t.owner.sql.unsafe("drop role ballast_app");
  await t.owner.sql.unsafe("create role plain_owner login createrole password 'plain'");
  await t.owner.sql.unsafe("create database hosted owner plain_owner");
  const url = new URL(t.ownerUrl);
  Object.assign(url, { username: "plain_owner", password: "plain", pathname: "/hosted" });
  ownerUrl = url.toString();
});
afterAll(() => t.close());

async function inDatabase(work: (db: Database) => Promise<void>): Promise<void> {
  const { appUrl } = await migrate(ownerUrl, "app password");
  const db = createDatabase(appUrl);
  await work(db).finally(() => db.close());
}

test("teams and projects are found before a tenant is known, at the first start and at the second", async () => {
  await inDatabase(async (db) => {
    await withTenant(db, "team_a", async (tx) => {
      await tx.insert(schema.teams).values({ id: "team_a", slug: "a", name: "A" });
      await tx.insert(schema.projects).values({ id: "prj_a", teamId: "team_a", slug: "p", name: "P" });
      await tx.insert(schema.memberships).values({ teamId: "team_a", userId: "usr_a", role: "admin" });
      const link = { teamId: "team_a", id: "inv_a", hash: "h1", role: "viewer" as const, invitedBy: "Ada" };
      await tx.insert(schema.invitations).values({ ...link, expiresAt: new Date(Date.now() + 60_000) });
    });
  });
  await inDatabase(async (db) => {
    expect(await db.sql`select * from ballast_projects()`).toMatchObject([{ project_id: "prj_a" }]);
    expect(await db.sql`select * from ballast_memberships('usr_a')`).toMatchObject([{ team_slug: "a", role: "admin" }]);
    expect((await db.sql`select ballast_team_slug_taken('a') as taken`)[0]?.taken).toBe(true);
    expect(await db.sql`select * from ballast_invitation('h1')`).toMatchObject([{ team_slug: "a", role: "viewer" }]);
    // The application role still sees nothing by itself.
    expect(await db.drizzle.select().from(schema.projects)).toEqual([]);
    expect(await withTenant(db, "team_b", (tx) => tx.select().from(schema.memberships))).toEqual([]);
  });
});

test("a migration that moves rows finds those of every team, also for such an owner", async () => {
  await t.owner.sql.unsafe("create database older owner plain_owner");
  const url = new URL(ownerUrl);
  url.pathname = "/older";
  // As the first release left it: the first migration, then policies forced on every table.
  const folder = mkdtempSync(path.join(tmpdir(), "ballast-first-migration-"));
  const drizzleFolder = path.join(import.meta.dirname, "..", "..", "..", "drizzle");
  const journal = JSON.parse(readFileSync(path.join(drizzleFolder, "meta", "_journal.json"), "utf8"));
  mkdirSync(path.join(folder, "meta"));
  writeFileSync(
    path.join(folder, "meta", "_journal.json"),
    JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
  );
  cpSync(path.join(drizzleFolder, "0000_schema.sql"), path.join(folder, "0000_schema.sql"));
  const owner = postgres(url.toString(), { max: 1, onnotice: () => {} });
  await runMigrations(drizzle(owner), { migrationsFolder: folder });
  await owner`insert into runs (team_id, project_id, id, experiment_id, name, state, params, metrics, tags, inputs, outputs, code_version, created_by)
    values ('team_a', 'prj_a', 'run_a', 'exp_a', 'r', 'finished', '{}', '{"auc": 0.7}', '{}', '[]', '[]', 'v1', 'Ada')`;
  await owner.unsafe("alter table runs enable row level security; alter table runs force row level security");
  await owner.end();
  const { appUrl } = await migrate(url.toString(), "app password");
  const db = createDatabase(appUrl);
  const series = await withTenant(db, "team_a", (tx) => tx.select().from(schema.metricSeries));
  expect(series).toMatchObject([{ runId: "run_a", key: "auc", last: 0.7 }]);
  expect(await db.drizzle.select().from(schema.metricSeries)).toEqual([]);
  await db.close();
  rmSync(folder, { recursive: true });
});

test("a second installation on the same server leaves the first its role; each keeps its own", async () => {
  const installation = async (name: string, password: string) => {
    const [there] = await t.owner.sql`select 1 from pg_database where datname = ${name}`;
    if (!there) await t.owner.sql.unsafe(`create database ${name} owner plain_owner`);
    const url = new URL(ownerUrl);
    url.pathname = `/${name}`;
    return createDatabase((await migrate(url.toString(), password)).appUrl, { max: 1 });
  };
  const roleOf = async (db: Database) => (await db.sql`select current_user::text as role`)[0]?.role;
  // Those of the tests before have it here.
  const [first, second] = [await installation("first", "one"), await installation("second", "two")];
  const roles = [await roleOf(first), await roleOf(second)];
  expect(new Set(["ballast_app", ...roles]).size).toBe(3);
  await first.close();
  // With a job queue of its own, as the worker makes it, it is the same even when nobody has the plain name any more.
  await second.sql.unsafe("create table pgboss.job (id int)");
  await second.close();
  const firstAgain = await installation("first", "one");
  const secondAgain = await installation("second", "two");
  expect([await roleOf(firstAgain), await roleOf(secondAgain)]).toEqual(roles);
  expect(await secondAgain.sql`select * from pgboss.job`).toEqual([]);
  expect(await secondAgain.sql`select * from ballast_projects()`).toEqual([]);
  await firstAgain.close();
  await secondAgain.close();
  const before = createDatabase((await migrate(ownerUrl, "app password")).appUrl, { max: 1 });
  expect(await roleOf(before)).toBe("ballast_app");
  expect(await before.sql`select * from ballast_projects()`).toMatchObject([{ project_id: "prj_a" }]);
  await before.close();
});
