import { createLogger, type DomainEvent, type Scope } from "@ballast/core";
import { domainEvents, emit, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerContext } from "./context.ts";
import { drainOutbox, type Reaction, type Reactions } from "./outbox.ts";
import { WakeUps } from "./wake.ts";

let t: TestDatabase;
let context: WorkerContext;
beforeAll(async () => {
  t = await testDatabase();
  // The loop itself needs no more of it.
  context = { db: t.db, log: createLogger("worker") } as WorkerContext;
});
afterAll(() => t.close());

async function happen(scope: Scope): Promise<void> {
  await withTenant(t.db, scope.teamId, (tx) =>
    emit(tx, scope, { name: "window.processed", subject: "dep_1", summary: "A day was processed." }),
  );
}

async function eventsOf(scope: Scope, name: DomainEvent["name"]) {
  const mine = and(eq(domainEvents.projectId, scope.projectId), eq(domainEvents.name, name));
  return withTenant(t.db, scope.teamId, (tx) => tx.select().from(domainEvents).where(mine));
}

/** A reaction that leaves a trace in its transaction. */
const traced = (name: DomainEvent["name"]): Reaction => ({
  kind: "within",
  run: async (tx, _, scope) => {
    await emit(tx, scope, { name, subject: "dep_1", summary: "It was reacted to." });
  },
});

test("a reaction that fails holds up none beside it, and the event stays open for it", async () => {
  const scope = await t.newScope();
  let broken = true;
  const seen: { drift: number; incidents: number }[] = [];
  const reactions: Reactions = {
    "window.processed": [
      {
        kind: "run",
        run: async () => {
          const [drift, incidents] = [
            await eventsOf(scope, "drift.detected"),
            await eventsOf(scope, "incident.closed"),
          ];
          seen.push({ drift: drift.length, incidents: incidents.length });
          if (broken) throw new Error("evidence cannot be read");
        },
      },
      traced("drift.detected"),
      {
        kind: "within",
        run: async () => {
          if (broken) throw new Error("nor can this");
        },
      },
      traced("incident.closed"),
    ],
  };
  await happen(scope);
  const stopping = new AbortController();
  const loop = drainOutbox(context, reactions, scope.teamId, scope.projectId, stopping.signal);
  await expect.poll(async () => (await eventsOf(scope, "window.processed"))[0]?.failures).toMatchObject({ count: 1 });
  broken = false;
  await loop;
  // What does not depend on it was done when it failed first.
  expect(seen).toEqual([
    { drift: 0, incidents: 0 },
    { drift: 1, incidents: 1 },
  ]);
  const [event] = await eventsOf(scope, "window.processed");
  expect(event).toMatchObject({ handledAt: expect.any(Date), failures: { count: 1, last: "evidence cannot be read" } });
});

test("a failing event's pause ends when the worker stops", async () => {
  const scope = await t.newScope();
  await happen(scope);
  await withTenant(t.db, scope.teamId, (tx) =>
    tx
      .update(domainEvents)
      .set({ failures: { count: 20, last: "before" } })
      .where(eq(domainEvents.projectId, scope.projectId)),
  );
  const failing: Reaction = { kind: "run", run: () => Promise.reject(new Error("still broken")) };
  const outbox = new WakeUps((_, signal) =>
    drainOutbox(context, { "window.processed": [failing] }, scope.teamId, scope.projectId, signal),
  );
  outbox.wake("it");
  await expect.poll(async () => (await eventsOf(scope, "window.processed"))[0]?.failures?.count).toBe(21);
  const before = performance.now();
  await outbox.stop();
  // It would have waited half a minute.
  expect(performance.now() - before).toBeLessThan(5_000);
  expect((await eventsOf(scope, "window.processed"))[0]).toMatchObject({ handledAt: null, failures: { count: 21 } });
});
