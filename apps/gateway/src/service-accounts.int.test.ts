import { auditEvents, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import {
  createServiceAccount,
  createToken,
  setServiceAccountEnabled,
  updateServiceAccount,
} from "@ballast/governance/server";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { GatewayClient, until } from "./testing/gateway-client.ts";
import { TestProject } from "./testing/test-project.ts";

let t: TestDatabase;
let mine: TestProject;
let gateway: RunningGateway;
beforeAll(async () => {
  t = await testDatabase();
  mine = await TestProject.create(t);
  gateway = await startGateway({ home: mine.home, database: t.db, secret: "33".repeat(32) });
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  mine?.remove();
});

test("a service account signs what it changes, and its tokens end within the stated delay of its being disabled or narrowed", async () => {
  const { scope } = mine;
  const act = <T>(work: Parameters<typeof withTenant<T>>[2]) => withTenant(t.db, scope.teamId, work);
  const permissions = ["project.read" as const, "model.write" as const];
  const account = await act((tx) =>
    createServiceAccount(tx, scope, { name: "nightly", description: "", permissions, teamWide: false }),
  );
  const ask = { name: "ci", permissions, expiresInDays: 1, serviceAccountId: account.id };
  const { token } = await act((tx) => createToken(tx, scope, ask));
  const client = new GatewayClient(gateway.port, token);
  const create = (name: string) => client.call("POST", "/api/2.0/mlflow/registered-models/create", { name });
  expect((await create("first")).status).toBe(200);
  const entries = await act((tx) => tx.select().from(auditEvents).where(eq(auditEvents.actorId, account.id)));
  expect(entries.map((e) => [e.actorType, e.actorName, e.action])).toContainEqual([
    ...["service_account", "nightly", "model.create"],
  ]);

  let changedAt = Date.now();
  await act((tx) => updateServiceAccount(tx, scope, { id: account.id, permissions: ["project.read"] }));
  await until(async () => (await create("narrowed")).status === 403);
  expect(Date.now() - changedAt).toBeLessThan(5_000);
  changedAt = Date.now();
  await act((tx) => setServiceAccountEnabled(tx, scope, { id: account.id, enabled: false }));
  await until(async () => (await client.call("GET", "/metrics")).status === 401);
  expect(Date.now() - changedAt).toBeLessThan(5_000);
  await act((tx) => setServiceAccountEnabled(tx, scope, { id: account.id, enabled: true }));
  await until(async () => (await client.call("GET", "/metrics")).status === 200);
});
