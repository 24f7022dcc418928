import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createDatabase, type Database } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { GatewayClient, until } from "./testing/gateway-client.ts";
import { mlflow } from "./testing/mlflow-world.ts";
import { TestProject } from "./testing/test-project.ts";

/** A line to Postgres that can be cut. */
class Line {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  constructor(url: string) {
    this.#target = new URL(url);
  }

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
        one.pipe(other);
      }
    });
    this.#server = server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }
}

let t: TestDatabase;
let project: TestProject;
let line: Line;
let database: Database;
let gateway: RunningGateway;
let client: GatewayClient;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  line = new Line(t.appUrl);
  await line.open();
  database = createDatabase(line.url, { max: 4 });
  gateway = await startGateway({ home: project.home, database, secret: "88".repeat(32) });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await database?.close();
  line?.cut();
  await t?.close();
  project?.remove();
});

test("while the database is away clients are told to try again, and what they repeat is written once", async () => {
  const { run } = await mlflow(client, "runs/create", { experiment_id: "0" });
  const runId = run?.info.run_id;
  const log = (step: number) =>
    client.post("/api/2.0/mlflow/runs/log-batch", {
      run_id: runId,
      metrics: [{ key: "m", value: step, timestamp: 1, step }],
    });
  expect((await log(0)).status).toBe(200);
  line.cut();
  const refused = await log(1);
  expect(refused.status, refused.text).toBe(503);
  expect(refused.body.error_code).toBe("TEMPORARILY_UNAVAILABLE");
  expect(refused.headers.get("retry-after")).toBe("1");
  expect((await client.call("GET", `/api/2.0/mlflow/runs/get?run_id=${runId}`)).status).toBe(503);
  await line.open();
  await until(async () => (await log(1)).status === 200);
  const { body } = await client.call("GET", `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=m`);
  expect((body.metrics as { step: number }[]).map(({ step }) => step)).toEqual([0, 1]);
});
