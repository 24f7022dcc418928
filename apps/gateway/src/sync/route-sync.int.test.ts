import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../testing/gateway-client.ts";
import { RouteSync } from "./route-sync.ts";

let t: TestDatabase;
let sync: RouteSync;
beforeEach(async () => {
  t = await testDatabase();
});
afterEach(async () => {
  await sync?.stop();
  await t?.close();
});

test("a project that can't be loaded holds up no other", async () => {
  for (let i = 0; i < 3; i++) await t.newScope();
  const served = new Map<string, string>();
  let failing: string | null = null;
  sync = new RouteSync(t.db, {
    serves: (projectId, revision) => served.get(projectId) === revision,
    apply: async ({ projectId, revision }) => {
      failing ??= projectId;
      if (projectId === failing) throw new Error("out of luck");
      served.set(projectId, revision);
    },
    tokensChanged: () => {},
  });
  sync.start();
  await until(() => served.size === 2);
  expect(sync.reachable).toBe(true);
});
