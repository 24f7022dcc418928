import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Tx, withTenant } from "./client.ts";
import { domainEvents, projects } from "./schema/index.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test("statements of few values stay prepared, also in a savepoint; long lists do not; rows and tenants are as ever", async () => {
  const { teamId, projectId } = await database.newScope();
  const other = await database.newScope();
  const db = createDatabase(database.appUrl, { max: 1, prepare: true });
  const read = (tx: Tx) => tx.select().from(projects).where(eq(projects.id, projectId));
  const event = { teamId, projectId, name: "window.closed" as const, subject: "w", summary: "", data: { n: 1 } };
  for (let i = 0; i < 3; i++) {
    const rows = await withTenant(db, teamId, async (tx) => [...(await read(tx)), ...(await tx.transaction(read))]);
    expect(rows.map((row) => row.id)).toEqual([projectId, projectId]);
    await withTenant(db, teamId, (tx) => tx.insert(domainEvents).values(Array.from({ length: 20 }, () => event)));
  }
  expect(await withTenant(db, other.teamId, read)).toEqual([]);
  const stored = await withTenant(db, teamId, (tx) => tx.select({ data: domainEvents.data }).from(domainEvents));
  expect(stored).toHaveLength(60);
  expect(stored[0]).toEqual({ data: { n: 1 } });
  const prepared = await db.drizzle.execute<{ statement: string }>(sql`select statement from pg_prepared_statements`);
  const of = (text: string) => prepared.filter(({ statement }) => statement.includes(text));
  expect(of('from "projects"')).toHaveLength(1);
  expect(of("insert into")).toHaveLength(0);
  await db.close();
});
