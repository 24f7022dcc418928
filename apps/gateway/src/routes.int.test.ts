import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, until } from "./testing/gateway-client.ts";
import { readJournal } from "./testing/read-journal.ts";
import { stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "22".repeat(32);
let t: TestDatabase;
let mine: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;

beforeAll(async () => {
  t = await testDatabase();
  mine = await TestProject.create(t);
  await mine.defineViews();
  const champion = await mine.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2));
  await mine.deploy({ champion });
  gateway = await startGateway({
    ...{ home: mine.home, database: t.db, secret: SECRET, maxBodyBytes: 1024 * 1024 },
    webUrl: "http://web.example:7300",
  });
  client = new GatewayClient(gateway.port, (await mine.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  mine?.remove();
});

const as = (token: string) => new GatewayClient(gateway.port, token);

test("a revoked token is refused within the stated delay", async () => {
  const { withTenant } = await import("@ballast/db");
  const { revokeToken } = await import("@ballast/governance/server");
  const { id, token } = await mine.token();
  expect((await as(token).infer(flight())).status).toBe(200);
  const revokedAt = Date.now();
  await withTenant(t.db, mine.scope.teamId, (tx) => revokeToken(tx, mine.scope, id));
  await until(async () => (await as(token).infer(flight())).status === 401);
  expect(Date.now() - revokedAt).toBeLessThan(5_000);
});

function without(name: string) {
  return { inputs: flight().inputs.filter((input) => input.name !== name) };
}
function reshaped(name: string, shape: number[], data: unknown[]) {
  return { inputs: flight().inputs.map((input) => (input.name === name ? { ...input, shape, data } : input)) };
}
const BAD: [string, unknown, number, string][] = [
  ["no JSON", "{", 400, "body"],
  ["an empty body", "", 400, "body"],
  ["no inputs", {}, 400, "inputs"],
  ["a missing column", without("distance"), 400, "distance"],
  ["a missing time column", without("departure_utc"), 400, "departure_utc"],
  ["a text for a number", flight({ distance: "far" }), 400, "inputs[5].data[0]"],
  [
    "a text column for a number",
    { inputs: flight().inputs.map((i) => (i.name === "distance" ? { ...i, datatype: "BYTES", data: ["far"] } : i)) },
    400,
    "distance",
  ],
  ["NaN as text", flight({ distance: "NaN" }), 400, "inputs[5].data[0]"],
  ["null", flight({ distance: null }), 400, "inputs[5].data[0]"],
  ["an overflow to infinity", JSON.stringify(flight()).replace("2496", "1e999"), 400, "inputs[5].data[0]"],
  ["a number beyond float32", flight({ distance: 1e300 }), 400, "distance"],
  ["no rows", { inputs: flight().inputs.map((input) => ({ ...input, shape: [0], data: [] })) }, 400, "inputs[0].shape"],
  ["columns of different length", reshaped("distance", [2], [1, 2]), 400, "inputs[5].shape"],
  ["a matrix for a column", reshaped("distance", [1, 2], [1, 2]), 400, "inputs[5].shape"],
  [
    "the model's tensor with a wrong width",
    { inputs: [{ name: "features", shape: [1, 4], datatype: "FP32", data: [1, 2, 3, 4] }] },
    400,
    "[n, 3]",
  ],
  [
    "the model's tensor as doubles",
    { inputs: [{ name: "features", shape: [1, 3], datatype: "FP64", data: [1, 2, 3] }] },
    400,
    "FP32",
  ],
  ["an output nobody has", { ...flight(), outputs: [{ name: "embedding" }] }, 400, "outputs[0].name"],
  ["a 10 MB body", `"${"x".repeat(10 * 1024 * 1024)}"`, 413, "1048576 bytes"],
];

test.each(BAD)("infer refuses %s", async (_what, body, status, names) => {
  const before = readJournal(mine.home, mine.scope.projectId).length;
  const answer = await client.infer(body);
  expect(answer.status, answer.text.slice(0, 300)).toBe(status);
  expect(answer.text).toContain(names);
  expect(answer.body.error).toEqual(expect.any(String));
  expect(readJournal(mine.home, mine.scope.projectId).length).toBe(before);
});

test("a binary tensor and a compressed body are refused in words, not as broken JSON", async () => {
  const infer = (body: unknown, headers: Record<string, string>) =>
    client.call("POST", "/v2/models/late/infer", body, headers);
  const json = '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]}';
  const binary = await infer(`${json}\u0000\u0000\u0000\u0000`, {
    "inference-header-content-length": `${json.length}`,
  });
  expect(binary.status).toBe(400);
  expect(binary.body.error).toContain("Binary tensors are not supported");
  const zipped = await infer(Buffer.from([0x1f, 0x8b, 8, 0]), { "content-encoding": "gzip" });
  expect(zipped.status).toBe(400);
  expect(zipped.body.error).toContain("Content-Encoding gzip");
});

const BAD_ELSEWHERE: [string, string, unknown, number, string][] = [
  ["outcomes that are no list", "/v1/outcomes", { outcomes: {} }, 400, "outcomes"],
  ["an outcome without a label", "/v1/outcomes", { outcomes: [{ prediction_id: "prd_x" }] }, 400, "outcomes[0].label"],
  [
    "an outcome with a negative revision",
    "/v1/outcomes",
    { outcomes: [{ prediction_id: "prd_x", label: 1, revision: -1 }] },
    400,
    "outcomes[0].revision",
  ],
  [
    "an outcome with a revision beyond 32 bits",
    "/v1/outcomes",
    { outcomes: [{ prediction_id: "prd_x", label: 1, revision: 2 ** 31 }] },
    400,
    "outcomes[0].revision",
  ],
  [
    "an outcome at no time",
    "/v1/outcomes",
    { outcomes: [{ prediction_id: "prd_x", label: 1, occurred_at: "yesterday" }] },
    400,
    "outcomes[0].occurred_at",
  ],
  [
    "an outcome for an unknown prediction",
    "/v1/outcomes",
    { outcomes: [{ prediction_id: "prd_x", label: 1 }] },
    404,
    "prd_x",
  ],
  [
    "an outcome in seconds",
    "/v1/outcomes",
    { outcomes: [{ prediction_id: "prd_x", label: 1, occurred_at: 981_000_000 }] },
    400,
    "outcomes[0].occurred_at 981000000 looks like seconds",
  ],
  [
    "a push in seconds",
    "/push",
    { push_source_name: "flights", df: { origin: ["A"], destination: ["B"], known_at: [981_000_000], late: [1] } },
    400,
    "981000000 looks like seconds",
  ],
  ["a push without rows", "/push", { push_source_name: "flights", df: { origin: [] } }, 400, "df"],
  [
    "a push with ragged columns",
    "/push",
    { push_source_name: "flights", df: { origin: ["A"], late: [1, 0] } },
    400,
    "df.late",
  ],
  [
    "a push without a column a view reads",
    "/push",
    { push_source_name: "flights", df: { origin: ["A"] } },
    400,
    "known_at",
  ],
  [
    "a push with a share's column out of range",
    "/push",
    { push_source_name: "flights", df: { origin: ["A"], destination: ["B"], known_at: [1], late: [2] } },
    400,
    "late",
  ],
  ["a push with a nameless column", "/push", { push_source_name: "other", df: { "": [1] } }, 400, "df"],
  ["a push with NUL in a name", "/push", { push_source_name: "other", df: { "a\u0000b": [1] } }, 400, "a\\\\u0000b"],
  [
    "a push of a thousand and one columns",
    "/push",
    { push_source_name: "other", df: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`c${i}`, [1]])) },
    400,
    "1001 columns",
  ],
  ["a push to no source", "/push", { df: { origin: ["A"] } }, 400, "push_source_name"],
  [
    "a lookup of an unknown feature",
    "/get-online-features",
    { features: ["congestion:nope"], entities: { origin: ["A"] } },
    404,
    "nope",
  ],
  [
    "a lookup without its entity",
    "/get-online-features",
    { features: ["congestion:origin_3h"], entities: { destination: ["A"] } },
    400,
    "origin",
  ],
  [
    "a lookup of a thousand and one features",
    "/get-online-features",
    { features: Array(1001).fill("congestion:origin_3h"), entities: { origin: ["A"], destination: ["B"] } },
    400,
    "features holds 1001 names; at most 1000",
  ],
  [
    "a lookup of a quarter of a million values",
    "/get-online-features",
    {
      features: Array(23).fill("congestion:origin_3h"),
      entities: { origin: Array(10_000).fill("A"), destination: Array(10_000).fill("B") },
    },
    400,
    "entities with features asks for 250000 values (rows × columns); at most 200000",
  ],
  ["a watermark in the future", "/v1/watermark", { event_time: "2999-01-01T00:00:00Z" }, 400, "event_time"],
  ["a watermark without a time", "/v1/watermark", {}, 400, "event_time"],
];

test.each(BAD_ELSEWHERE)("%s is refused", async (_what, path, body, status, names) => {
  const answer = await client.post(path, body);
  expect(answer.status, answer.text).toBe(status);
  expect(answer.text).toContain(names);
});

test("after all that, the connection, the health and the next prediction are fine", async () => {
  expect((await client.call("GET", "/health/ready")).body).toEqual({ live: true, ready: true });
  expect((await client.infer(flight())).status).toBe(200);
  expect((await client.call("DELETE", "/push")).status).toBe(405);
  expect((await client.call("GET", "/v2/models/%ff")).status).toBe(404);
});

test("an upload is stored under its digest; another content than announced is refused", async () => {
  const bytes = Buffer.from("model bytes");
  const stored = await client.call("PUT", "/v1/artifacts", bytes);
  expect(stored.body).toMatchObject({ size: bytes.length, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const wrong = await client.call("PUT", `/v1/artifacts?digest=${"0".repeat(64)}`, bytes);
  expect(wrong.status).toBe(422);
});

test("the front page is HTML under a policy of its own and takes links to the web app that it was given", async () => {
  const { status, headers, text } = await as("").call("GET", "/");
  expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]{44}';/);
  expect(text).toContain('href="http://web.example:7300/"');
  expect((await as("").call("GET", "//")).status).toBe(404);
});

test("metadata, readiness and metrics say what is served", async () => {
  const { body } = await client.call("GET", "/v2/models/late");
  expect(body).toMatchObject({ name: "late", versions: ["1"], platform: "onnx_onnxv1" });
  expect(body.inputs).toContainEqual({ name: "distance", datatype: "FP64", shape: [-1] });
  expect((await client.call("GET", "/v2/models/late/versions/1/ready")).body).toEqual({ name: "late", ready: true });
  expect((await client.call("GET", "/v2/models/late/versions/9")).status).toBe(404);
  const { text } = await client.call("GET", "/metrics");
  expect(text).toMatch(/ballast_requests_total\{deployment="late",version="1",role="champion",status="200"\} [1-9]/);
  expect(text).toMatch(/^ballast_event_loop_delay_p99_seconds [\d.e-]+$/m);
  for (const line of text.split("\n")) expect(line).toMatch(/^$|^# (HELP|TYPE) |^[a-z0-9_]+(\{[^}]*\})? -?[\d.e+-]+$/);
});
