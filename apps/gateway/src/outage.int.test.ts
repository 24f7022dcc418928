import { existsSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createDatabase, journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, prediction, until } from "./testing/gateway-client.ts";
import { readJournal, recordsOf } from "./testing/read-journal.ts";
import { CONGESTION_VIEW, FLIGHT_VIEW, stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "66".repeat(32);
const DAY = 86_400_000;
const T0 = Date.UTC(2001, 0, 10);

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let room = Number.POSITIVE_INFINITY;

/** As the kernel does on a full disk: what fits is written, then ENOSPC. */
function write(fd: number, bytes: Buffer, offset: number, length: number, position: number): number {
  const fits = Math.min(length, room);
  if (fits === 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  room -= fits;
  return writeSync(fd, bytes, offset, fits, position);
}

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews([FLIGHT_VIEW]);
  await project.deploy({
    champion: await project.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2)),
  });
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET, journalWrite: write });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

const push = (id: string, known: number, late: number) =>
  client.post("/push", {
    push_source_name: "flights",
    push_id: id,
    df: { origin: ["SEA"], destination: ["BOS"], known_at: [known], late: [late] },
  });

test("a full disk: every write is refused with 507, nothing of it stays, readiness says why, and room heals it", async () => {
  const { id } = prediction(await client.infer(flight()));
  const before = readJournal(project.home, project.scope.projectId).length;
  room = 20;
  expect((await client.infer(flight())).status).toBe(507);
  expect((await push("full", T0, 1)).status).toBe(507);
  expect((await client.post("/v1/outcomes", { outcomes: [{ prediction_id: id, label: 1 }] })).status).toBe(507);
  expect((await client.post("/v1/watermark", { event_time: T0 })).status).toBe(507);
  const ready = await client.call("GET", "/health/ready");
  expect(ready.status).toBe(503);
  expect(ready.body.error).toMatch(/no space left/);
  expect((await client.call("GET", "/health/live")).status).toBe(200);
  room = Number.POSITIVE_INFINITY;
  await until(async () => (await client.call("GET", "/health/ready")).status === 200);
  expect((await client.infer(flight())).status).toBe(200);
  // The refused push was not remembered as seen, the refused watermark not as reached.
  expect((await push("full", T0, 1)).body).toEqual({ rows: 1, duplicate: false });
  const kinds = readJournal(project.home, project.scope.projectId)
    .slice(before)
    .map((record) => record.k);
  expect(kinds).toEqual(["p", "f"]);
});

test("a view defined after its rows were pushed serves them all, also those pushed while it was being built", async () => {
  await push("a", T0 - 1_000, 1);
  await push("b", T0 - 2_000, 0);
  await project.defineViews([CONGESTION_VIEW]);
  await push("c", T0 - 3_000, 0);
  const share = await until(async () => {
    const answer = await client.post("/get-online-features", {
      features: ["congestion:origin_3h"],
      entities: { origin: ["SEA"] },
      event_time: T0,
    });
    return answer.status === 200 && (answer.body.results as { values: number[] }[])[1]?.values[0];
  });
  expect(share).toBe(0.5);
});

test("a watermark seals, never moves back, and lets go of what no window reaches; a restart agrees", async () => {
  await push("d", T0 + 4 * DAY - 1, 1);
  expect((await client.post("/v1/watermark", { event_time: new Date(T0 + 4 * DAY).toISOString() })).body).toEqual({
    watermark: T0 + 4 * DAY,
    moved: true,
  });
  expect((await client.post("/v1/watermark", { event_time: T0 })).body).toEqual({
    watermark: T0 + 4 * DAY,
    moved: false,
  });
  expect(recordsOf(project.home, project.scope.projectId, "w")).toHaveLength(1);
  const ask = (event_time: number) =>
    client.post("/get-online-features", {
      features: ["congestion:origin_3h"],
      entities: { origin: ["SEA"] },
      event_time,
    });
  const old = await ask(T0);
  expect(old.status).toBe(422);
  expect(old.text).toContain("no longer held");
  const now = (await ask(T0 + 4 * DAY)).body;
  await gateway.close();
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET, journalWrite: write });
  client = new GatewayClient(gateway.port, (await project.token()).token);
  expect((await ask(T0)).status).toBe(422);
  expect((await ask(T0 + 4 * DAY)).body).toEqual(now);
  expect((await push("a", T0 - 1_000, 1)).body).toEqual({ rows: 1, duplicate: true });
  const segments = await withTenant(t.db, project.scope.teamId, (tx) => tx.select().from(journalSegments));
  expect(segments.filter((segment) => segment.watermark?.getTime() === T0 + 4 * DAY)).toHaveLength(1);
});

test("Postgres going away stops no prediction, push or outcome; what was sealed meanwhile is registered later", async () => {
  // A database of its own, so that cutting it off hurts this gateway alone.
  const home = await TestProject.create(t);
  await home.defineViews();
  await home.deploy({ champion: await home.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2)) });
  const database = createDatabase(t.appUrl, { max: 4 });
  const lonely = await startGateway({ home: home.home, database, secret: SECRET });
  const caller = new GatewayClient(lonely.port, (await home.token()).token);
  expect((await caller.infer(flight())).status).toBe(200);
  // Ends the pool under the gateway: from here on every query fails.
  await database.close();
  const { id } = prediction(await caller.infer(flight()));
  expect((await caller.post("/v1/outcomes", { outcomes: [{ prediction_id: id, label: 1 }] })).status).toBe(200);
  await caller.post("/v1/watermark", { event_time: T0 });
  expect((await caller.call("GET", "/health/ready")).status).toBe(200);
  expect((await caller.call("GET", "/metrics")).text).toMatch(/^ballast_segments_unregistered [1-9]/m);
  await lonely.close();
  const again = await startGateway({ home: home.home, database: t.db, secret: SECRET });
  const wanted = readJournal(home.home, home.scope.projectId).length;
  await until(async () => {
    const rows = await withTenant(t.db, home.scope.teamId, (tx) => tx.select().from(journalSegments));
    return rows.reduce((sum, row) => sum + row.records, 0) === wanted;
  });
  await again.close();
  home.remove();
});

test("started while the routes can't be read, it serves them from its last snapshot, and keeps that", async () => {
  const own = await TestProject.create(t);
  await own.defineViews();
  await own.deploy({ champion: await own.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2)) });
  const { token } = await own.token();
  const database = createDatabase(t.appUrl, { max: 8 });
  const options = { home: own.home, database, secret: SECRET };
  const first = await startGateway(options);
  expect((await new GatewayClient(first.port, token).infer(flight())).status).toBe(200);
  await first.close();
  const snapshot = join(own.home, "gateway", "snapshot.json");
  const before = readFileSync(snapshot, "utf8");
  // The database answers, and every project's routes have to wait.
  await withTenant(t.db, own.scope.teamId, async (tx) => {
    await tx.execute("lock table deployments in access exclusive mode");
    const second = await startGateway(options);
    const answer = await new GatewayClient(second.port, token).infer(flight());
    expect(answer.status, answer.text).toBe(200);
    await second.close();
  });
  expect(readFileSync(snapshot, "utf8")).toBe(before);
  await database.close();
  own.remove();
});

test("a local segment goes when it is compacted and older than any window, and its numbers stay used", async () => {
  const own = await TestProject.create(t);
  await own.defineViews();
  const options = { home: own.home, database: t.db, secret: SECRET };
  const { token } = await own.token();
  const first = await startGateway(options);
  const caller = new GatewayClient(first.port, token);
  const row = (known: number) => ({
    push_source_name: "flights",
    df: { origin: ["SEA"], destination: ["BOS"], known_at: [known], late: [1] },
  });
  await caller.post("/push", row(T0));
  await caller.post("/v1/watermark", { event_time: T0 + 1 });
  await caller.post("/push", row(T0 + 9 * DAY));
  await caller.post("/v1/watermark", { event_time: T0 + 9 * DAY });
  await own.deploy({ champion: await own.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2)) });
  await until(async () => (await caller.infer(flight())).status === 200);
  await first.close();
  const { teamId, projectId } = own.scope;
  const table = () => withTenant(t.db, teamId, (tx) => tx.select().from(journalSegments));
  const before = (await table()).sort((a, b) => a.sequence - b.sequence);
  // A row nobody needs, a row the newest windows need, a prediction that features never need.
  expect(before).toHaveLength(3);
  expect(before.map((segment) => existsSync(segment.path))).toEqual([true, true, true]);
  await withTenant(t.db, teamId, (tx) => tx.update(journalSegments).set({ state: "compacted" }));
  const second = await startGateway(options);
  await until(() => !existsSync(before[0]?.path ?? "") && !existsSync(before[2]?.path ?? ""));
  expect(existsSync(before[1]?.path ?? "")).toBe(true);
  await new GatewayClient(second.port, token).post("/push", row(T0 + 9 * DAY));
  await second.close();
  const after = (await table()).map((segment) => segment.sequence);
  expect(new Set(after).size).toBe(4);
  expect(recordsOf(own.home, projectId, "f")).toHaveLength(2);
  own.remove();
});

test("a second gateway on the same journal is refused, and so is a port in use", async () => {
  const options = { home: project.home, database: t.db, secret: SECRET };
  const snapshot = join(project.home, "gateway", "snapshot.json");
  const before = readFileSync(snapshot, "utf8");
  await expect(startGateway(options)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("belongs to process"),
  });
  expect(before).toContain(project.scope.projectId);
  expect(readFileSync(snapshot, "utf8")).toBe(before);
  const other = await TestProject.create(t);
  // The projects of this database belong to the gateway above, so this one gets a database of its own.
  const empty = await testDatabase();
  await expect(
    startGateway({ home: other.home, database: empty.db, secret: SECRET, port: gateway.port }),
  ).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("in use"),
  });
  await empty.close();
  other.remove();
});
