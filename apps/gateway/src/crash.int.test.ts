import type { ChildProcess } from "node:child_process";
import { journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flight, GatewayClient, prediction, until } from "./testing/gateway-client.ts";
import { endGatewayProcess, type GatewayProcess, startGatewayProcess } from "./testing/gateway-process.ts";
import { readJournal, recordsOf } from "./testing/read-journal.ts";
import { CONGESTION_BINDINGS, stumpModel, TestProject } from "./testing/test-project.ts";

const DEPARTURE = Date.UTC(2001, 0, 10, 20);
const HOUR = 3_600_000;

let t: TestDatabase;
let project: TestProject;
let token: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  const names = CONGESTION_BINDINGS.map((binding) => binding.input);
  const champion = await project.version(stumpModel(names, 3, 0.5, -1, 2), CONGESTION_BINDINGS);
  const shadow = await project.version(stumpModel(names, 3, 0.6, -1, 2), CONGESTION_BINDINGS);
  await project.deploy({ champion, shadows: [shadow] });
  token = (await project.token()).token;
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await t?.close();
  project?.remove();
});

const start = (databaseUrl = t.appUrl): Promise<GatewayProcess> =>
  startGatewayProcess(running, { home: project.home, databaseUrl, secret: "55".repeat(32) });
const end = (gateway: GatewayProcess, signal: NodeJS.Signals) => endGatewayProcess(running, gateway, signal);

interface Acknowledged {
  predictions: Set<string>;
  outcomes: Set<string>;
  pushes: Set<string>;
}

/** Calls without pause until the gateway is gone; notes what was acknowledged. */
async function callUntilGone(port: number, caller: number, done: Acknowledged): Promise<void> {
  const client = new GatewayClient(port, token);
  try {
    for (let i = 0; ; i++) {
      const pushId = `push-${port}-${caller}-${i}`;
      const df = {
        origin: ["SEA"],
        destination: ["BOS"],
        known_at: [DEPARTURE - (i % 5) * HOUR],
        late: [i % 3 === 0 ? 1 : 0],
      };
      const pushed = await client.post("/push", { push_source_name: "flights", push_id: pushId, df });
      if (pushed.status === 200) done.pushes.add(pushId);
      const answer = await client.infer(flight());
      if (answer.status !== 200) continue;
      const { id } = prediction(answer);
      done.predictions.add(id);
      const outcome = await client.post("/v1/outcomes", { outcomes: [{ prediction_id: id, label: 1 }] });
      if (outcome.status === 200) done.outcomes.add(id);
    }
  } catch {
    // The connection broke: what was not acknowledged may be there or not.
  }
}

async function lookup(port: number): Promise<unknown> {
  const answer = await new GatewayClient(port, token).post("/get-online-features", {
    features: ["congestion:origin_3h", "congestion:destination_24h"],
    entities: { origin: ["SEA"], destination: ["BOS"] },
    event_time: DEPARTURE,
  });
  return (answer.body.results as { values: unknown[] }[]).map((result) => result.values);
}

test("kill -9 three times: nothing acknowledged is lost or counted twice, features are rebuilt equal", async () => {
  const done: Acknowledged = { predictions: new Set(), outcomes: new Set(), pushes: new Set() };
  for (let round = 0; round < 3; round++) {
    const gateway = await start();
    const before = done.predictions.size;
    const callers = Array.from({ length: 4 }, (_, caller) => callUntilGone(gateway.port, caller, done));
    await until(() => done.predictions.size >= before + 60);
    await end(gateway, "SIGKILL");
    await Promise.all(callers);
  }
  const { projectId } = project.scope;
  const journal = readJournal(project.home, projectId);
  const ids = new Set(journal.filter((r) => r.k === "p").map((r) => r.id));
  const outcomes = new Set(journal.filter((r) => r.k === "o").map((r) => r.id));
  const pushes = journal.filter((r) => r.k === "f").map((r) => r.push);
  for (const id of done.predictions) expect(ids).toContain(id);
  for (const id of done.outcomes) expect(outcomes).toContain(id);
  for (const push of done.pushes) expect(pushes).toContain(push);
  expect(new Set(pushes).size).toBe(pushes.length);

  const rows = journal
    .filter((r) => r.k === "f")
    .map((r) => ({ known: Number(r.cols.known_at?.[0]), late: Number(r.cols.late?.[0]) }));
  const share = (hours: number) => {
    const seen = rows.filter((row) => row.known > DEPARTURE - hours * HOUR && row.known <= DEPARTURE);
    return Math.fround(seen.reduce((sum, row) => sum + row.late, 0) / seen.length);
  };
  const gateway = await start();
  expect(await lookup(gateway.port)).toEqual([["SEA"], ["BOS"], [share(3)], [share(24)]]);
  const [known] = done.pushes;
  const again = await new GatewayClient(gateway.port, token).post("/push", {
    push_source_name: "flights",
    push_id: known,
    df: { origin: ["SEA"], destination: ["BOS"], known_at: [DEPARTURE], late: [1] },
  });
  expect(again.body).toEqual({ rows: 1, duplicate: true });
  expect(await end(gateway, "SIGTERM")).toBe(0);
}, 120_000);

test("SIGTERM under load: every request gets its answer, shadows are scored, segments registered", async () => {
  const gateway = await start();
  const client = new GatewayClient(gateway.port, token);
  const calls = Array.from({ length: 200 }, () => client.infer(flight()));
  await calls[0];
  const [code, ...answers] = await Promise.all([
    end(gateway, "SIGTERM"),
    ...calls.map((call) => call.catch(() => null)),
  ]);
  expect(code).toBe(0);
  const answered = answers.filter((answer) => answer !== null);
  expect(answered.filter((answer) => answer.status !== 200)).toEqual([]);
  const { projectId, teamId } = project.scope;
  const ids = answered.map((answer) => prediction(answer).id);
  const [predicted, scored] = [recordsOf(project.home, projectId, "p"), recordsOf(project.home, projectId, "s")].map(
    (records) => new Set(records.map((record) => record.id)),
  );
  for (const id of ids) {
    expect(predicted).toContain(id);
    expect(scored).toContain(id);
  }
  const registered = await withTenant(t.db, teamId, (tx) => tx.select().from(journalSegments));
  const journalled = readJournal(project.home, projectId).length;
  expect(registered.reduce((sum, segment) => sum + segment.records, 0)).toBe(journalled);
}, 60_000);

test("started while Postgres is away, it serves from its last snapshot", async () => {
  const url = new URL(t.appUrl);
  url.port = "1";
  const gateway = await start(url.toString());
  const client = new GatewayClient(gateway.port, token);
  expect((await client.call("GET", "/health/ready")).status).toBe(200);
  const answer = await client.infer(flight());
  expect(answer.status, answer.text).toBe(200);
  const stranger = new GatewayClient(gateway.port, `blst_${"a".repeat(40)}`);
  expect((await stranger.infer(flight())).status).toBe(503);
  expect(await end(gateway, "SIGTERM")).toBe(0);
}, 60_000);
