/** What the access matrix asks MLflow's routes for: one of each thing, made through the routes themselves. */
import type { GatewayClient } from "./gateway-client.ts";

const API = "/api/2.0/mlflow";

export interface MlflowWorld {
  experimentId: string;
  experiment: string;
  runId: string;
  modelId: string;
  model: string;
  /** The run's and the model's folder, as the artifact proxy knows them. */
  runRoot: string;
}

interface Made {
  experiment_id?: string;
  run?: { info: { run_id: string } };
  model?: { info: { model_id: string } };
}

/** Calls a route of the tracking API with JSON and expects it to work. */
export async function mlflow(client: GatewayClient, path: string, body: unknown, method = "POST"): Promise<Made> {
  const answer = await client.call(method, `${API}/${path}`, body);
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body as Made;
}

let worlds = 0;

/** An experiment with a run, a metric, a file, a logged model, and a registered model with version 1, alias and tags. */
export async function makeMlflowWorld(client: GatewayClient): Promise<MlflowWorld> {
  const experiment = `world ${++worlds}`;
  const model = `model ${worlds}`;
  const { experiment_id: experimentId = "" } = await mlflow(client, "experiments/create", {
    name: experiment,
    tags: [{ key: "k", value: "v" }],
  });
  const { run } = await mlflow(client, "runs/create", {
    experiment_id: experimentId,
    tags: [{ key: "k", value: "v" }],
  });
  const runId = run?.info.run_id ?? "";
  await mlflow(client, "runs/log-metric", { run_id: runId, key: "m", value: 1, timestamp: 1 });
  const logged = await mlflow(client, "logged-models", {
    experiment_id: experimentId,
    name: "lm",
    source_run_id: runId,
    tags: [{ key: "k", value: "v" }],
  });
  const modelId = logged.model?.info.model_id ?? "";
  const runRoot = `${experimentId}/${runId}/artifacts`;
  for (const root of [runRoot, `${experimentId}/models/${modelId}/artifacts`]) {
    const put = await client.call("PUT", `/api/2.0/mlflow-artifacts/artifacts/${root}/dir/a.txt`, "text");
    if (put.status !== 200) throw new Error(`PUT: ${put.status} ${put.text}`);
  }
  await mlflow(client, "registered-models/create", { name: model, tags: [{ key: "k", value: "v" }] });
  const version = { name: model, source: `models:/${modelId}`, run_id: runId, tags: [{ key: "k", value: "v" }] };
  await mlflow(client, "model-versions/create", version);
  await mlflow(client, "registered-models/alias", { name: model, alias: "best", version: "1" });
  return { experimentId, experiment, runId, modelId, model, runRoot };
}

/** How one asks a route for a world's things. */
export interface MlflowAsk {
  /** Values of the path's parameters. */
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
}
export interface MlflowCase {
  ask(world: MlflowWorld, made?: string): MlflowAsk;
  /** Run before, so that the route has something to do; what it answers goes to `ask`. */
  before?(client: GatewayClient, world: MlflowWorld): Promise<unknown>;
  /** What a stranger gets who asks for this: nothing is found, or an empty answer. Default: not found. */
  stranger?: "empty" | "own";
}

const body = (of: (w: MlflowWorld) => unknown): MlflowCase => ({ ask: (w) => ({ body: of(w) }) });
const query = (of: (w: MlflowWorld) => Record<string, string>): MlflowCase => ({ ask: (w) => ({ query: of(w) }) });
const inFile = (of: (w: MlflowWorld) => MlflowAsk): MlflowCase => ({ ask: of });
const modelTo = (more: (w: MlflowWorld) => MlflowAsk = () => ({})): MlflowCase => ({
  ask: (w) => ({ params: { model_id: w.modelId }, ...more(w) }),
});
/** Starts an upload in one part, which arrives; answers its id. */
async function startUpload(client: GatewayClient, w: MlflowWorld): Promise<string> {
  const path = `/api/2.0/mlflow-artifacts/mpu/create/${w.runRoot}/d.bin`;
  const { body: made } = await client.call("POST", path, { path: "d.bin", num_parts: 1 });
  const [part] = made.credentials as { url: string }[];
  const { pathname, search } = new URL(part?.url ?? "");
  const put = await client.call("PUT", `${pathname}${search}`, "part");
  if (put.status !== 200) throw new Error(`PUT part: ${put.status} ${put.text}`);
  return String(made.upload_id);
}
/** An address that nobody listens on; the gateway under test must allow it. */
export const WEBHOOK_HOST = "127.0.0.1:9";
const HOOK = {
  name: "hook",
  url: `http://${WEBHOOK_HOST}/x`,
  events: [{ entity: "MODEL_VERSION", action: "CREATED" }],
  secret: "long enough",
};
async function makeWebhook(client: GatewayClient): Promise<string> {
  const { body: made } = await client.call("POST", `${API}/webhooks`, HOOK);
  return (made.webhook as { webhook_id: string }).webhook_id;
}
const hook = (of: () => unknown = () => undefined): MlflowCase => ({
  before: makeWebhook,
  ask: (_w, made) => ({ params: { webhook_id: made ?? "" }, body: of() }),
});
const TAG = { key: "k", value: "w" };
const A_FILE = "dir/a.txt";

/** By `method path`; the proxy's and the tracking API's routes alike. */
export const MLFLOW_CASES: Readonly<Record<string, MlflowCase>> = {
  "GET /api/2.0/mlflow/experiments/get-by-name": query((w) => ({ experiment_name: w.experiment })),
  "POST /api/2.0/mlflow/experiments/create": {
    ...body((w) => ({ name: `${w.experiment} too`, tags: [TAG] })),
    stranger: "own",
  },
  "POST /api/2.0/mlflow/experiments/search": {
    ...body((w) => ({ filter: `name = '${w.experiment}'` })),
    stranger: "empty",
  },
  "GET /api/2.0/mlflow/experiments/search": {
    ...query((w) => ({ filter: `name = '${w.experiment}'` })),
    stranger: "empty",
  },
  "GET /api/2.0/mlflow/experiments/get": query((w) => ({ experiment_id: w.experimentId })),
  "POST /api/2.0/mlflow/experiments/delete": body((w) => ({ experiment_id: w.experimentId })),
  "POST /api/2.0/mlflow/experiments/restore": {
    ...body((w) => ({ experiment_id: w.experimentId })),
    before: (client, w) => mlflow(client, "experiments/delete", { experiment_id: w.experimentId }),
  },
  "POST /api/2.0/mlflow/experiments/update": body((w) => ({
    experiment_id: w.experimentId,
    new_name: `${w.experiment} renamed`,
  })),
  "POST /api/2.0/mlflow/experiments/set-experiment-tag": body((w) => ({ experiment_id: w.experimentId, ...TAG })),
  "POST /api/2.0/mlflow/experiments/delete-experiment-tag": body((w) => ({ experiment_id: w.experimentId, key: "k" })),
  "POST /api/2.0/mlflow/experiments/search-datasets": {
    ...body((w) => ({ experiment_ids: [w.experimentId] })),
    stranger: "empty",
  },
  "POST /api/2.0/mlflow/runs/create": body((w) => ({ experiment_id: w.experimentId, start_time: 5, tags: [TAG] })),
  "POST /api/2.0/mlflow/runs/update": body((w) => ({ run_id: w.runId, status: "FINISHED", end_time: 7 })),
  "POST /api/2.0/mlflow/runs/delete": body((w) => ({ run_id: w.runId })),
  "POST /api/2.0/mlflow/runs/restore": body((w) => ({ run_id: w.runId })),
  "GET /api/2.0/mlflow/runs/get": query((w) => ({ run_id: w.runId })),
  "POST /api/2.0/mlflow/runs/search": {
    ...body((w) => ({ experiment_ids: [w.experimentId], filter: "metrics.m > 0", order_by: ["metrics.m"] })),
    stranger: "empty",
  },
  "POST /api/2.0/mlflow/runs/log-metric": body((w) => ({ run_id: w.runId, key: "m", value: 2, timestamp: 3, step: 1 })),
  "POST /api/2.0/mlflow/runs/log-parameter": body((w) => ({ run_id: w.runId, ...TAG })),
  "POST /api/2.0/mlflow/runs/set-tag": body((w) => ({ run_id: w.runId, ...TAG })),
  "POST /api/2.0/mlflow/runs/delete-tag": body((w) => ({ run_id: w.runId, key: "k" })),
  "POST /api/2.0/mlflow/runs/log-batch": body((w) => ({
    run_id: w.runId,
    metrics: [{ key: "m", value: 2, timestamp: 3, step: 1, model_id: w.modelId }],
    params: [TAG],
    tags: [TAG],
  })),
  "POST /api/2.0/mlflow/runs/log-model": body((w) => ({
    run_id: w.runId,
    model_json: JSON.stringify({ artifact_path: "m", flavors: {}, utc_time_created: "now", run_id: w.runId }),
  })),
  "POST /api/2.0/mlflow/runs/log-inputs": body((w) => ({
    run_id: w.runId,
    datasets: [{ tags: [TAG], dataset: { name: "d", digest: "x", source_type: "local", source: "s" } }],
  })),
  "POST /api/2.0/mlflow/runs/outputs": body((w) => ({ run_id: w.runId, models: [{ model_id: w.modelId, step: 1 }] })),
  "GET /api/2.0/mlflow/artifacts/list": query((w) => ({ run_id: w.runId, path: "dir" })),
  "GET /api/2.0/mlflow/metrics/get-history": query((w) => ({ run_id: w.runId, metric_key: "m", max_results: "5" })),
  "GET /api/2.0/mlflow/metrics/get-history-bulk": {
    ...query((w) => ({ run_id: w.runId, metric_key: "m" })),
    stranger: "empty",
  },
  "GET /api/2.0/mlflow/metrics/get-history-bulk-interval": {
    ...query((w) => ({ run_ids: w.runId, metric_key: "m", max_results: "5" })),
    stranger: "empty",
  },
  "POST /api/2.0/mlflow/logged-models": body((w) => ({
    experiment_id: w.experimentId,
    name: "another",
    source_run_id: w.runId,
    params: [TAG],
  })),
  "POST /api/2.0/mlflow/logged-models/search": {
    ...body((w) => ({ experiment_ids: [w.experimentId], filter: "name = 'lm'" })),
    stranger: "empty",
  },
  "GET /api/2.0/mlflow/logged-models/:model_id": modelTo(),
  "PATCH /api/2.0/mlflow/logged-models/:model_id": modelTo(() => ({ body: { status: "LOGGED_MODEL_READY" } })),
  "DELETE /api/2.0/mlflow/logged-models/:model_id": modelTo(),
  "PATCH /api/2.0/mlflow/logged-models/:model_id/tags": modelTo(() => ({ body: { tags: [TAG] } })),
  "DELETE /api/2.0/mlflow/logged-models/:model_id/tags/:tag_key": {
    ask: (w) => ({ params: { model_id: w.modelId, tag_key: "k" } }),
  },
  "POST /api/2.0/mlflow/logged-models/:model_id/params": modelTo(() => ({ body: { params: [TAG] } })),
  "GET /api/2.0/mlflow/logged-models/:model_id/artifacts/directories": modelTo(() => ({
    query: { artifact_directory_path: "dir" },
  })),
  "GET /api/2.0/mlflow/logged-models/:model_id/artifacts/files": modelTo(() => ({
    query: { artifact_file_path: A_FILE },
  })),
  "POST /api/2.0/mlflow/registered-models/create": {
    ...body((w) => ({ name: `${w.model} too`, tags: [TAG] })),
    stranger: "own",
  },
  "POST /api/2.0/mlflow/registered-models/rename": body((w) => ({ name: w.model, new_name: `${w.model} renamed` })),
  "PATCH /api/2.0/mlflow/registered-models/update": body((w) => ({ name: w.model, description: "text" })),
  "DELETE /api/2.0/mlflow/registered-models/delete": body((w) => ({ name: w.model })),
  "GET /api/2.0/mlflow/registered-models/get": query((w) => ({ name: w.model })),
  "GET /api/2.0/mlflow/registered-models/search": {
    ...query((w) => ({ filter: `name = '${w.model}'` })),
    stranger: "empty",
  },
  "POST /api/2.0/mlflow/registered-models/get-latest-versions": body((w) => ({ name: w.model, stages: ["None"] })),
  "GET /api/2.0/mlflow/registered-models/get-latest-versions": query((w) => ({ name: w.model })),
  "POST /api/2.0/mlflow/registered-models/set-tag": body((w) => ({ name: w.model, ...TAG })),
  "DELETE /api/2.0/mlflow/registered-models/delete-tag": body((w) => ({ name: w.model, key: "k" })),
  "POST /api/2.0/mlflow/registered-models/alias": body((w) => ({ name: w.model, alias: "next", version: "1" })),
  "DELETE /api/2.0/mlflow/registered-models/alias": body((w) => ({ name: w.model, alias: "best" })),
  "GET /api/2.0/mlflow/registered-models/alias": query((w) => ({ name: w.model, alias: "best" })),
  "POST /api/2.0/mlflow/model-versions/create": body((w) => ({
    name: w.model,
    source: `runs:/${w.runId}/dir`,
    run_id: w.runId,
    tags: [TAG],
  })),
  "PATCH /api/2.0/mlflow/model-versions/update": body((w) => ({ name: w.model, version: "1", description: "text" })),
  "POST /api/2.0/mlflow/model-versions/transition-stage": body((w) => ({
    name: w.model,
    version: "1",
    stage: "Staging",
    archive_existing_versions: true,
  })),
  "DELETE /api/2.0/mlflow/model-versions/delete": body((w) => ({ name: w.model, version: "1" })),
  "GET /api/2.0/mlflow/model-versions/get": query((w) => ({ name: w.model, version: "1" })),
  "GET /api/2.0/mlflow/model-versions/search": {
    ...query((w) => ({ filter: `name = '${w.model}'` })),
    stranger: "empty",
  },
  "GET /api/2.0/mlflow/model-versions/get-download-uri": query((w) => ({ name: w.model, version: "1" })),
  "POST /api/2.0/mlflow/model-versions/set-tag": body((w) => ({ name: w.model, version: "1", ...TAG })),
  "DELETE /api/2.0/mlflow/model-versions/delete-tag": body((w) => ({ name: w.model, version: "1", key: "k" })),
  "POST /api/2.0/mlflow/webhooks": { ...body(() => HOOK), stranger: "own" },
  "GET /api/2.0/mlflow/webhooks": { ...query(() => ({ max_results: "1000" })), stranger: "own" },
  "GET /api/2.0/mlflow/webhooks/:webhook_id": hook(),
  "PATCH /api/2.0/mlflow/webhooks/:webhook_id": hook(() => ({ description: "text", status: "DISABLED" })),
  "DELETE /api/2.0/mlflow/webhooks/:webhook_id": hook(),
  "POST /api/2.0/mlflow/webhooks/:webhook_id/test": hook(() => ({ event: HOOK.events[0] })),
  "GET /api/2.0/mlflow-artifacts/artifacts": query((w) => ({ path: `${w.runRoot}/dir` })),
  "GET /api/2.0/mlflow-artifacts/artifacts/*path": inFile((w) => ({ params: { path: `${w.runRoot}/${A_FILE}` } })),
  "PUT /api/2.0/mlflow-artifacts/artifacts/*path": inFile((w) => ({
    params: { path: `${w.runRoot}/b.txt` },
    body: "bytes",
  })),
  "DELETE /api/2.0/mlflow-artifacts/artifacts/*path": inFile((w) => ({ params: { path: `${w.runRoot}/${A_FILE}` } })),
  "POST /api/2.0/mlflow-artifacts/mpu/create/*path": inFile((w) => ({
    params: { path: `${w.runRoot}/c.bin` },
    body: { path: "c.bin", num_parts: 2 },
  })),
  "POST /api/2.0/mlflow-artifacts/mpu/complete/*path": {
    before: startUpload,
    ask: (w, made) => ({
      params: { path: `${w.runRoot}/d.bin` },
      body: { path: "d.bin", upload_id: made, parts: [{ part_number: 1, etag: "x", url: "" }] },
    }),
  },
  "POST /api/2.0/mlflow-artifacts/mpu/abort/*path": {
    before: startUpload,
    ask: (w, made) => ({ params: { path: `${w.runRoot}/d.bin` }, body: { path: "d.bin", upload_id: made } }),
    // What is not there is as good as given up.
    stranger: "empty",
  },
  "POST /api/2.0/mlflow/upload-artifact": inFile((w) => ({
    query: { run_uuid: w.runId, path: "up.txt" },
    body: "bytes",
  })),
  "GET /get-artifact": query((w) => ({ run_id: w.runId, path: A_FILE })),
  "GET /model-versions/get-artifact": query((w) => ({ name: w.model, version: "1", path: A_FILE })),
};
