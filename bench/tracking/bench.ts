import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { TestProject } from "@ballast/gateway/testing";
import { type Bar, type BenchOptions, type BenchResult, median } from "../benchmark.ts";
import { type GatewayProcess, startGatewayProcess } from "../gateway-process.ts";
import { LineProcess } from "../line-process.ts";
import { measureChart } from "./chart.ts";
import { durableDatabase } from "./durable-database.ts";
import type { TrackingLoad, TrackingResult } from "./load-client.ts";
import { MLFLOW, type MlflowPeer, startMlflow } from "./mlflow-peer.ts";
import { type OwnPlace, seedOwnHistory, seedOwnRuns, seedPeerHistory, seedPeerRuns } from "./seed.ts";

export const name = "tracking";
export const title = "MLflow's protocol: the gateway against mlflow server, same load client, same kind of PostgreSQL";

const CLIENTS = 20;
const ROUNDS = 3;
const WARM_UP_MS = 3_000;
const ROUND_MS = 6_000;
const SEARCH_MS = 4_000;
const RUNS = 25_000;
const HISTORY = 200_000;
const DUPLICATES = 15;
const SECRET = "5e".repeat(32);
const SIDES = ["ours", "mlflow"] as const;
type SideName = (typeof SIDES)[number];

/** One of the two servers, as a client sees it. */
interface Side {
  port: number;
  token: string;
  experimentId: string;
  /** The experiment of the runs that are searched. */
  searchedId: string;
  /** A run per client. */
  runIds: string[];
}
type Work = TrackingLoad["work"];
type Load = (side: Side, work: Work, ms: number, connections?: number) => Promise<TrackingResult>;

async function post(side: Side, path: string, body: unknown): Promise<{ ms: number; json: Record<string, never> }> {
  const request = {
    method: "POST",
    // A kept connection may be closed by the server just as it is used.
    headers: { "content-type": "application/json", authorization: `Bearer ${side.token}`, connection: "close" },
    body: JSON.stringify(body),
  };
  const ask = () => fetch(`http://127.0.0.1:${side.port}/api/2.0/mlflow/${path}`, request);
  const before = performance.now();
  // mlflow server ends workers that are slow to answer its health check, and starts others.
  const response = await ask().catch(ask).catch(ask);
  const json = await response.json();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(json)}`);
  return { ms: performance.now() - before, json };
}

async function newRun(side: Side): Promise<string> {
  const { json } = await post(side, "runs/create", { experiment_id: side.experimentId, start_time: Date.now() });
  const { run } = json as unknown as { run: { info: { run_id: string } } };
  return run.info.run_id;
}

async function newExperiment(side: Side, experiment: string): Promise<string> {
  const { json } = await post(side, "experiments/create", { name: experiment });
  return (json as unknown as { experiment_id: string }).experiment_id;
}

interface Compared {
  /** Median over the pairs of neighbouring rounds. */
  ratio: number;
  pairs: number[];
  ours: Figures;
  mlflow: Figures;
}
interface Figures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  failed: number;
  failure: string | null;
}

function figures(results: TrackingResult[]): Figures {
  return {
    perSecond: median(results.map((r) => r.perSecond)),
    p50Ms: median(results.map((r) => r.p50Ms)),
    p99Ms: median(results.map((r) => r.p99Ms)),
    failed: results.reduce((sum, r) => sum + r.failed, 0),
    failure: results.find((r) => r.failure !== null)?.failure ?? null,
  };
}

/** A warm-up of each, then rounds in turns, each with the other side's round next to it. */
async function compare(
  what: string,
  say: BenchOptions["say"],
  round: (side: SideName, ms: number) => Promise<TrackingResult>,
  ms = ROUND_MS,
) {
  const results: Record<SideName, TrackingResult[]> = { ours: [], mlflow: [] };
  for (const side of SIDES) await round(side, WARM_UP_MS);
  for (let i = 0; i < ROUNDS; i++) {
    for (const side of i % 2 === 0 ? SIDES : SIDES.toReversed()) results[side].push(await round(side, ms));
  }
  const pairs = results.ours.map((ours, i) => ours.perSecond / (results.mlflow[i] as TrackingResult).perSecond);
  const compared: Compared = {
    ratio: median(pairs),
    pairs,
    ours: figures(results.ours),
    mlflow: figures(results.mlflow),
  };
  say(
    `${what}: ours ${compared.ours.perSecond.toFixed(1)}/s, mlflow ${compared.mlflow.perSecond.toFixed(1)}/s, ratio ${compared.ratio.toFixed(1)}`,
  );
  return compared;
}

async function compareBatches(
  what: string,
  sides: Record<SideName, Side>,
  load: Load,
  say: BenchOptions["say"],
  shape: { metrics: number; keys: number },
) {
  const next = { ours: 0, mlflow: 0 };
  for (const side of SIDES) {
    sides[side].runIds = [];
    for (let i = 0; i < CLIENTS; i++) sides[side].runIds.push(await newRun(sides[side]));
  }
  return compare(what, say, async (side, ms) => {
    const { runIds } = sides[side];
    const result = await load(sides[side], { kind: "log-batch", runIds, firstStep: next[side], ...shape }, ms);
    next[side] += (result.steps + 1) * Math.ceil(shape.metrics / shape.keys);
    return result;
  });
}

/** A batch of 1,000 points at the end of a long history, and the same batch again as a client's retry sends it. */
async function measureDuplicates(side: Side, runId: string) {
  const first: number[] = [];
  const again: number[] = [];
  for (let n = 0; n < DUPLICATES; n++) {
    const metrics = Array.from({ length: 1_000 }, (_, i) => {
      const step = HISTORY + n * 1_000 + i;
      return { key: "loss", value: (step % 977) / 977, timestamp: 1_764_000_000_000 + step, step };
    });
    const batch = { run_id: runId, metrics };
    first.push((await post(side, "runs/log-batch", batch)).ms);
    again.push((await post(side, "runs/log-batch", batch)).ms);
  }
  const [firstMs, againMs] = [median(first), median(again)];
  return { ratio: againMs / firstMs, firstMs, againMs };
}

const atLeast = (value: number, limit: number): Bar => ({ value, limit, ok: value >= limit });
const atMost = (value: number, limit: number): Bar => ({ value, limit, ok: value <= limit });

interface Servers {
  t: TestDatabase;
  project: TestProject;
  peer: MlflowPeer;
  sides: Record<SideName, Side>;
}

async function measure({ t, project, peer, sides }: Servers, load: Load, say: BenchOptions["say"]) {
  const batches = (what: string, metrics: number, keys: number) =>
    compareBatches(what, sides, load, say, { metrics, keys });
  const logBatch500 = await batches("log-batch of 500 metrics, 50 keys", 500, 50);
  const logBatch500Wide = await batches("log-batch of 500 metrics, 500 keys", 500, 500);
  const logBatch10 = await batches("log-batch of 10 metrics, 10 keys", 10, 10);
  const createRun = await compare("runs/create", say, (side, ms) =>
    load(sides[side], { kind: "create-run", experimentId: sides[side].experimentId }, ms),
  );
  say(`Writing ${RUNS.toLocaleString("en")} runs into both …`);
  for (const side of SIDES) sides[side].searchedId = await newExperiment(sides[side], "searched");
  const { teamId, projectId } = project.scope;
  const place: OwnPlace = { database: t.owner, teamId, projectId, experimentId: sides.ours.searchedId };
  await seedOwnRuns(place, RUNS);
  await seedPeerRuns(peer.database, sides.mlflow.searchedId, RUNS);
  const searchRuns = await compare(
    `runs/search of 1,000 out of ${RUNS.toLocaleString("en")}`,
    say,
    (side, ms) => {
      const asked = { filter: "metrics.auc > 0.5", order_by: ["metrics.auc DESC"], max_results: 1_000 };
      const body = JSON.stringify({ experiment_ids: [sides[side].searchedId], ...asked });
      return load(sides[side], { kind: "search", body }, ms, 1);
    },
    SEARCH_MS,
  );
  const [ownRun, peerRun] = [await newRun(sides.ours), await newRun(sides.mlflow)];
  await seedOwnHistory(place, ownRun, "loss", HISTORY);
  await seedPeerHistory(peer.database, peerRun, "loss", HISTORY);
  const duplicateBatch = {
    ...(await measureDuplicates(sides.ours, ownRun)),
    mlflow: await measureDuplicates(sides.mlflow, peerRun),
  };
  say(
    `a duplicate batch takes ${duplicateBatch.ratio.toFixed(2)} times the first (mlflow: ${duplicateBatch.mlflow.ratio.toFixed(2)})`,
  );
  const charted = Array.from({ length: 100 }, (_, i) => `run_${String(i + 1).padStart(19, "0")}`);
  const chart100x100k = await measureChart(t, place, charted, say);
  return { logBatch500, logBatch500Wide, logBatch10, createRun, searchRuns, duplicateBatch, chart100x100k };
}

function resultOf(found: Awaited<ReturnType<typeof measure>>): BenchResult {
  const { logBatch500, logBatch500Wide, logBatch10, createRun, searchRuns, duplicateBatch, chart100x100k } = found;
  const compared = { logBatch500, logBatch500Wide, logBatch10, createRun, searchRuns };
  const bars = {
    logBatch500: atLeast(logBatch500.ratio, 20),
    logBatch10: atLeast(logBatch10.ratio, 10),
    createRun: atLeast(createRun.ratio, 5),
    searchRuns: atLeast(searchRuns.ratio, 10),
    duplicateBatch: atMost(duplicateBatch.ratio, 1.5),
    chartMs: atMost(Math.max(chart100x100k.ms, chart100x100k.firstMs), 500),
    spikeKept: atLeast(Number(chart100x100k.spikeKept), 1),
    failed: atMost(
      Object.values(compared).reduce((sum, { ours }) => sum + ours.failed, 0),
      0,
    ),
  };
  return {
    name,
    ratio: logBatch500.ratio,
    ok: Object.values(bars).every((bar) => bar.ok),
    ratios: Object.fromEntries(Object.entries(compared).map(([key, { ratio }]) => [key, ratio])),
    ...{ duplicateBatch, chart100x100k, bars, compared },
    ...{ clients: CLIENTS, mlflow: MLFLOW, loadAverage: loadavg()[0], node: process.version },
  };
}

export async function run({ say }: BenchOptions): Promise<BenchResult> {
  say("Starting two PostgreSQL, the gateway and mlflow server …");
  const folder = mkdtempSync(join(tmpdir(), "ballast-bench-tracking-"));
  const [t, peerDatabase] = [await testDatabase({ durable: true }), await durableDatabase()];
  const loadClient = new LineProcess("load client", [process.execPath, join(import.meta.dirname, "load-client.ts")]);
  let gateway: GatewayProcess | undefined;
  let peer: MlflowPeer | undefined;
  try {
    peer = await startMlflow(peerDatabase, folder, say);
    const project = await TestProject.create(t, folder);
    const { token } = await project.token();
    gateway = await startGatewayProcess(folder, t.appUrl, SECRET);
    const empty = { experimentId: "0", searchedId: "", runIds: [] };
    const sides = { ours: { ...empty, port: gateway.port, token }, mlflow: { ...empty, port: peer.port, token: "-" } };
    const load: Load = ({ port, token: bearer }, work, ms, connections = CLIENTS) =>
      loadClient.request<TrackingResult>({ port, token: bearer, connections, ms, work });
    return resultOf(await measure({ t, project, peer, sides }, load, say));
  } catch (error) {
    throw error instanceof Error && error.cause ? new Error(`${error.message}: ${error.cause}`) : error;
  } finally {
    loadClient.stop();
    gateway?.child.removeAllListeners("exit");
    gateway?.child.kill("SIGKILL");
    await peer?.close();
    await Promise.all([t.close(), peerDatabase.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
