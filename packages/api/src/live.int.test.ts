import { PLATFORM, type Scope } from "@ballast/core";
import { emit, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createToken, revokeToken } from "@ballast/governance/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followEvents } from "./live.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const happen = (scope: Scope, subject: string) =>
  withTenant(t.db, scope.teamId, (tx) => emit(tx, scope, { name: "window.closed", subject, summary: subject }));

test("a stream tells of events as they happen and ends when its token is revoked", async () => {
  const owner = await t.newScope();
  const { id } = await withTenant(t.db, owner.teamId, (tx) =>
    createToken(tx, owner, { name: "reader", permissions: ["project.read"], expiresInDays: null }),
  );
  const scope: Scope = { ...owner, actor: { type: "token", id, name: "reader", permissions: ["project.read"] } };
  const stream = followEvents(t.db, scope, 0, new AbortController().signal, 0);
  await happen(owner, "first");
  expect((await stream.next()).value).toMatchObject([{ subject: "first" }]);
  const second = stream.next();
  await happen(owner, "second");
  expect((await second).value).toMatchObject([{ subject: "second" }]);
  await withTenant(t.db, owner.teamId, (tx) => revokeToken(tx, { ...owner, actor: PLATFORM }, id));
  await happen(owner, "third");
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("a stream ends when its reader leaves the team", async () => {
  const owner = await t.newScope();
  await t.owner.sql`insert into memberships (team_id, user_id, role) values (${owner.teamId}, 'usr_reader', 'viewer')`;
  const scope: Scope = { ...owner, actor: { type: "user", id: "usr_reader", name: "Vic", role: "viewer" } };
  const stream = followEvents(t.db, scope, 0, new AbortController().signal, 0);
  await happen(owner, "first");
  expect((await stream.next()).value).toHaveLength(1);
  await t.owner.sql`delete from memberships where user_id = 'usr_reader'`;
  expect((await stream.next()).done).toBe(true);
});
