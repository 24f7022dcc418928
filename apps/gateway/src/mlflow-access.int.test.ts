/**
 * The access matrix of MLflow's routes: every route of the dialect without a token, with a bad one, with all permissions but the
 * one, from another project, and with garbage. A route that is new fails here until it has a case.
 */
import { PERMISSIONS, type Permission } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { MLFLOW_ROUTES, type MlflowRoute } from "@ballast/mlflow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { type Answer, GatewayClient } from "./testing/gateway-client.ts";
import { MLFLOW_CASES, type MlflowAsk, makeMlflowWorld, WEBHOOK_HOST } from "./testing/mlflow-world.ts";
import { TestProject } from "./testing/test-project.ts";

const counts = { routes: 0, refusals: 0, foreign: 0, garbage: 0 };
let t: TestDatabase;
let mine: TestProject;
let theirs: TestProject;
let gateway: RunningGateway;
let all: GatewayClient;
let stranger: GatewayClient;

beforeAll(async () => {
  t = await testDatabase();
  mine = await TestProject.create(t);
  theirs = await TestProject.create(t, mine.home);
  gateway = await startGateway({
    home: mine.home,
    database: t.db,
    secret: "44".repeat(32),
    webhookHosts: [WEBHOOK_HOST],
  });
  all = await as(mine, PERMISSIONS);
  stranger = await as(theirs, PERMISSIONS);
});
afterAll(async () => {
  process.stdout.write(
    `mlflow access matrix: ${counts.routes} of ${MLFLOW_ROUTES.length} routes, ${counts.refusals} refusals, ${counts.foreign} foreign names, ${counts.garbage} garbage requests\n`,
  );
  await gateway?.close();
  await t?.close();
  mine?.remove();
});

const PUBLIC = ["GET /health", "GET /version", "GET /api/3.0/mlflow/server-info"];
const keyOf = (route: MlflowRoute) => `${route.method} ${route.path}`;
const GUARDED: [string, MlflowRoute][] = MLFLOW_ROUTES.filter((route) => route.permission !== "public").map((route) => [
  keyOf(route),
  route,
]);

async function as(project: TestProject, permissions: readonly Permission[]): Promise<GatewayClient> {
  return new GatewayClient(gateway.port, (await project.token(permissions)).token);
}

function send(who: GatewayClient, route: MlflowRoute, { params = {}, query, body }: MlflowAsk): Promise<Answer> {
  const path = route.path.replace(/[:*](\w+)/g, (_, name: string) =>
    (params[name] ?? "none").split("/").map(encodeURIComponent).join("/"),
  );
  const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
  return who.call(route.method, path + search, body);
}

/** What the case asks for of a fresh world of ours. */
async function askOf(route: MlflowRoute): Promise<MlflowAsk> {
  const world = await makeMlflowWorld(all);
  const one = MLFLOW_CASES[keyOf(route)];
  const made = await one?.before?.(all, world);
  return one?.ask(world, typeof made === "string" ? made : undefined) ?? {};
}

function expectRefused(answer: Answer, status: number, code: string): void {
  counts.refusals += 1;
  expect(answer.status, answer.text).toBe(status);
  expect(answer.body).toEqual({ error_code: code, message: expect.any(String) });
}

test("every route has a case, and only what clients ask before they have a token is public", () => {
  const missing = MLFLOW_ROUTES.map(keyOf).filter((key) => !(key in MLFLOW_CASES) && !PUBLIC.includes(key));
  expect(missing, "add me to MLFLOW_CASES").toEqual([]);
  expect(Object.keys(MLFLOW_CASES)).toHaveLength(GUARDED.length);
  expect(MLFLOW_ROUTES.filter((route) => route.permission === "public").map(keyOf)).toEqual(PUBLIC);
});

test.each(PUBLIC)("%s: for everybody", async (key) => {
  counts.routes += 1;
  const [method = "", path = ""] = key.split(" ");
  expect((await new GatewayClient(gateway.port, "").call(method, path)).status).toBe(200);
});

test.each(GUARDED)("%s: answers whom it is for and tells nobody else anything", async (_key, route) => {
  counts.routes += 1;
  const { permission } = route;
  if (permission === "public") return;
  const ask = await askOf(route);
  const without = await as(
    mine,
    PERMISSIONS.filter((one) => one !== permission),
  );
  const ajax = { ...route, path: route.path.replace(/^\/api\//, "/ajax-api/") };
  for (const twin of [route, ajax]) {
    for (const token of ["", "nonsense", `blst_${"0".repeat(40)}`]) {
      expectRefused(await send(new GatewayClient(gateway.port, token), twin, ask), 401, "UNAUTHENTICATED");
    }
    expectRefused(await send(without, twin, ask), 403, "PERMISSION_DENIED");
  }
  const answer = await send(await as(mine, [permission]), ajax, ask);
  expect(answer.status, answer.text).toBe(200);
});

test.each(GUARDED)("%s: another project's things are as unknown as those nobody made", async (key, route) => {
  counts.foreign += 1;
  const ask = await askOf(route);
  const answer = await send(stranger, route, ask);
  const kind = MLFLOW_CASES[key]?.stranger;
  if (kind === "own") expect(answer.status, answer.text).toBe(200);
  else if (kind === "empty") {
    expect(answer.status, answer.text).toBe(200);
    expect(Object.values(answer.body).flat()).toEqual([]);
  } else {
    expectRefused(answer, 404, "RESOURCE_DOES_NOT_EXIST");
  }
  // And it is all still there, and works, for us.
  expect((await send(all, route, ask)).status).toBe(200);
});

const GARBAGE: readonly unknown[] = [
  ...[null, true, [], {}, [[]], [null], "", "\u0000", "\ud800", "x".repeat(20_000), "__proto__", "NaN", "../../etc"],
  ...[-1, 0.5, 2 ** 31, 2 ** 63, 1e308, { a: {} }, "9999999999999999999", "%00", "' OR 1=1 --"],
];
const RAW = [
  "",
  " ",
  "{",
  "null",
  "[]",
  "7",
  '"text"',
  '"{}"',
  '{"__proto__":1}',
  "\u0000",
  "[".repeat(100_000),
  "{}{}",
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

function* spoiledAsks(ask: MlflowAsk): Generator<MlflowAsk> {
  for (const name of Object.keys(ask.params ?? {})) {
    for (const bad of ["..", "a/../b", "\u0000", "é", "x".repeat(3000), "m-0", "%2e%2e", "\\"]) {
      yield { ...ask, params: { ...ask.params, [name]: bad } };
    }
  }
  for (const name of Object.keys(ask.query ?? {})) {
    const { [name]: _left, ...rest } = ask.query ?? {};
    yield { ...ask, query: rest };
    for (const bad of GARBAGE)
      yield { ...ask, query: { ...rest, [name]: typeof bad === "string" ? bad.slice(0, 3000) : JSON.stringify(bad) } };
  }
  if (typeof ask.body !== "object") return;
  for (const raw of RAW) yield { ...ask, body: raw };
  for (const body of spoiled(ask.body)) yield { ...ask, body: JSON.stringify(body) };
}

test.each(GUARDED)("%s: garbage is the caller's error", async (_key, route) => {
  const ask = await askOf(route);
  const failed: string[] = [];
  for (const bad of spoiledAsks(ask)) {
    counts.garbage += 1;
    const answer = await send(all, route, bad);
    const fine = answer.status === 200 || (answer.status < 500 && typeof answer.body.error_code === "string");
    if (!fine) failed.push(`${JSON.stringify(bad).slice(0, 300)} → ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  expect(failed).toEqual([]);
});
