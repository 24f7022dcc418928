import { createHmac } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Scope } from "@ballast/core";
import { emit, type Tx, webhookDeliveries, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Installation } from "../installation.ts";
import { listAuditEvents } from "../server.ts";
import { deliverWebhook, dueWebhooks, type SenderDeps } from "./deliver.ts";
import { getDelivery, listDeliveries, replayDeliveries, testWebhook } from "./deliveries.ts";
import { RequestSlots } from "./request-slots.ts";
import type { CreateWebhook } from "./schemas.ts";
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from "./webhooks.ts";

interface Received {
  headers: http.IncomingHttpHeaders;
  body: string;
}
type Reply = (received: Received, response: http.ServerResponse) => void;

let t: TestDatabase;
let server: http.Server;
let url: string;
let received: Received[] = [];
let reply: Reply = (_, response) => response.end("thanks");
const installation: Installation = { secret: "11".repeat(32), signingKey: null, webhookHosts: ["127.0.0.1"] };

beforeAll(async () => {
  t = await testDatabase();
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
      received.push(one);
      reply(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await t.close();
});
beforeEach(() => {
  received = [];
  reply = (_, response) => response.end("thanks");
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const deps = (slots = 64) => ({ db: t.db, installation, slots: new RequestSlots(slots) });
const deliverWebhooks = async (sender: SenderDeps, scope: Scope) => {
  const due = await dueWebhooks(t.db, scope);
  const made = await Promise.all(due.map((webhookId) => deliverWebhook(sender, scope, webhookId)));
  return made.reduce((sum, one) => sum + one, 0);
};
const create = (scope: Scope, more: Partial<CreateWebhook> = {}) =>
  inTenant(scope, (tx) =>
    createWebhook(tx, installation, scope, { name: "ci", url, events: ["drift.detected"], ...more }),
  );
const happen = (scope: Scope, name: "drift.detected" | "alias.moved" = "drift.detected") =>
  inTenant(scope, (tx) => emit(tx, scope, { name, subject: "dep_1", summary: "It drifted.", data: { column: "x" } }));
const listed = (scope: Scope, webhookId: string) =>
  inTenant(scope, async (tx) => (await listDeliveries(tx, scope, { webhookId, limit: 50 })).deliveries);
const makeDue = (scope: Scope) =>
  inTenant(scope, (tx) =>
    tx
      .update(webhookDeliveries)
      .set({ nextAttemptAt: new Date(0) })
      .where(eq(webhookDeliveries.state, "pending")),
  );

test("an event is delivered once as a signed CloudEvent, in the transaction's terms: rolled back, it never was", async () => {
  const scope = await t.newScope();
  const { id, secret } = await create(scope);
  await create(scope, { name: "other", events: ["alias.moved"] });
  await happen(scope);
  const undone = inTenant(scope, async (tx) => {
    await emit(tx, scope, { name: "drift.detected", subject: "dep_1", summary: "undone" });
    throw new Error("rolled back");
  });
  await expect(undone).rejects.toThrow("rolled back");
  const [due] = await t.db.sql`select * from ballast_due_webhooks() where project_id = ${scope.projectId}`;
  expect(due).toEqual({ team_id: scope.teamId, project_id: scope.projectId });
  expect(await deliverWebhooks(deps(), scope)).toBe(1);
  expect(await deliverWebhooks(deps(), scope)).toBe(0);
  expect(received).toHaveLength(1);
  const { headers, body } = received[0] as Received;
  expect(JSON.parse(body)).toMatchObject({
    specversion: "1.0",
    type: "ballast.drift.detected",
    subject: "dep_1",
    source: `ballast://${scope.teamId.slice(-10)}/project`,
    data: { summary: "It drifted.", column: "x" },
  });
  expect(headers["content-type"]).toContain("application/cloudevents+json");
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const mac = (key: string | Buffer) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
  expect(headers["x-mlflow-signature"]).toBe(mac(secret ?? ""));
  expect(headers["webhook-signature"]).toBe(mac(Buffer.from((secret ?? "").slice(6), "base64")));
  expect(headers["x-mlflow-delivery-id"]).toBe(headers["webhook-id"]);
  expect(Math.abs(Number(headers["x-mlflow-timestamp"]) * 1000 - Date.now())).toBeLessThan(60_000);
  const [delivery] = await listed(scope, id);
  expect(delivery).toMatchObject({ state: "delivered", attempts: 1, responseStatus: 200 });
  const whole = await inTenant(scope, (tx) => getDelivery(tx, scope, delivery?.id ?? ""));
  expect(whole).toMatchObject({ payload: body, responseBody: "thanks" });
});

test("what fails waits, counts, is given up visibly, and can be sent again: same id, same body", async () => {
  const scope = await t.newScope();
  const { id } = await create(scope);
  let answers = [503, 429];
  reply = (_, response) => {
    response.statusCode = answers.shift() ?? 404;
    response.setHeader("retry-after", "3600");
    response.end("no");
  };
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  const [waiting] = await listed(scope, id);
  expect(waiting).toMatchObject({ state: "pending", attempts: 1, responseStatus: 503 });
  expect((waiting?.nextAttemptAt.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
  expect(await deliverWebhooks(deps(), scope)).toBe(0);
  await makeDue(scope);
  await deliverWebhooks(deps(), scope);
  await makeDue(scope);
  await deliverWebhooks(deps(), scope);
  const [failed] = await listed(scope, id);
  expect(failed).toMatchObject({ state: "failed", attempts: 3, responseStatus: 404 });
  expect(failed?.log.map((entry) => entry.status)).toEqual([503, 429, 404]);
  answers = [200];
  const { replayed } = await inTenant(scope, (tx) =>
    replayDeliveries(tx, scope, { webhookId: id, states: ["failed"] }),
  );
  expect(replayed).toBe(1);
  await deliverWebhooks(deps(), scope);
  expect((await listed(scope, id))[0]).toMatchObject({ state: "delivered", attempts: 1 });
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("senders beside each other send each delivery once; what a killed one had taken is sent when its lease ends", async () => {
  const scope = await t.newScope();
  const { id } = await create(scope);
  for (let i = 0; i < 20; i++) await happen(scope);
  await Promise.all([deliverWebhooks(deps(), scope), deliverWebhooks(deps(), scope), deliverWebhooks(deps(), scope)]);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(20);
  expect(received).toHaveLength(20);
  await happen(scope);
  // The answer never comes: the sender dies with its connection, having recorded nothing.
  const killed = { ...deps(), db: { ...t.db, drizzle: { transaction: dying(1) } } } as unknown as ReturnType<
    typeof deps
  >;
  await expect(deliverWebhooks(killed, scope)).rejects.toThrow("killed");
  expect(received).toHaveLength(21);
  expect(await deliverWebhooks(deps(), scope)).toBe(0);
  const [taken] = await listed(scope, id);
  expect(taken).toMatchObject({ state: "pending", attempts: 1 });
  expect((taken?.nextAttemptAt.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
  await makeDue(scope);
  await deliverWebhooks(deps(), scope);
  expect((await listed(scope, id))[0]).toMatchObject({ state: "delivered", attempts: 2 });
  expect(received[21]?.body).toBe(received[20]?.body);
});

test("no more requests are open at once than there are slots, whatever is due, and all of it is sent", async () => {
  const scope = await t.newScope();
  const others = await Promise.all(["a", "b", "c"].map((name) => create(scope, { name })));
  let waiting: http.ServerResponse[] = [];
  let [open, most] = [0, 0];
  reply = (_, response) => {
    most = Math.max(most, ++open);
    waiting.push(response);
    // The first is answered when there is a second beside it.
    if (most < 2) return;
    setImmediate(() => {
      open -= waiting.length;
      for (const one of waiting) one.end();
      waiting = [];
    });
  };
  for (let i = 0; i < 5; i++) await happen(scope);
  expect(await deliverWebhooks(deps(2), scope)).toBe(15);
  expect(most).toBe(2);
  for (const { id } of others) expect((await listed(scope, id)).every(({ state }) => state === "delivered")).toBe(true);
});

/** Transactions of a process that is killed after so many of them. */
function dying(after: number) {
  let left = after;
  return (work: Parameters<typeof t.db.drizzle.transaction>[0]) => {
    if (left-- <= 0) return Promise.reject(new Error("killed"));
    return t.db.drizzle.transaction(work);
  };
}

test("a receiver that is away, redirects, is gone, or answers without end", async () => {
  const scope = await t.newScope();
  const away = await create(scope, { url: "http://127.0.0.1:1/" });
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  const [refused] = await listed(scope, away.id);
  expect(refused).toMatchObject({ state: "pending", responseStatus: null });
  expect(refused?.error).toContain("ECONNREFUSED");
  await inTenant(scope, (tx) => deleteWebhook(tx, scope, away.id));

  const hook = await create(scope);
  reply = (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  expect((await listed(scope, hook.id))[0]).toMatchObject({ state: "failed", responseStatus: 302 });
  reply = (_, response) => {
    response.writeHead(200);
    response.write("a".repeat(1_000_000));
  };
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  const [long] = await listed(scope, hook.id);
  const { responseBody } = await inTenant(scope, (tx) => getDelivery(tx, scope, long?.id ?? ""));
  expect(long?.state).toBe("delivered");
  expect(responseBody?.length).toBe(4_096);
  reply = (_, response) => response.writeHead(410).end();
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  expect(await inTenant(scope, (tx) => getWebhook(tx, scope, hook.id))).toMatchObject({ state: "disabled" });
  received = [];
  await happen(scope);
  await deliverWebhooks(deps(), scope);
  expect(received).toEqual([]);
});

test("a host that may not be reached is refused when it is named and when it is resolved", async () => {
  const scope = await t.newScope();
  await expect(create(scope, { url: "http://192.168.0.9/hook" })).rejects.toThrow("url:");
  const hook = await create(scope);
  await happen(scope);
  const strict = { ...deps(), installation: { ...installation, webhookHosts: [] } };
  await deliverWebhooks(strict, scope);
  expect(received).toEqual([]);
  expect((await listed(scope, hook.id))[0]?.error).toContain("https");
});

test("MLflow's format, a test over it, and events a format cannot tell of", async () => {
  const scope = await t.newScope();
  await expect(create(scope, { format: "mlflow", events: ["drift.detected"] })).rejects.toThrow("events:");
  const hook = await create(scope, { format: "mlflow", events: ["*"], secret: "a secret" });
  expect(hook.secret).toBeNull();
  await inTenant(scope, (tx) =>
    emit(tx, scope, {
      name: "alias.moved",
      subject: "mv_1",
      summary: "moved",
      data: { alias: "champion", model: "delay", modelId: "mdl_1", versionId: "mv_1", version: 3 },
    }),
  );
  await deliverWebhooks(deps(), scope);
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
    entity: "model_version_alias",
    action: "created",
    data: { name: "delay", version: "3", alias: "champion" },
  });
  const result = await testWebhook(deps(), scope, { webhookId: hook.id, event: "model_version.registered" });
  expect(result).toMatchObject({ success: true, status: 200, body: "thanks" });
  expect(JSON.parse(received[1]?.body ?? "")).toMatchObject({ entity: "model_version", action: "created" });
  reply = (_, response) => response.writeHead(500).end("broken");
  expect(await testWebhook(deps(), scope, { webhookId: hook.id })).toMatchObject({ success: false, status: 500 });
  expect((await listed(scope, hook.id)).map(({ state }) => state)).toEqual(["failed", "delivered", "delivered"]);
});

test("changes are audited, secrets are stored encrypted and never shown, projects are apart", async () => {
  const scope = await t.newScope();
  const other = await t.newScope();
  const hook = await create(scope, { secret: "correct horse" });
  await inTenant(scope, (tx) => updateWebhook(tx, installation, scope, hook.id, { state: "disabled", name: "new" }));
  expect(await inTenant(scope, (tx) => listWebhooks(tx, scope))).toMatchObject([
    { name: "new", signed: true, state: "disabled" },
  ]);
  const [row] = await t.owner.sql`select secret from webhooks where id = ${hook.id}`;
  expect(row?.secret).toMatch(/^v1\./);
  expect(JSON.stringify(await inTenant(scope, (tx) => listWebhooks(tx, scope)))).not.toContain(row?.secret);
  await expect(inTenant(other, (tx) => getWebhook(tx, other, hook.id))).rejects.toThrow("does not exist");
  await inTenant(scope, (tx) => deleteWebhook(tx, scope, hook.id));
  const log = await inTenant(scope, (tx) => listAuditEvents(tx, scope, { limit: 10 }));
  expect(log.map(({ action }) => action).sort()).toEqual(["webhook.create", "webhook.delete", "webhook.update"]);
});
