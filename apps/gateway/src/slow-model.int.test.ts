import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, prediction, until } from "./testing/gateway-client.ts";
import { recordsOf } from "./testing/read-journal.ts";
import { CONGESTION_VIEW, overflowingModel, stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "44".repeat(32);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const NAMES = ["hour", "weekday", "distance"];

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  const champion = await project.version(stumpModel(NAMES, 2, 1000, -1, 2));
  const infinite = await project.version(overflowingModel(NAMES, 2, 1000), undefined, "prediction");
  await project.deploy({ champion });
  await project.deploy({ champion }, { name: "impatient", deadlineMs: 0 });
  await project.deploy({ champion: infinite }, { name: "infinite" });
  // Every model counts as slow, so all go to the pool.
  const limits = { inlineLimitMs: 0, maxQueuedRows: 64, inferenceProcesses: 2 };
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET, ...limits });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

const records = <K extends "p" | "e">(kind: K) => recordsOf(project.home, project.scope.projectId, kind);

function rows(n: number, distance = 10) {
  const inputs = flight({ distance }).inputs.map((input) => ({
    ...input,
    shape: [n],
    data: Array(n).fill(input.data[0]),
  }));
  return { inputs };
}

test("models in processes of their own answer each caller with its own rows", async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => client.infer(flight({ distance: i % 2 === 0 ? 10 : 2000 }))),
  );
  for (const [i, answer] of answers.entries()) {
    expect(prediction(answer).y).toBeCloseTo(sigmoid(i % 2 === 0 ? -1 : 1), 6);
  }
  expect((await client.call("GET", "/metrics")).text).toMatch(/ballast_model_run_seconds\{.*thread="pool"\}/);
});

test("a full queue answers 429 with Retry-After and journals whose it was; one large request alone is taken", async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => client.infer(rows(16))));
  const refused = answers.filter((answer) => answer.status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
  expect(answers.filter((answer) => answer.status === 200).length).toBe(60 - refused.length);
  expect(records("e").filter((record) => record.code === "too_many_requests")).toHaveLength(refused.length);
  await until(async () => (await client.infer(rows(5_000))).status === 200);
});

test("a request that is past its deadline gets 504 and is journalled as an error", async () => {
  const answer = await client.infer(flight({}, "too-late"), "impatient");
  expect(answer.status).toBe(504);
  expect(records("e").find((record) => record.rid === "too-late")).toMatchObject({
    code: "deadline_exceeded",
    role: "champion",
  });
});

test("an output that is not finite is an error of the version, for its own request alone", async () => {
  const [good, bad] = await Promise.all([
    client.infer(flight({ distance: 10 }), "infinite"),
    client.infer(flight({ distance: 5000 }, "nan"), "infinite"),
  ]);
  expect(good?.status, good?.text).toBe(200);
  expect(bad?.status).toBe(500);
  expect(bad?.text).toContain("not a finite number");
  expect(records("e").find((record) => record.rid === "nan")).toMatchObject({ code: "internal" });
});

test("an unknown key is a 422 where its view says so, and journalled as the version's error", async () => {
  const strict = { ...CONGESTION_VIEW, name: "strict", onMissing: "error" as const };
  await project.defineViews([strict]);
  const bindings = [{ input: "late", view: "strict", feature: "origin_3h" }];
  const version = await project.version(stumpModel(["late"], 0, 0.5, -1, 2), bindings);
  await project.deploy({ champion: version }, { name: "strict" });
  await until(async () => (await client.call("GET", "/v2/models/strict/ready")).status === 200);
  const answer = await client.infer(flight({}, "unknown-key"), "strict");
  expect(answer.status).toBe(422);
  expect(answer.text).toContain("SEA");
  expect(records("e").find((record) => record.rid === "unknown-key")).toMatchObject({ code: "unprocessable" });
  const df = { origin: ["SEA"], destination: ["BOS"], known_at: [Date.UTC(2001, 0, 10, 19)], late: [1] };
  await client.post("/push", { push_source_name: "flights", df });
  expect(prediction(await client.infer(flight(), "strict")).y).toBeCloseTo(sigmoid(1), 6);
});
