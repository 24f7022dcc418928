/** MLflow's dialect on the wire: what clients of any language may send, and exactly what they get. */
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { type Answer, GatewayClient } from "./testing/gateway-client.ts";
import { type MlflowWorld, makeMlflowWorld } from "./testing/mlflow-world.ts";
import { TestProject } from "./testing/test-project.ts";

const API = "/api/2.0/mlflow";
let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let token = "";
let w: MlflowWorld;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  gateway = await startGateway({ home: project.home, database: t.db, secret: "77".repeat(32) });
  token = (await project.token()).token;
  client = new GatewayClient(gateway.port, token);
  w = await makeMlflowWorld(client);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

const post = (path: string, body: unknown) => client.post(`${API}/${path}`, body);
const get = (path: string) => client.call("GET", `${API}/${path}`);
interface RunData {
  metrics?: { key: string; value: number | string; step: number; timestamp: number }[];
  params?: { key: string; value: string }[];
  tags?: { key: string; value: string }[];
}
async function newRun(): Promise<string> {
  const { body } = await post("runs/create", { experiment_id: w.experimentId });
  return (body.run as { info: { run_id: string } }).info.run_id;
}
async function dataOf(runId: string): Promise<RunData> {
  return ((await get(`runs/get?run_id=${runId}`)).body.run as { data: RunData }).data;
}
function expectRefused(answer: Answer, status: number, code: string, message?: string | RegExp): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.body).toEqual({ error_code: code, message: expect.any(String) });
  if (message !== undefined) expect(answer.body.message).toMatch(message);
}

const metric = (more: Record<string, unknown> = {}) => ({ key: "m", value: 1, timestamp: 5, step: 0, ...more });
/** Each is wrong in one place, behind parts that are right; the message names the place as MLflow's server does. */
const WRONG: [string, Record<string, unknown>, RegExp][] = [
  [
    "a metric without time",
    { metrics: [metric(), { key: "m", value: 1 }] },
    /Missing value for required parameter 'metrics\[1\]\.timestamp'/,
  ],
  ["a metric without value", { metrics: [metric(), { key: "m", timestamp: 1 }] }, /'metrics\[1\]\.value'/],
  ["a metric without key", { metrics: [metric(), { value: 1, timestamp: 1 }] }, /'metrics\[1\]\.key'/],
  [
    "text for a value",
    { metrics: [metric({ value: "high" })] },
    /Invalid value "high" for parameter 'metrics\[0\]\.value'/,
  ],
  ["a negative time", { metrics: [metric({ timestamp: -1 })] }, /'metrics\[0\]\.timestamp'.*nonnegative/],
  ["half a step", { metrics: [metric({ step: 0.5 })] }, /'metrics\[0\]\.step'/],
  ["a step beyond 2^53", { metrics: [metric({ step: 2 ** 60 })] }, /'metrics\[0\]\.step'/],
  ["an unknown logged model", { metrics: [metric({ model_id: `m-${"0".repeat(32)}` })] }, /Logged model with ID/],
  ["a key that is a path", { metrics: [metric({ key: "../up" })] }, /must not resolve to other names.*'\.\.\/up'/],
  ["a key of 251 characters", { metrics: [metric({ key: "k".repeat(251) })] }, /exceeds the maximum length of 250/],
  [
    "a parameter twice",
    {
      params: [
        { key: "a", value: "1" },
        { key: "a", value: "1" },
      ],
    },
    /Duplicate parameter keys.*\['a'\]/,
  ],
  ["a parameter without key", { params: [{ value: "1" }] }, /Missing value for required parameter 'params\[0\]\.key'/],
  [
    "a tag with a strange key",
    { tags: [{ key: "what?", value: "1" }] },
    /Invalid value "what\?" for parameter 'tags\[0\]\.key'/,
  ],
  [
    "an object for a list",
    { metrics: {} },
    /Invalid value {} for parameter 'metrics' supplied: {2}Hint: Value was of type 'dict'/,
  ],
  [
    "101 tags",
    { tags: Array.from({ length: 101 }, (_, i) => ({ key: `${i}`, value: "" })) },
    /at most 100 tags\. Got 101/,
  ],
  ["1,001 metrics", { metrics: Array.from({ length: 1001 }, () => metric()) }, /at most 1000 metrics/],
  ["a parameter that changes", { params: [{ key: "fixed", value: "2" }] }, /"1".*"2"/],
];

test.each(WRONG)("log-batch with %s: refused by name, and nothing of it is written", async (_name, wrong, message) => {
  const runId = await newRun();
  expect((await post("runs/log-parameter", { run_id: runId, key: "fixed", value: "1" })).status).toBe(200);
  const right = {
    metrics: [metric({ key: "right" })],
    params: [{ key: "right", value: "1" }],
    tags: [{ key: "right", value: "1" }],
  };
  const both = Object.fromEntries(
    Object.entries({ ...right, ...wrong }).map(([name, value]) => {
      const more = right[name as keyof typeof right];
      return [name, Array.isArray(value) && value !== more && value.length < 100 ? [...more, ...value] : value];
    }),
  );
  // The places shift by the one that is right.
  const shifted = message.source.replace(/\\\[(\d)\\\]/, (_, i: string) => `\\[${Number(i) + 1}\\]`);
  const answer = await post("runs/log-batch", { run_id: runId, ...both });
  expect([400, 404]).toContain(answer.status);
  expect(answer.body.message).toMatch(new RegExp(shifted));
  const data = await dataOf(runId);
  expect(data.metrics).toBeUndefined();
  expect(data.params).toEqual([{ key: "fixed", value: "1" }]);
  expect((data.tags ?? []).map(({ key }) => key)).toEqual(["mlflow.runName"]);
});

test("a batch that is sent twice changes nothing the second time", async () => {
  const runId = await newRun();
  const batch = {
    run_id: runId,
    metrics: [metric(), metric({ step: 1, value: 2 })],
    params: [{ key: "a", value: "1" }],
  };
  for (let i = 0; i < 2; i++) expect((await post("runs/log-batch", batch)).text).toBe("{}");
  const { body } = await get(`metrics/get-history?run_id=${runId}&metric_key=m`);
  expect(body).toEqual({ metrics: [metric(), metric({ step: 1, value: 2 })] });
});

test("NaN and infinities: as text, as Python's bare words, and back as text", async () => {
  const runId = await newRun();
  await post("runs/log-batch", {
    run_id: runId,
    metrics: [metric({ value: "NaN" }), metric({ key: "i", value: "-Infinity" })],
  });
  const bare = `{"run_id": "${runId}", "key": "bare NaN", "value": NaN, "timestamp": 1}`;
  expect((await post("runs/log-metric", bare)).status).toBe(200);
  expect((await dataOf(runId)).metrics).toEqual([
    { key: "bare NaN", value: "NaN", timestamp: 1, step: 0 },
    { key: "i", value: "-Infinity", timestamp: 5, step: 0 },
    { key: "m", value: "NaN", timestamp: 5, step: 0 },
  ]);
});

test("old habits: bodies encoded twice, run_uuid, ids as numbers, integers as text, no body at all", async () => {
  const twice = JSON.stringify(JSON.stringify({ experiment_id: 0, start_time: "17", run_name: "old" }));
  const made = await post("runs/create", twice);
  const info = (made.body.run as { info: Record<string, unknown> }).info;
  expect(info).toMatchObject({ run_name: "old", start_time: 17, status: "RUNNING", lifecycle_stage: "active" });
  expect(info.run_uuid).toBe(info.run_id);
  expect("end_time" in info).toBe(false);
  expect((await get(`runs/get?run_uuid=${String(info.run_id)}`)).status).toBe(200);
  expectRefused(await client.call("POST", `${API}/runs/log-metric`), 400, "INVALID_PARAMETER_VALUE", /'run_id'/);
  expectRefused(
    await post("runs/log-metric", { run_id: 31 }),
    400,
    "INVALID_PARAMETER_VALUE",
    /^Invalid value 31 for parameter 'run_id' supplied/,
  );
});

test("histories come in pages, every point once; without max_results they are not empty", async () => {
  const runId = await newRun();
  await post("runs/log-batch", {
    run_id: runId,
    metrics: Array.from({ length: 25 }, (_, i) => metric({ step: -i, value: i })),
  });
  const seen: number[] = [];
  let query = `metrics/get-history?run_id=${runId}&metric_key=m&max_results=10`;
  for (let page = 0; page < 3; page++) {
    const { body } = await get(query);
    seen.push(...(body.metrics as { step: number }[]).map(({ step }) => step));
    query = `${query.split("&page_token")[0]}&page_token=${String(body.next_page_token)}`;
    expect("next_page_token" in body).toBe(page < 2);
  }
  expect(seen.sort((a, b) => b - a)).toEqual(Array.from({ length: 25 }, (_, i) => 0 - i));
  expect((await get(`metrics/get-history?run_id=${runId}&metric_key=m`)).body.metrics).toHaveLength(25);
  expectRefused(
    await get(`metrics/get-history?run_id=${runId}&metric_key=m&page_token=x`),
    400,
    "INVALID_PARAMETER_VALUE",
  );
  expectRefused(
    await get(`metrics/get-history?run_id=${runId}&metric_key=m&max_results=0`),
    400,
    "INVALID_PARAMETER_VALUE",
  );
});

test("many histories at once, whole and sampled: negative steps and spikes stay", async () => {
  const runId = await newRun();
  for (let part = 0; part < 3; part++) {
    const metrics = Array.from({ length: 1000 }, (_, i) => {
      const step = part * 1000 + i - 50;
      return metric({ step, value: step === 1234 ? 1e6 : 0, timestamp: 1000 + step });
    });
    expect((await post("runs/log-batch", { run_id: runId, metrics })).status).toBe(200);
  }
  const bulk = await client.call(
    "GET",
    `/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${runId}&run_id=${w.runId}&metric_key=m`,
  );
  expect(bulk.body.metrics).toHaveLength(3001);
  const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${runId}&run_ids=${w.runId}&metric_key=m`;
  const sampled = (await client.call("GET", `${path}&max_results=320`)).body.metrics as {
    step: number;
    value: number;
    run_id: string;
  }[];
  const own = sampled.filter((point) => point.run_id === runId);
  expect(own.length).toBeLessThanOrEqual(320);
  expect(own[0]?.step).toBe(-50);
  expect(own.at(-1)?.step).toBe(2949);
  expect(own.some(({ step, value }) => step === 1234 && value === 1e6)).toBe(true);
  const part = (await client.call("GET", `${path}&start_step=0&end_step=9`)).body.metrics as unknown[];
  expect(part).toHaveLength(11);
  for (const wrong of ["&start_step=3", "&max_results=0", "&max_results=2501", "&start_step=9&end_step=1"]) {
    expectRefused(await client.call("GET", path + wrong), 400, "INVALID_PARAMETER_VALUE");
  }
});

test("a field that DELETE or PATCH carries in its body is read", async () => {
  const described = await client.call("PATCH", `${API}/registered-models/update`, {
    name: w.model,
    description: "text",
  });
  expect(described.body.registered_model).toMatchObject({ name: w.model, description: "text" });
  const answer = await client.call("DELETE", `${API}/registered-models/alias`, { name: w.model, alias: "best" });
  expect([answer.status, answer.text]).toEqual([200, "{}"]);
  expectRefused(
    await get(`registered-models/alias?name=${w.model}&alias=best`),
    400,
    "INVALID_PARAMETER_VALUE",
    /alias best not found/,
  );
});

test("paths nobody knows are 404 ENDPOINT_NOT_FOUND, known ones with another method 405", async () => {
  const unknown = [
    "/api/2.0/mlflow/nope",
    "/api/3.0/mlflow/traces/search",
    "/api/3.0/mlflow/workspaces",
    "/api/3.0/mlflow/experiments/get",
  ];
  for (const path of [
    ...unknown,
    "/ajax-api/2.0/mlflow/gateway-proxy",
    "/api/2.0/mlflow-artifacts/nope",
    "/ajax-api/3.0/jobs/",
  ]) {
    for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
      expectRefused(await client.call(method, path, method === "GET" ? undefined : {}), 404, "ENDPOINT_NOT_FOUND");
    }
  }
  const wrong = await client.call("PUT", `${API}/runs/create`, {});
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  expect(wrong.body).toHaveProperty("error_code");
});

test("bodies that are no JSON objects are BAD_REQUEST, and the connection goes on", async () => {
  for (const body of ["{", "[]", "7", '"text"', "\u0000", "[".repeat(200_000), '{"run_id": NaN,}', "<xml/>"]) {
    expectRefused(await post("runs/log-batch", body), 400, "BAD_REQUEST");
  }
  expectRefused(
    await post("runs/set-tag", `{"run_id":"${w.runId}","key":"k","value":"\\u0000"}`),
    400,
    "INVALID_PARAMETER_VALUE",
  );
  expectRefused(
    await post("runs/set-tag", { run_id: w.runId, key: "k", value: "x".repeat(40 * 1024 * 1024) }),
    413,
    "INVALID_PARAMETER_VALUE",
  );
  expect((await get(`runs/get?run_id=${w.runId}`)).status).toBe(200);
});

test("the token as a password, whatever the user name", async () => {
  const nobody = new GatewayClient(gateway.port, "");
  const path = `${API}/runs/get?run_id=${w.runId}`;
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  for (const text of [`token:${token}`, `:${token}`, `${token}:`]) {
    expect((await nobody.call("GET", path, undefined, basic(text))).status, text).toBe(200);
  }
  for (const text of ["admin:password1234", "", "nonsense", `x:${token}0`]) {
    expectRefused(await nobody.call("GET", path, undefined, basic(text)), 401, "UNAUTHENTICATED");
  }
});
