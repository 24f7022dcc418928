import { getEventListeners, setMaxListeners } from "node:events";
import { PLATFORM, type Scope } from "@ballast/core";
import { emit, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createToken, revokeToken } from "@ballast/governance/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsAfter, type Told } from "./events-after.ts";
import { admitStream, type Following, followEvents } from "./live.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const happen = (scope: Scope, subject: string) =>
  withTenant(t.db, scope.teamId, (tx) => emit(tx, scope, { name: "window.closed", subject, summary: subject }));

const NEVER = new AbortController().signal;
const follow = (scope: Scope, how: Partial<Following> = {}) =>
  followEvents(t.db, scope, { after: 0, signal: NEVER, ...how });
const subjectsOf = ({ events }: { events: { subject: string }[] }) => events.map(({ subject }) => subject);

/** A transaction that has written its event and commits when told to. */
async function halfDone(scope: Scope, subject: string) {
  let commit: () => void = () => {};
  const told = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const written = Promise.withResolvers<void>();
  const done = withTenant(t.db, scope.teamId, async (tx) => {
    await emit(tx, scope, { name: "window.closed", subject, summary: subject });
    written.resolve();
    await told;
  });
  await written.promise;
  return async () => {
    commit();
    await done;
  };
}

test("a stream tells of events as they happen and ends when its token is revoked", async () => {
  const owner = await t.newScope();
  const { id } = await withTenant(t.db, owner.teamId, (tx) =>
    createToken(tx, owner, { name: "reader", permissions: ["project.read"], expiresInDays: null }),
  );
  const scope: Scope = { ...owner, actor: { type: "token", id, name: "reader", permissions: ["project.read"] } };
  const stream = follow(scope, { recheckMs: 0 });
  await happen(owner, "first");
  expect((await stream.next()).value).toMatchObject({ events: [{ subject: "first" }] });
  const second = stream.next();
  await happen(owner, "second");
  expect((await second).value).toMatchObject({ events: [{ subject: "second" }] });
  await withTenant(t.db, owner.teamId, (tx) => revokeToken(tx, { ...owner, actor: PLATFORM }, id));
  await happen(owner, "third");
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("a stream ends when its reader leaves the team", async () => {
  const owner = await t.newScope();
  await t.owner.sql`insert into memberships (team_id, user_id, role) values (${owner.teamId}, 'usr_reader', 'viewer')`;
  const scope: Scope = { ...owner, actor: { type: "user", id: "usr_reader", name: "Vic", role: "viewer" } };
  const stream = follow(scope, { recheckMs: 0 });
  await happen(owner, "first");
  expect((await stream.next()).value).toMatchObject({ events: [{ subject: "first" }] });
  await t.owner.sql`delete from memberships where user_id = 'usr_reader'`;
  expect((await stream.next()).done).toBe(true);
});

test("a stream ends with its reader's session", async () => {
  const scope = await t.newScope();
  await happen(scope, "first");
  const open = follow(scope, { recheckMs: 0, until: new Date(Date.now() + 3_600_000) });
  expect((await open.next()).done).toBe(false);
  await open.return(undefined);
  expect((await follow(scope, { recheckMs: 0, until: new Date(Date.now() - 1) }).next()).done).toBe(true);
});

test("an event written first and committed last is told, once, also to who comes back in between", async () => {
  const scope = await t.newScope();
  await happen(scope, "before");
  const stream = follow(scope);
  expect(subjectsOf((await stream.next()).value as Told)).toEqual(["before"]);
  const commit = await halfDone(scope, "slow");
  await happen(scope, "quick");
  const quick = (await stream.next()).value as Told;
  expect(subjectsOf(quick)).toEqual(["quick"]);
  const newest = quick.events[0]?.id ?? 0;
  await commit();
  expect(subjectsOf((await stream.next()).value as Told)).toEqual(["slow"]);
  await happen(scope, "last");
  expect(subjectsOf((await stream.next()).value as Told)).toEqual(["last"]);
  for (const after of [quick.resume, newest])
    expect(subjectsOf((await follow(scope, { after }).next()).value as Told)).toContain("slow");
});

test("what nothing can come before any more is neither told again nor remembered", async () => {
  const scope = await t.newScope();
  const read = eventsAfter(scope, 0);
  const next = () => withTenant(t.db, scope.teamId, read);
  for (const subject of ["a", "b"]) await happen(scope, subject);
  const { events, resume } = await next();
  expect([subjectsOf({ events }), resume]).toEqual([["a", "b"], 0]);
  await t.owner.sql`update domain_events set at = at - interval '2 minutes' where project_id = ${scope.projectId}`;
  await happen(scope, "c");
  expect(await next()).toMatchObject({ events: [{ subject: "c" }], resume: events[1]?.id });
  expect(await withTenant(t.db, scope.teamId, eventsAfter(scope, events[1]?.id ?? 0))).toMatchObject({
    events: [{ subject: "c" }],
  });
});

test("a project keeps 200 streams open and no more, and has room again when they end", async () => {
  const [scope, other] = [await t.newScope(), await t.newScope()];
  const readers = new AbortController();
  setMaxListeners(0, readers.signal);
  const open = Array.from({ length: 200 }, () => follow(scope, { signal: readers.signal }));
  const waiting = open.map((stream) => stream.next());
  await expect.poll(() => getEventListeners(readers.signal, "abort").length).toBe(200);
  expect(() => admitStream(scope)).toThrow("200 live streams");
  admitStream(other);
  readers.abort();
  await Promise.all(waiting);
  admitStream(scope);
});

test("a quiet stream leaves nothing behind at its reader's signal", async () => {
  const scope = await t.newScope();
  const reader = new AbortController();
  const stream = follow(scope, { signal: reader.signal });
  for (let i = 0; i < 20; i++) {
    await happen(scope, `event ${i}`);
    await stream.next();
  }
  expect(getEventListeners(reader.signal, "abort")).toHaveLength(1);
  const waiting = stream.next();
  reader.abort();
  expect((await waiting).done).toBe(true);
  expect(getEventListeners(reader.signal, "abort")).toHaveLength(0);
});
