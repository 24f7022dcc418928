import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, emit, listen, readTenant, type Tx, withTenant } from "./client.ts";
import * as schema from "./schema/index.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

test("every table with a team is forced under row level security", async () => {
  const rows = await t.owner.sql<{ relname: string; ok: boolean }[]>`
    select c.relname, c.relrowsecurity and c.relforcerowsecurity as ok from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'team_id'
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`;
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((r) => !r.ok)).toEqual([]);
});

test("a query that forgets its filter sees its own team only", async () => {
  const [a, b] = [await t.newScope(), await t.newScope()];
  const seen = await withTenant(t.db, a.teamId, (tx) => tx.select().from(schema.projects));
  expect(seen.map((p) => p.id)).toEqual([a.projectId]);
  const updated = await withTenant(t.db, a.teamId, (tx) =>
    tx.update(schema.projects).set({ name: "mine now" }).returning({ id: schema.projects.id }),
  );
  expect(updated).toEqual([{ id: a.projectId }]);
  const others = await withTenant(t.db, b.teamId, (tx) => tx.select().from(schema.teams));
  expect(others.map((team) => team.id)).toEqual([b.teamId]);
});

test("without a team nothing is seen, and nothing can be written into another team", async () => {
  const [a, b] = [await t.newScope(), await t.newScope()];
  expect(await t.db.drizzle.select().from(schema.projects)).toEqual([]);
  const smuggle = withTenant(t.db, a.teamId, (tx) =>
    tx.insert(schema.experiments).values({ teamId: b.teamId, projectId: b.projectId, id: "exp_x", name: "x" }),
  );
  await expect(smuggle).rejects.toThrow();
});

test("concurrent transactions of several teams never mix on a shared pool", async () => {
  const scopes = await Promise.all(Array.from({ length: 6 }, () => t.newScope()));
  const work = Array.from({ length: 60 }, (_, i) => scopes[i % scopes.length]).map(async (scope) => {
    if (!scope) throw new Error("unreachable");
    const rows = await withTenant(t.db, scope.teamId, (tx) =>
      tx.select({ id: schema.projects.id }).from(schema.projects),
    );
    expect(rows).toEqual([{ id: scope.projectId }]);
  });
  await Promise.all(work);
});

test("a reading sees its team at one moment, whatever commits meanwhile, and writes nothing", async () => {
  const [a, b] = [await t.newScope(), await t.newScope()];
  const names = (tx: Tx) => tx.select({ name: schema.projects.name }).from(schema.projects);
  const rename = (tx: Tx) => tx.update(schema.projects).set({ name: "renamed" });
  await readTenant(t.db, a.teamId, async (tx) => {
    expect(await names(tx)).toEqual([{ name: "Test project" }]);
    await withTenant(t.db, a.teamId, rename);
    expect(await names(tx)).toEqual([{ name: "Test project" }]);
  });
  expect(await readTenant(t.db, a.teamId, names)).toEqual([{ name: "renamed" }]);
  expect(await readTenant(t.db, b.teamId, names)).toEqual([{ name: "Test project" }]);
  await expect(readTenant(t.db, b.teamId, rename)).rejects.toMatchObject({ cause: { code: "25006" } });
});

test("whoever else has a login on the server sees no team", async () => {
  await t.newScope();
  await t.owner.sql`create role stranger login password 'stranger'`;
  const url = Object.assign(new URL(t.ownerUrl), { username: "stranger", password: "stranger" });
  const stranger = createDatabase(url.toString(), { max: 1 });
  const functions = await t.owner.sql<{ call: string }[]>`
    select format('select %I(%s)', proname, array_to_string(array_fill('null'::text, array[pronargs::int]), ',')) as call
    from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`;
  expect(functions.length).toBeGreaterThan(8);
  for (const call of [...functions.map((one) => one.call), "select * from projects", "select * from users"])
    await expect(stranger.sql.unsafe(call), call).rejects.toMatchObject({ code: "42501" });
  await stranger.close();
});

test("audit events cannot be changed by the application", async () => {
  const scope = await t.newScope();
  await expect(withTenant(t.db, scope.teamId, (tx) => tx.execute(sql`delete from audit_events`))).rejects.toThrow();
});

test("an event wakes its listener when the transaction commits, and never when it rolls back", async () => {
  const scope = await t.newScope();
  const woken: string[] = [];
  const stop = await listen(t.db, "ballast_events", (payload) => woken.push(payload));
  const rolledBack = withTenant(t.db, scope.teamId, async (tx) => {
    await emit(
      tx,
      { ...scope, projectId: "rolled-back" },
      { name: "window.closed", subject: "win_0", summary: "closed" },
    );
    throw new Error("no");
  });
  await expect(rolledBack).rejects.toThrow("no");
  await withTenant(t.db, scope.teamId, (tx) =>
    emit(tx, scope, { name: "window.closed", subject: "win_1", summary: "closed" }),
  );
  await expect.poll(() => woken).toEqual([`${scope.teamId}/${scope.projectId}`]);
  await stop();
});

test("committed + reserved cannot pass a hard limit, whatever the code believes", async () => {
  const scope = await t.newScope();
  const row = {
    ...{ teamId: scope.teamId, projectId: scope.projectId },
    id: "bud_1",
    name: "b",
    currency: "USD",
    hard: true,
    limitMicros: 100,
  };
  await withTenant(t.db, scope.teamId, (tx) => tx.insert(schema.budgets).values(row));
  const overspend = withTenant(t.db, scope.teamId, (tx) =>
    tx.update(schema.budgets).set({ committedMicros: 60, reservedMicros: 41 }),
  );
  await expect(overspend).rejects.toThrow();
});
