import type { Scope } from "@ballast/core";
import { domainEvents, emit, journalSegments, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listStuckWork, retryEvent, setSegmentAside } from "./stuck-work.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const inTenant = <T>(scope: Scope, work: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, work);

async function sealedSegment(scope: Scope, failures: { count: number; last: string } | null): Promise<string> {
  const id = `gw/${scope.projectId}/${failures?.count ?? 0}`;
  const { teamId, projectId } = scope;
  const rest = { path: "/nowhere", bytes: 1_000, records: 7, state: "sealed" as const };
  await inTenant(scope, (tx) =>
    tx.insert(journalSegments).values({ teamId, projectId, id, sequence: failures?.count ?? 0, ...rest, failures }),
  );
  return id;
}

test("a segment that fails again and again is named, and only such a one may be given up", async () => {
  const scope = await t.newScope();
  const other = await t.newScope();
  const fine = await sealedSegment(scope, { count: 1, last: "a hiccup" });
  const stuck = await sealedSegment(scope, { count: 4, last: "torn in the middle" });
  expect(await inTenant(scope, (tx) => listStuckWork(tx, scope))).toMatchObject([
    { kind: "segment", id: stuck, attempts: 4, reason: "torn in the middle" },
  ]);
  const aside = (of: Scope, id: string) => inTenant(of, (tx) => setSegmentAside(tx, of, id, "its disk is gone"));
  await expect(aside(scope, fine)).rejects.toMatchObject({ code: "precondition_failed" });
  await expect(aside(other, stuck)).rejects.toMatchObject({ code: "not_found" });
  await aside(scope, stuck);
  expect(await inTenant(scope, (tx) => listStuckWork(tx, scope))).toEqual([]);
  await expect(aside(scope, stuck)).rejects.toMatchObject({ code: "precondition_failed" });
});

test("an event that was set aside is named until it is tried again", async () => {
  const scope = await t.newScope();
  const told = {
    name: "rollout.promoted" as const,
    subject: "rol_1",
    summary: "v2 promoted",
    data: {},
    eventTime: null,
  };
  await inTenant(scope, (tx) => emit(tx, scope, told));
  const [event] = await inTenant(scope, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.subject, "rol_1")),
  );
  const id = event?.id ?? 0;
  const retry = () => inTenant(scope, (tx) => retryEvent(tx, scope, id));
  const failed = { count: 4, last: "disk full" };
  await inTenant(scope, (tx) => tx.update(domainEvents).set({ failures: failed }).where(eq(domainEvents.id, id)));
  expect(await inTenant(scope, (tx) => listStuckWork(tx, scope))).toMatchObject([{ id: String(id), setAside: false }]);
  await expect(retry()).rejects.toMatchObject({ code: "precondition_failed" });
  const failures = { count: 36, last: "disk full", setAside: true };
  await inTenant(scope, (tx) =>
    tx.update(domainEvents).set({ handledAt: new Date(), failures }).where(eq(domainEvents.id, id)),
  );
  expect(await inTenant(scope, (tx) => listStuckWork(tx, scope))).toMatchObject([
    {
      kind: "event",
      id: String(id),
      attempts: 36,
      setAside: true,
      what: "What follows from rollout.promoted was not done: v2 promoted",
    },
  ]);
  await retry();
  const [again] = await inTenant(scope, (tx) => tx.select().from(domainEvents).where(eq(domainEvents.id, id)));
  expect(again).toMatchObject({ handledAt: null, failures: null });
});
