import { once } from "node:events";
import { createLogger } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerContext } from "./context.ts";
import { enqueue, startBoss, workJobs } from "./jobs.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

test("queues that an earlier release made are kept, with the options of this one", async () => {
  const fail = (error: unknown) => {
    throw error;
  };
  const first = await startBoss(t.appUrl, fail);
  await first.updateQueue("training.run", { retryLimit: 5, retryDelay: 1, retryBackoff: true, retryDelayMax: null });
  await first.stop({ graceful: false });
  const second = await startBoss(t.appUrl, fail);
  const names = ["dataset.validate", "delivery.gates", "training.run"];
  const queues = await second.getQueues(names);
  expect(queues.map(({ name }) => name).sort()).toEqual(names);
  for (const queue of queues) {
    expect(queue).toMatchObject({ retryDelay: 1, retryBackoff: true, retryDelayMax: 60, notify: true });
    expect(queue.retryLimit).toBeGreaterThan(1_000);
  }
  await second.stop({ graceful: false });
});

test("a worker that stops tells the job under way, and waits until it has written down what it must", async () => {
  const boss = await startBoss(t.appUrl, () => {});
  const scope = await t.newScope();
  const seen: string[] = [];
  const context = { boss, db: t.db, log: createLogger("worker") } as WorkerContext;
  const idle = async () => {};
  const ended = await workJobs(context, {
    ...{ "dataset.validate": idle, "delivery.gates": idle },
    "training.run": async (_context, { projectId }, subject, signal) => {
      seen.push("begun");
      await once(signal, "abort");
      await t.db.sql`select 1`;
      seen.push(`${projectId}/${subject} broken off`);
    },
  });
  const payload = { teamId: scope.teamId, projectId: scope.projectId, subject: "trn_1" };
  await withTenant(t.db, scope.teamId, (tx) => enqueue(boss, tx, "training.run", payload));
  await expect.poll(() => seen).toEqual(["begun"]);
  await boss.stop({ graceful: false });
  await ended();
  expect(seen.at(-1)).toBe(`${scope.projectId}/trn_1 broken off`);
});
