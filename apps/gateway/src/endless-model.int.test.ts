import { readFileSync } from "node:fs";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, until } from "./testing/gateway-client.ts";
import { recordsOf } from "./testing/read-journal.ts";
import { stumpModel, TestProject } from "./testing/test-project.ts";

/** Counts to the largest value it is given, one by one. */
const COUNTING = readFileSync(new URL("../../../packages/onnx/fixtures/loop.onnx", import.meta.url));
/** The same by another producer (field 2 of ModelProto): a model of its own to the pool. */
const by = (producer: string) => Buffer.concat([COUNTING, Buffer.of(0x12, producer.length), Buffer.from(producer)]);
const ENDLESS = { distance: 1e18 };

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway | null = null;
let client: GatewayClient;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  const stump = await project.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2));
  await project.deploy({ champion: stump });
  const shadows = [await project.version(by("a"))];
  await project.deploy({ champion: stump, shadows }, { name: "shadowed", deadlineMs: 200 });
  await project.deploy({ champion: await project.version(by("b")) }, { name: "counting", deadlineMs: 200 });
  await project.deploy({ champion: await project.version(by("c")) }, { name: "last", deadlineMs: 200 });
  // Every model goes to the pool, which is one process.
  const limits = { inlineLimitMs: 0, inferenceProcesses: 1 };
  gateway = await startGateway({ home: project.home, database: t.db, secret: "45".repeat(32), ...limits });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

const metrics = async () => (await client.call("GET", "/metrics")).text;

test("a shadow that computes for ever is stopped, and a watermark waits no longer than that", async () => {
  expect((await client.infer(flight(ENDLESS), "shadowed")).status).toBe(200);
  const answer = await client.post("/v1/watermark", { event_time: Date.UTC(2001, 0, 11) });
  expect(answer.body, answer.text).toMatchObject({ moved: true });
  expect(await metrics()).toMatch(/ballast_shadow_rows_total\{deployment="shadowed",version="2",result="failed"\} 1/);
});

test("a model that computes for ever takes the pool from the others until its run is ended, and is then left alone for a while", async () => {
  await until(async () => (await client.infer(flight({ distance: 3 }), "counting")).status === 200);
  const late = await client.infer(flight(ENDLESS, "endless"), "counting");
  expect(late.status, late.text).toBe(504);
  await until(async () => (await client.infer(flight())).status === 200);
  expect((await client.infer(flight(), "counting")).status).toBe(503);
  expect(await metrics()).toMatch(/ballast_model_stopped\{deployment="counting",version="3",role="champion"\} 1/);
  const codes = recordsOf(project.home, project.scope.projectId, "e").map(({ code }) => code);
  expect(codes).toContain("deadline_exceeded");
});

test("the gateway stops while a model computes for ever", async () => {
  expect((await client.infer(flight(ENDLESS), "last")).status).toBe(504);
  await gateway?.close();
  gateway = null;
});
