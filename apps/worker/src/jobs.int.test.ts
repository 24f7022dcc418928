import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBoss } from "./jobs.ts";

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
