import type { ChildProcess } from "node:child_process";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GatewayClient } from "./testing/gateway-client.ts";
import { endGatewayProcess, type GatewayProcess, startGatewayProcess } from "./testing/gateway-process.ts";
import { mlflow } from "./testing/mlflow-world.ts";
import { TestProject } from "./testing/test-project.ts";

const ROUNDS = 3;
const CLIENTS = 4;
const KEYS = 5;

let t: TestDatabase;
let project: TestProject;
let token: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  token = (await project.token()).token;
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await t?.close();
  project?.remove();
});

const start = (): Promise<GatewayProcess> =>
  startGatewayProcess(running, { home: project.home, databaseUrl: t.appUrl, secret: "66".repeat(32) });

/** One training script: a batch of every key at each step, and one parameter and tag a step. */
interface Script {
  runId: string;
  /** The step that is sent next. */
  next: number;
  /** Steps that were answered with 200. */
  acknowledged: number;
  /** Batches that were sent again because nobody knows what became of them. */
  repeated: number;
  /** The step below this one was under way when the gateway was killed. */
  unknown: number | null;
}

const batchOf = (runId: string, step: number) => ({
  run_id: runId,
  metrics: Array.from({ length: KEYS }, (_, k) => ({
    key: `m${k}`,
    value: step + k / 10,
    timestamp: 1_000 + step,
    step,
  })),
  params: [{ key: `p${step}`, value: String(step) }],
  tags: [{ key: "step", value: String(step) }],
});

/** Logs without pause until the gateway is gone. What was not answered is sent again by the next round, as a client's retry would. */
async function logUntilGone(port: number, script: Script): Promise<void> {
  const client = new GatewayClient(port, token);
  try {
    for (;;) {
      if (script.unknown === script.next) script.repeated += 1;
      script.unknown = script.next;
      const answer = await client.post("/api/2.0/mlflow/runs/log-batch", batchOf(script.runId, script.next));
      expect(answer.status, answer.text).toBe(200);
      script.acknowledged += 1;
      script.next += 1;
    }
  } catch (error) {
    if (error instanceof Error && error.name === "AssertionError") throw error;
    // The connection broke: the batch may be there or not, but never half of it.
  }
}

async function points(client: GatewayClient, runId: string, key: string): Promise<[number, number][]> {
  const path = `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${key}&max_results=25000`;
  const { body } = await client.call("GET", path);
  return ((body.metrics ?? []) as { step: number; value: number }[]).map(({ step, value }) => [step, value]);
}

test("kill -9 three times while clients log: every acknowledged value is there, once; no batch is there by half", async () => {
  let gateway = await start();
  const scripts: Script[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = new GatewayClient(gateway.port, token);
    const { run } = await mlflow(client, "runs/create", { experiment_id: "0" });
    scripts.push({ runId: run?.info.run_id ?? "", next: 0, acknowledged: 0, repeated: 0, unknown: null });
  }
  for (let round = 0; round < ROUNDS; round++) {
    const before = scripts.map(({ acknowledged }) => acknowledged);
    const logging = scripts.map((script) => logUntilGone(gateway.port, script));
    await expect
      .poll(() => scripts.every((one, i) => one.acknowledged > (before[i] ?? 0) + 20), { timeout: 30_000 })
      .toBe(true);
    await endGatewayProcess(running, gateway, "SIGKILL");
    await Promise.all(logging);
    gateway = await start();
    const client = new GatewayClient(gateway.port, token);
    for (const { runId, next } of scripts) {
      // Right after the crash, before anything is repeated: all of a step or nothing of it.
      const histories = await Promise.all(Array.from({ length: KEYS }, (_, k) => points(client, runId, `m${k}`)));
      const steps = new Set(histories.map((history) => history.length));
      expect(steps.size).toBe(1);
      const [there = 0] = steps;
      expect(there === next || there === next + 1).toBe(true);
      const { body } = await client.call("GET", `/api/2.0/mlflow/runs/get?run_id=${runId}`);
      expect((body as unknown as RunBody).run.data.params).toHaveLength(there);
    }
  }
  const logging = scripts.map((script) => logUntilGone(gateway.port, script));
  const reached = scripts.map(({ acknowledged }) => acknowledged);
  await expect
    .poll(() => scripts.every((one, i) => one.acknowledged > (reached[i] ?? 0) + 5), { timeout: 30_000 })
    .toBe(true);
  // SIGTERM: what is under way is answered.
  await endGatewayProcess(running, gateway, "SIGTERM");
  await Promise.all(logging);

  gateway = await start();
  const client = new GatewayClient(gateway.port, token);
  for (const { runId, next, acknowledged } of scripts) {
    expect(acknowledged).toBe(next);
    for (let k = 0; k < KEYS; k++) {
      const wanted = Array.from({ length: next }, (_, step) => [step, step + k / 10]);
      expect((await points(client, runId, `m${k}`)).slice(0, next)).toEqual(wanted);
    }
  }
  expect(scripts.some(({ repeated }) => repeated > 0)).toBe(true);
  expect(await endGatewayProcess(running, gateway, "SIGTERM")).toBe(0);
});

interface RunBody {
  run: { data: { params: unknown[] } };
}
