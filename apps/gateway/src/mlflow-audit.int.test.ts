/** What MLflow's clients change is in the audit log: once each, under the token's name. What they log to a run is not. */
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { GatewayClient } from "./testing/gateway-client.ts";
import { makeMlflowWorld, mlflow } from "./testing/mlflow-world.ts";
import { TestProject } from "./testing/test-project.ts";

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let seen = 0;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  gateway = await startGateway({ home: project.home, database: t.db, secret: "78".repeat(32) });
  client = new GatewayClient(gateway.port, (await project.token()).token);
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

/** `action subject` of what was audited since the last look. */
async function told(): Promise<string[]> {
  const rows = await t.owner.sql`select action, subject, actor_type from audit_events
    where team_id = ${project.scope.teamId} order by created_at, id offset ${seen}`;
  if (seen > 0) expect(rows.every((row) => row.actor_type === "token")).toBe(true);
  seen += rows.length;
  return rows.map(({ action, subject }) => `${action} ${subject}`);
}
const post = (path: string, body: unknown, method = "POST") => mlflow(client, path, body, method);

test("each change through the dialect is one audit event; a run's metrics, parameters and tags are none", async () => {
  const w = await makeMlflowWorld(client);
  const made = (await told()).slice(-10);
  expect(made.filter((line) => line.endsWith(w.experimentId))).toEqual([`experiment.create ${w.experimentId}`]);
  expect(made.filter((line) => line.startsWith("run."))).toEqual([`run.start ${w.runId}`]);
  expect(made.filter((line) => line.endsWith(w.modelId))).toEqual([
    `logged_model.create ${w.modelId}`,
    `artifact.put ${w.modelId}`,
    // The registered version is noted in the model it was made from.
    `logged_model.tag ${w.modelId}`,
  ]);

  const run = { run_id: w.runId };
  await post("runs/log-batch", { ...run, metrics: [{ key: "m", value: 2, timestamp: 2, step: 1 }] });
  await post("runs/log-metric", { ...run, key: "m", value: 3, timestamp: 3 });
  await post("runs/log-parameter", { ...run, key: "p", value: "1" });
  await post("runs/set-tag", { ...run, key: "t", value: "1" });
  expect(await told()).toEqual([]);

  const experiment = { experiment_id: w.experimentId };
  await post("experiments/update", { ...experiment, new_name: "audited" });
  await post("experiments/set-experiment-tag", { ...experiment, key: "a", value: "b" });
  await post("experiments/delete-experiment-tag", { ...experiment, key: "a" });
  await post("runs/delete-tag", { ...run, key: "t" });
  const dataset = { name: "d", digest: "1", source_type: "local", source: "{}" };
  await post("runs/log-inputs", { ...run, datasets: [{ dataset }] });
  await post("runs/outputs", { ...run, models: [{ model_id: w.modelId, step: "0" }] });
  await post("runs/update", { ...run, status: "FINISHED", end_time: 7 });
  await post("runs/delete", run);
  await post("runs/restore", run);
  await post("experiments/delete", experiment);
  await post("experiments/restore", experiment);
  expect(await told()).toEqual([
    ...["rename", "tag", "untag"].map((verb) => `experiment.${verb} ${w.experimentId}`),
    ...["untag", "log_inputs", "log_outputs", "update", "trash", "restore"].map((verb) => `run.${verb} ${w.runId}`),
    ...["trash", "restore"].map((verb) => `experiment.${verb} ${w.experimentId}`),
  ]);
});

test("logged models and files that are deleted", async () => {
  const w = await makeMlflowWorld(client);
  await told();
  const of = `logged-models/${w.modelId}`;
  await post(of, { status: "LOGGED_MODEL_READY" }, "PATCH");
  await post(`${of}/params`, { params: [{ key: "late", value: "1" }] });
  await post(`${of}/tags`, { tags: [{ key: "a", value: "b" }] }, "PATCH");
  await post(`${of}/tags/a`, {}, "DELETE");
  const file = `/api/2.0/mlflow-artifacts/artifacts/${w.runRoot}/dir/a.txt`;
  expect((await client.call("DELETE", file)).status).toBe(200);
  await post(of, {}, "DELETE");
  expect(await told()).toEqual([
    ...["finish", "add_params", "tag", "untag"].map((verb) => `logged_model.${verb} ${w.modelId}`),
    `artifact.delete ${w.runId}`,
    `logged_model.trash ${w.modelId}`,
  ]);
});
