import http from "node:http";
import type { AddressInfo } from "node:net";
import { createLogger, type Scope } from "@ballast/core";
import { emit, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createWebhook, type Installation, listDeliveries } from "@ballast/governance/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sendWebhooks } from "./webhooks.ts";

const EVENTS = 30;
const installation: Installation = { secret: "11".repeat(32), signingKey: null, webhookHosts: ["127.0.0.1"] };
const servers: http.Server[] = [];

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await t.close();
});

async function receiver(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const hook = (scope: Scope, name: string, url: string) =>
  withTenant(t.db, scope.teamId, (tx) =>
    createWebhook(tx, installation, scope, { name, url, events: ["drift.detected"] }),
  );

test("a receiver that never answers delays no other of its project", async () => {
  const scope = await t.newScope();
  const asked = { silent: 0, givenUp: 0 };
  const silent = await receiver((request) => {
    asked.silent += 1;
    request.socket.on("close", () => {
      asked.givenUp += 1;
    });
  });
  const arrived = new Set<string>();
  const healthy = await receiver((request, response) => {
    arrived.add(String(request.headers["webhook-id"]));
    response.end();
  });
  await hook(scope, "silent", silent);
  const { id } = await hook(scope, "healthy", healthy);
  const happen = () =>
    withTenant(t.db, scope.teamId, (tx) =>
      emit(tx, scope, { name: "drift.detected", subject: "dep_1", summary: "It drifted." }),
    );
  const sender = await sendWebhooks({ db: t.db, log: createLogger("worker") }, installation);
  try {
    await happen();
    await expect.poll(() => asked.silent).toBe(1);
    for (let i = 1; i < EVENTS; i++) await happen();
    await expect.poll(() => arrived.size, { timeout: 60_000 }).toBe(EVENTS);
    // The request that the silent receiver has is still open, and its other deliveries wait behind it.
    expect(asked).toEqual({ silent: 1, givenUp: 0 });
  } finally {
    await sender.stop();
  }
  const { deliveries } = await withTenant(t.db, scope.teamId, (tx) =>
    listDeliveries(tx, scope, { webhookId: id, limit: 50 }),
  );
  expect(deliveries.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(Array(EVENTS).fill("delivered 1"));
  // What was under way ended with the worker; nothing more was begun.
  await expect.poll(() => asked).toEqual({ silent: 1, givenUp: 1 });
});
