import { journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, prediction, until } from "./testing/gateway-client.ts";
import { recordsOf } from "./testing/read-journal.ts";
import { CONGESTION_BINDINGS, stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "11".repeat(32);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const HOUR = 3_600_000;

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let deploymentId: string;
let champion: string;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  champion = await project.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2));
  deploymentId = await project.deploy({ champion });
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

test("a row is answered by the champion, journalled as received, and its segment registered", async () => {
  const answer = await client.infer(flight({}, "order-1"));
  expect(answer.status, answer.text).toBe(200);
  expect(answer.body).toMatchObject({ model_name: "late", model_version: "1", id: "order-1" });
  const { y, id, variant } = prediction(answer);
  expect(y).toBeCloseTo(sigmoid(1), 6);
  expect(variant).toBe("champion");
  const [record] = recordsOf(project.home, project.scope.projectId, "p").filter((r) => r.id === id);
  expect(record).toMatchObject({
    rid: "order-1",
    row: 0,
    t: Date.UTC(2001, 0, 10, 20),
    dep: deploymentId,
    v: champion,
    role: "champion",
    conv: 0,
    req: { flight_id: 7, origin: "SEA", destination: "BOS", distance: 2496 },
    f: [12, 2, 2496],
  });
  expect(record?.y).toBe(y);
  const segment = await until(async () => {
    const rows = await withTenant(t.db, project.scope.teamId, (tx) => tx.select().from(journalSegments));
    return rows[0];
  });
  expect(segment).toMatchObject({ state: "sealed", projectId: project.scope.projectId });
});

test("several rows go to one variant and carry their prediction ids as an output", async () => {
  const rows = 3;
  const one = flight();
  const inputs = one.inputs.map((input) => ({ ...input, shape: [rows], data: Array(rows).fill(input.data[0]) }));
  const distance = inputs.find((input) => input.name === "distance");
  if (distance) distance.data = [10, 2000, 1000];
  const answer = await client.infer({ inputs });
  expect(answer.status, answer.text).toBe(200);
  const [y, ids] = answer.body.outputs as { name: string; shape: number[]; data: (number | string)[] }[];
  expect(y?.shape).toEqual([3, 1]);
  for (const [i, x] of [-1, 1, -1].entries()) expect(y?.data[i]).toBeCloseTo(sigmoid(x), 6);
  expect(ids?.name).toBe("prediction_id");
  const journalled = recordsOf(project.home, project.scope.projectId, "p").map((r) => r.id);
  for (const id of ids?.data ?? []) expect(journalled).toContain(id);
});

test("a pushed row is in the next prediction's features, a repeated push counts once", async () => {
  const version = await project.version(stumpModel(["a", "b", "c", "d", "e"], 3, 0.6, -1, 2), CONGESTION_BINDINGS);
  const id = await project.deploy({ champion: version }, { name: "congested" });
  await until(async () => (await client.call("GET", "/v2/models/congested/ready")).status === 200);
  const departure = Date.UTC(2001, 0, 10, 20);
  const push = {
    push_source_name: "flights",
    push_id: "push-1",
    df: {
      origin: ["SEA", "SEA", "SEA", "BOS"],
      destination: ["BOS", "JFK", "LAX", "SEA"],
      known_at: [departure - HOUR, departure - 2 * HOUR, departure, departure + 1],
      late: [1, 0, 1, 1],
    },
  };
  expect((await client.post("/push", push)).body).toEqual({ rows: 4, duplicate: false });
  expect((await client.post("/push", push)).body).toEqual({ rows: 4, duplicate: true });
  const answer = await client.infer(flight(), "congested");
  expect(answer.status, answer.text).toBe(200);
  const [record] = recordsOf(project.home, project.scope.projectId, "p").filter((r) => r.dep === id);
  expect(record?.f).toEqual([12, 2, 2496, Math.fround(2 / 3), 1]);
  const lookup = await client.post("/get-online-features", {
    features: ["congestion:origin_3h", "congestion:destination_24h"],
    entities: { origin: ["SEA", "ATL"], destination: ["BOS", "ATL"] },
    event_time: departure,
  });
  expect(lookup.status, lookup.text).toBe(200);
  const results = lookup.body.results as { values: unknown[]; statuses: string[] }[];
  expect(results[2]?.values).toEqual([Math.fround(2 / 3), null]);
  expect(results[3]?.statuses).toEqual(["PRESENT", "NOT_FOUND"]);
});

test("a push that a training pipeline could not read is refused, as soon as there is the pipeline", async () => {
  const push = (known_at: unknown) =>
    client.post("/push", { push_source_name: "orders", df: { known_at: [known_at] } });
  expect((await push("2001-01-10")).status).toBe(200);
  await project.pipeline({ source: "orders", knownAt: "known_at" });
  const refused = await until(async () => {
    const answer = await push("2001-01-11T00:00:00Z");
    return answer.status === 200 ? undefined : answer;
  });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain(
    String.raw`Column \"known_at\", row 0: must be an integer, milliseconds since the epoch, for training pipeline \"orders\"`,
  );
  expect((await push(Date.UTC(2001, 0, 11))).status).toBe(200);
});

test("an outcome is journalled for our predictions only, all or none", async () => {
  const { id } = prediction(await client.infer(flight()));
  const landed = Date.UTC(2001, 0, 11);
  const good = await client.post("/v1/outcomes", { outcomes: [{ prediction_id: id, label: 1, occurred_at: landed }] });
  expect(good.body).toEqual({ accepted: 1 });
  const forged = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
  const bad = await client.post("/v1/outcomes", {
    outcomes: [
      { prediction_id: id, label: 0, revision: 1 },
      { prediction_id: forged, label: 1 },
    ],
  });
  expect(bad.status).toBe(404);
  expect(bad.body.details).toEqual({ unknown: [forged], count: 1 });
  expect(recordsOf(project.home, project.scope.projectId, "o").filter((r) => r.id === id)).toEqual([
    { k: "o", id, rev: 0, label: 1, t: landed, at: expect.any(Number) },
  ]);
});
