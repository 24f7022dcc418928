/**
 * The gateway's access matrix: every route of the table without a token, with a bad one, with all permissions but the one, from
 * another project, and with garbage. A route that is new fails here until it has a case.
 */
import { request } from "node:http";
import { PERMISSIONS } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTES, type Route } from "./routes.ts";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { type Answer, flight, GatewayClient, prediction } from "./testing/gateway-client.ts";
import { CONGESTION_VIEW, FLIGHT_VIEW, stumpModel, TestProject } from "./testing/test-project.ts";

/** What one asks a route for; `foreign` names another project's things and must find nothing. */
interface RouteCase {
  body?: () => unknown;
  headers?: Record<string, string>;
  foreign?: () => unknown[];
}

const SECRET = "33".repeat(32);
const counts = { routes: 0, refusals: 0, foreign: 0, garbage: 0, paths: 0 };
let t: TestDatabase;
let mine: TestProject;
let theirs: TestProject;
let gateway: RunningGateway;
let all: GatewayClient;
let stranger: GatewayClient;
const runs = { mine: "", theirs: "" };
const uploads = { mine: "", theirs: "" };
let myPrediction = "";
let theirPrediction = "";

beforeAll(async () => {
  t = await testDatabase();
  mine = await TestProject.create(t);
  theirs = await TestProject.create(t, mine.home);
  await mine.defineViews();
  await theirs.defineViews([FLIGHT_VIEW, { ...CONGESTION_VIEW, name: "hidden" }]);
  for (const project of [mine, theirs]) {
    const champion = await project.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2));
    await project.deploy({ champion }, { name: project === mine ? "late" : "secret" });
  }
  gateway = await startGateway({ home: mine.home, database: t.db, secret: SECRET, maxBodyBytes: 1024 * 1024 });
  all = await as(mine, PERMISSIONS);
  stranger = await as(theirs, PERMISSIONS);
  for (const [whose, project, client] of [
    ["mine", mine, all],
    ["theirs", theirs, stranger],
  ] as const) {
    runs[whose] = await project.run();
    uploads[whose] = String((await client.post("/v1/uploads", { owner: runs[whose], path: "file" })).body.id);
  }
  myPrediction = prediction(await all.infer(flight())).id;
  theirPrediction = prediction(await stranger.infer(flight(), "secret")).id;
});
afterAll(async () => {
  process.stdout.write(
    `gateway access matrix: ${counts.routes} of ${ROUTES.length} routes, ${counts.refusals} refusals, ${counts.foreign} foreign names, ${counts.garbage} garbage bodies, ${counts.paths} unknown paths\n`,
  );
  await gateway?.close();
  await t?.close();
  mine?.remove();
});

const NOTHING: RouteCase = {};
const LOOKUP = { features: ["congestion:origin_3h"], entities: { origin: ["SEA"] }, full_feature_names: true };
const PUSH = { origin: ["SEA"], destination: ["BOS"], known_at: [Date.UTC(2001, 0, 1)], late: [1] };
const outcome = (id: string) => ({
  outcomes: [{ prediction_id: id, label: 1, revision: 0, occurred_at: "2001-01-11T00:00:00Z" }],
});
const CASES: Readonly<Record<string, RouteCase>> = {
  "GET /": NOTHING,
  "GET /health/live": NOTHING,
  "GET /health/ready": NOTHING,
  "GET /v2/health/live": NOTHING,
  "GET /v2/health/ready": NOTHING,
  "GET /v2": NOTHING,
  "GET /v2/models/:name": NOTHING,
  "GET /v2/models/:name/versions/:version": NOTHING,
  "GET /v2/models/:name/ready": NOTHING,
  "GET /v2/models/:name/versions/:version/ready": NOTHING,
  "POST /v2/models/:name/infer": { body: () => flight() },
  "POST /v2/models/:name/versions/:version/infer": { body: () => flight() },
  "POST /v1/outcomes": { body: () => outcome(myPrediction), foreign: () => [outcome(theirPrediction)] },
  "POST /v1/watermark": { body: () => ({ event_time: "2001-01-01T00:00:00Z" }) },
  "POST /push": { body: () => ({ push_source_name: "flights", push_id: "p1", df: PUSH }) },
  "POST /get-online-features": {
    body: () => ({ ...LOOKUP, event_time: "2001-01-10T00:00:00Z" }),
    foreign: () => [
      { ...LOOKUP, features: ["hidden:origin_3h"] },
      { ...LOOKUP, features: ["hidden@1:origin_3h"] },
    ],
  },
  "PUT /v1/artifacts": { body: () => "bytes" },
  "POST /v1/uploads": {
    body: () => ({ owner: runs.mine, path: "fresh", size: 4 }),
    foreign: () => [{ owner: runs.theirs, path: "fresh", size: 4 }],
  },
  "GET /v1/uploads/:id": NOTHING,
  "HEAD /v1/uploads/:id": NOTHING,
  "PUT /v1/uploads/:id": { body: () => "", headers: { "upload-offset": "0" } },
  "POST /v1/uploads/:id/complete": { body: () => ({}) },
  "DELETE /v1/uploads/:id": NOTHING,
  "GET /metrics": NOTHING,
};

const keyOf = (route: Route) => `${route.method} ${route.path}`;
const NAMED: [string, Route][] = ROUTES.map((route) => [keyOf(route), route]);
const GUARDED = NAMED.filter(([, route]) => route.permission !== "public");
const WITH_BODY = NAMED.filter(([key]) => CASES[key]?.body !== undefined);

async function as(project: TestProject, permissions: readonly (typeof PERMISSIONS)[number][]): Promise<GatewayClient> {
  return new GatewayClient(gateway.port, (await project.token(permissions)).token);
}
/** Names by what they stand for: mine, another project's, nobody's. */
const uploadOf = (model: string) => ({ late: uploads.mine, secret: uploads.theirs })[model] ?? "upl_ghost";
const pathOf = ({ path }: Route, model = "late") =>
  path.replace(":name", model).replace(":version", "1").replace(":id", uploadOf(model));
const ask = (who: GatewayClient, route: Route, body = CASES[keyOf(route)]?.body?.(), model?: string) => {
  const without = route.method === "GET" || route.method === "HEAD";
  return who.call(route.method, pathOf(route, model), without ? undefined : body, CASES[keyOf(route)]?.headers);
};

function expectRefused(answer: Answer, status: number, code: string): void {
  counts.refusals += 1;
  expect(answer.status, answer.text).toBe(status);
  // The answer to HEAD has no body.
  if (answer.text !== "") expect(answer.body).toMatchObject({ code, error: expect.any(String) });
}

test("every route has a case, and only the front page, health and the server's name are public", () => {
  expect(
    NAMED.map(([key]) => key).filter((key) => !(key in CASES)),
    "add me to CASES",
  ).toEqual([]);
  expect(Object.keys(CASES)).toHaveLength(ROUTES.length);
  expect(ROUTES.filter((route) => route.permission === "public").map((route) => route.path)).toEqual([
    ...["/", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/v2"],
  ]);
});

test.each(NAMED)("%s: answers whom it is for and tells nobody else anything", async (key, route) => {
  counts.routes += 1;
  const nobody = new GatewayClient(gateway.port, "");
  if (route.permission === "public") {
    expect((await ask(nobody, route)).status).toBe(200);
    return;
  }
  const without = await as(
    mine,
    PERMISSIONS.filter((permission) => permission !== route.permission),
  );
  // Who one is and what one may do is said before anything about the body is.
  for (const body of [CASES[key]?.body?.(), route.method === "GET" ? undefined : "{garbage"]) {
    expectRefused(await ask(nobody, route, body), 401, "unauthenticated");
    for (const token of ["nonsense", `blst_${"0".repeat(40)}`, "blst_", "é".repeat(40)].map(encodeURIComponent))
      expectRefused(await ask(new GatewayClient(gateway.port, token), route, body), 401, "unauthenticated");
    expectRefused(await ask(without, route, body), 403, "forbidden");
  }
  const answer = await ask(await as(mine, [route.permission]), route);
  expect(answer.status, answer.text).toBe(200);
});

test.each(GUARDED)("%s: another project's things are as unknown as those nobody made", async (key, route) => {
  for (const body of CASES[key]?.foreign?.() ?? []) {
    counts.foreign += 1;
    expectRefused(await ask(all, route, body), 404, "not_found");
    expect((await ask(stranger, route, body)).status).toBe(200);
  }
  if (!/:(name|id)/.test(route.path)) return;
  counts.foreign += 1;
  const [secret, ghost] = [await ask(all, route, undefined, "secret"), await ask(all, route, undefined, "ghost")];
  expectRefused(secret, 404, "not_found");
  const hidden = (text: string, model: string) => text.replaceAll(uploadOf(model), "X").replaceAll(model, "X");
  expect(hidden(secret.text, "secret")).toBe(hidden(ghost.text, "ghost"));
  expect((await ask(stranger, route, undefined, "secret")).status).toBe(200);
  expectRefused(await ask(stranger, route), 404, "not_found");
});

test("metrics are the token's project's alone", async () => {
  expect((await all.call("GET", "/metrics")).text).toContain('deployment="late"');
  expect((await all.call("GET", "/metrics")).text).not.toContain("secret");
});

const GARBAGE: readonly unknown[] = [
  ...[null, true, [], {}, [[]], [null], "", "\u0000", "\ud800", "x".repeat(20_000), "__proto__", "NaN"],
  ...["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", -1, 0.5, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e308, { a: {} }],
];
const RAW: readonly string[] = [
  ...[
    "",
    " ",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    '{"__proto__":{"inputs":[]}}',
    "\u0000",
    "\ufeff{}",
    "[".repeat(100_000),
  ],
  ...['{"inputs":[{"name":"x","shape":[1e999],"datatype":"FP64","data":[1e999]}]}', '{"a":1}{"b":2}'],
];

/** The value with every part of it, at every depth, replaced by each piece of garbage in turn. */
function* spoiled(value: unknown): Generator<unknown> {
  yield* GARBAGE;
  if (Array.isArray(value)) {
    for (const inner of spoiled(value[0])) yield [inner, ...value.slice(1)];
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      const { [key]: _left, ...rest } = value as Record<string, unknown>;
      yield rest;
      for (const inner of spoiled(part)) yield { ...rest, [key]: inner };
    }
  }
}

test.each(WITH_BODY)("%s: garbage is the caller's error, and the next request is served", async (key, route) => {
  const failed: string[] = [];
  const right = CASES[key]?.body?.();
  const bodies = [...RAW, ...[...spoiled(right)].map((body) => JSON.stringify(body))];
  for (const body of new Set(bodies)) {
    counts.garbage += 1;
    const answer = await ask(all, route, body);
    const fine = answer.status === 200 || (answer.status < 500 && typeof answer.body.error === "string");
    if (!fine) failed.push(`${body.slice(0, 200)} → ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  expect(failed).toEqual([]);
  expect((await all.infer(flight())).status).toBe(200);
});

/** Sends a path as it is: `fetch` would tidy it up. */
function raw(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: gateway.port, method, path }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end();
  });
}

test("paths that nobody knows are 404, known ones with another method 405", async () => {
  const unknown = ["/v1", "/v2/models", "/v3", "/admin", "/metrics/x", "//", "/v2/models/%ff/infer", "/v2/../metrics"];
  for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    for (const path of unknown) {
      counts.paths += 1;
      expect(await raw(method, path), `${method} ${path}`).toBe(404);
    }
    for (const route of ROUTES) {
      const known = ROUTES.some((other) => other.path === route.path && other.method === method);
      if (!known) expect(await raw(method, pathOf(route)), `${method} ${route.path}`).toBe(405);
    }
  }
});
