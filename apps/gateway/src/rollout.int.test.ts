import { createHash } from "node:crypto";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId } from "@ballast/core";
import { conversions, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { assign } from "@ballast/delivery";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { type Answer, flight, GatewayClient, prediction, until } from "./testing/gateway-client.ts";
import { recordsOf } from "./testing/read-journal.ts";
import { CONGESTION_BINDINGS, FLIGHT_BINDINGS, stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "33".repeat(32);
const AIRPORTS = Array.from({ length: 60 }, (_, i) => `A${i}`);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let versions: string[];
let deployment: string;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  const names = FLIGHT_BINDINGS.map((binding) => binding.input);
  const wide = CONGESTION_BINDINGS.map((binding) => binding.input);
  versions = [
    await project.version(stumpModel(names, 2, 1000, -1, 2)),
    await project.version(stumpModel(wide, 3, 0.5, -2, 1), CONGESTION_BINDINGS),
  ];
  deployment = await project.deploy({ champion: versions[0] }, { assignmentColumn: "origin" });
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

const records = <K extends "p" | "s" | "e">(kind: K) => recordsOf(project.home, project.scope.projectId, kind);
const variant = async (origin: string) => prediction(await client.infer(flight({ origin })));

async function served(): Promise<{ routing_revision: number; conversion_revision: number }> {
  const { body } = await client.call("GET", "/v2/models/late");
  return body.parameters as { routing_revision: number; conversion_revision: number };
}
const revisionServed = async () => (await served()).routing_revision;

/** Changes the route and waits until it is served; returns how long that took, milliseconds. */
async function reroute(routing: Parameters<TestProject["route"]>[1]): Promise<number> {
  const before = await revisionServed();
  await project.route(deployment, routing);
  const changedAt = Date.now();
  await until(async () => (await revisionServed()) === before + 1);
  return Date.now() - changedAt;
}

test("a shadow scores what the champion answered, with the features of that moment, and nobody notices", async () => {
  expect(await reroute({ shadows: [versions[1] as string] })).toBeLessThan(1_000);
  const departure = Date.UTC(2001, 0, 10, 20);
  const late = (origin: string, known: number) => ({
    push_source_name: "flights",
    df: { origin: [origin], destination: ["BOS"], known_at: [known], late: [1] },
  });
  await client.post("/push", late("SEA", departure - 5));
  const answer = await client.infer(flight());
  // Known before the request's time, but pushed after the answer: not part of it.
  await client.post("/push", { ...late("SEA", departure - 4), df: { ...late("SEA", departure - 4).df, late: [0] } });
  const { id, y, version } = prediction(answer);
  expect(version).toBe("1");
  expect(y).toBeCloseTo(sigmoid(1), 6);
  const [shadow] = await until(() => {
    const found = records("s").filter((record) => record.id === id);
    return found.length > 0 && found;
  });
  expect(shadow).toMatchObject({ t: departure, dep: deployment, v: versions[1] });
  expect(shadow?.y).toBeCloseTo(sigmoid(-1), 6);
});

const names = FLIGHT_BINDINGS.map((binding) => binding.input);
const whole = stumpModel(names, 2, 1000, -1, 2);
const BROKEN: [string, () => Promise<string>][] = [
  ["file is missing", () => project.registerDigest("f".repeat(64), 1, FLIGHT_BINDINGS)],
  ["file is truncated", () => project.version(whole.subarray(0, whole.length - 40))],
  ["input is wider than its bindings", () => project.version(whole, FLIGHT_BINDINGS.slice(1))],
  ["feature view does not exist", () => project.version(whole, [{ input: "a", view: "nope", feature: "a" }])],
];

test.each(BROKEN)("a version whose %s leaves the route as it was", async (_what, register) => {
  const broken = await register();
  const before = await revisionServed();
  await project.route(deployment, { shadows: [broken] });
  await until(async () =>
    /ballast_route_load_failed\{deployment="late"\} 1/.test((await client.call("GET", "/metrics")).text),
  );
  expect(prediction(await client.infer(flight())).version).toBe("1");
  expect(await revisionServed()).toBe(before);
  await project.route(deployment, { shadows: [] });
  await until(async () => (await revisionServed()) === before + 2);
});

test("a version whose file comes later is served then, without another change of the route", async () => {
  const late = stumpModel(names, 2, 1000, -3, 2);
  const digest = createHash("sha256").update(late).digest("hex");
  const shadow = await project.registerDigest(digest, late.length, FLIGHT_BINDINGS);
  const before = await revisionServed();
  await project.route(deployment, { shadows: [shadow] });
  const failed = async () =>
    Number(
      /ballast_route_load_failed\{deployment="late"\} (\d)/.exec((await client.call("GET", "/metrics")).text)?.[1],
    );
  await until(async () => (await failed()) === 1);
  await new ArtifactStore(join(project.home, "artifacts")).put(late);
  await until(async () => (await revisionServed()) === before + 1);
  expect(await failed()).toBe(0);
  await reroute({ shadows: [] });
});

test("a canary takes its share by a sticky hash that the platform can repeat, and the arm that did not answer scores too", async () => {
  await reroute({ candidate: { versionId: versions[1] as string, percent: 30 }, salt: "rol_1" });
  const first = await Promise.all(AIRPORTS.map(variant));
  const second = await Promise.all(AIRPORTS.map(variant));
  AIRPORTS.forEach((airport, i) => {
    expect(first[i]?.variant).toBe(assign("rol_1", airport, 30));
    expect(second[i]?.variant).toBe(first[i]?.variant);
    expect(first[i]?.version).toBe(first[i]?.variant === "candidate" ? "2" : "1");
  });
  const answers = new Map([...first, ...second].map((each) => [each.id, each.variant]));
  const shadows = await until(() => {
    const found = records("s").filter((record) => answers.has(record.id));
    return found.length === answers.size && found;
  });
  for (const { id, v } of shadows) expect(v).toBe(answers.get(id) === "candidate" ? versions[0] : versions[1]);
  const pinned = await client.call("POST", "/v2/models/late/versions/2/infer", flight());
  expect(prediction(pinned)).toMatchObject({ version: "2", variant: "candidate" });
  // Whoever names a version was not sent to it by a route.
  const routing = new Map(records("p").map((record) => [record.id, record.rt]));
  expect(routing.get(prediction(pinned).id)).toBeNull();
  expect(routing.get(first[0]?.id ?? "")).toBe(await revisionServed());
});

test("routes change back and forth under load: no request fails", async () => {
  let stop = false;
  const answers: Answer[] = [];
  const callers = Array.from({ length: 4 }, async (_, caller) => {
    for (let i = 0; !stop; i++) answers.push(await client.infer(flight({ origin: AIRPORTS[(caller * 7 + i) % 60] })));
  });
  try {
    for (const percent of [1, 10, 50, 100]) await reroute({ candidate: { versionId: versions[1] as string, percent } });
    await reroute({ champion: versions[1] as string, candidate: null });
    await reroute({ champion: versions[0] as string, candidate: null });
  } finally {
    stop = true;
    await Promise.all(callers);
  }
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  const journalled = new Set(records("p").map((record) => record.id));
  for (const answer of answers) expect(journalled).toContain(prediction(answer).id);
});

test("an accepted conversion changes what the model sees from its time on, and never what is journalled as received", async () => {
  const from = Date.UTC(2001, 5, 1);
  const accepted = (revision: number, factor: number, deploymentId: string) => ({
    ...project.tenant,
    id: newId("conversion"),
    revision,
    column: "distance",
    declaredUnit: "mile",
    receivedUnit: "kilometre",
    factor,
    offset: 1,
    from: new Date(from),
    acceptedAt: new Date(from),
    appliesTo: { deployments: [deploymentId], sources: [] },
    incidentId: newId("incident"),
    acceptedBy: "test",
  });
  // The newer one is about what another deployment's callers send.
  await withTenant(t.db, project.scope.teamId, (tx) =>
    tx.insert(conversions).values([accepted(4, 0.5, deployment), accepted(5, 7, newId("deployment"))]),
  );
  const at = async (departure: number) => {
    const { id } = prediction(await client.infer(flight({ departure_utc: departure, distance: 1200 })));
    return records("p").find((record) => record.id === id);
  };
  // No message tells of it: the poll of revisions finds it.
  await until(async () => (await served()).conversion_revision === 5);
  const after = await at(from);
  expect(after).toMatchObject({ req: { distance: 1200 }, conv: 5 });
  expect(after?.f[2]).toBe(601);
  const before = await at(from - 1);
  expect(before?.f[2]).toBe(1200);
  expect(before?.conv).toBe(5);
  const looked = async (body: object) => {
    const { body: answer } = await client.post("/get-online-features", {
      ...{ features: ["flight:distance"], entities: { distance: [1200] }, event_time: from, ...body },
    });
    return (answer.results as { values: unknown[] }[]).at(-1)?.values;
  };
  expect(await looked({ deployment: "late" })).toEqual([601]);
  expect(await looked({})).toEqual([1200]);
});

test("a candidate that needs what callers do not send is journalled with its errors; a caller's own mistake is not", async () => {
  await reroute({ candidate: { versionId: versions[1] as string, percent: 100 } });
  const before = records("e").length;
  const noOrigin = { inputs: flight().inputs.filter((input) => input.name !== "destination") };
  expect((await client.infer(noOrigin)).status).toBe(400);
  expect(records("e").slice(before)).toEqual([
    expect.objectContaining({ v: versions[1], role: "candidate", code: "invalid_input", dep: deployment }),
  ]);
  const noDistance = { inputs: flight().inputs.filter((input) => input.name !== "distance") };
  expect((await client.infer(noDistance)).status).toBe(400);
  expect(records("e")).toHaveLength(before + 1);
});
