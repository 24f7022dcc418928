import { domainEvents, emit, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nextProgress, waitSettled } from "./progress.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

async function unsettled() {
  const scope = await t.newScope();
  const inTenant = <T>(work: Parameters<typeof withTenant<T>>[2]) => withTenant(t.db, scope.teamId, work);
  await inTenant((tx) => emit(tx, scope, { name: "window.closed", subject: "win_1", summary: "closed" }));
  return { scope, settle: () => inTenant((tx) => tx.update(domainEvents).set({ handledAt: new Date() })) };
}

test("all who wait for a project are told when it is settled, of what was so when they asked", async () => {
  const { scope, settle } = await unsettled();
  const waiting = Array.from({ length: 30 }, () => waitSettled(t.db, scope, null, 10_000));
  expect(await waitSettled(t.db, scope, null, 0)).toMatchObject({ settled: false, pending: { events: 1 } });
  await settle();
  for (const progress of await Promise.all(waiting)) expect(progress).toMatchObject({ settled: true });
});

test("those who ask at once share a look that begins after they asked; other projects have their own", async () => {
  const [one, other] = [await unsettled(), await unsettled()];
  await one.settle();
  const first = nextProgress(t.db, one.scope);
  expect(nextProgress(t.db, one.scope)).toBe(first);
  expect(nextProgress(t.db, other.scope)).not.toBe(first);
  expect(await first).toMatchObject({ settled: true });
  expect(nextProgress(t.db, one.scope)).not.toBe(first);
  expect(await nextProgress(t.db, other.scope)).toMatchObject({ settled: false });
});

test("who asked and left is not waited for", async () => {
  const { scope } = await unsettled();
  const reader = new AbortController();
  const waiting = waitSettled(t.db, scope, null, 600_000, reader.signal);
  reader.abort();
  expect(await waiting).toMatchObject({ settled: false });
});
