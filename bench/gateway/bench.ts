import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { testDatabase } from "@ballast/db/testing";
import {
  CONGESTION_VIEW,
  FLIGHT_BINDINGS,
  FLIGHT_VIEW,
  GatewayClient,
  recordsOf,
  TestProject,
  until,
} from "@ballast/gateway/testing";
import { atMost, type BenchOptions, type BenchResult, median } from "../benchmark.ts";
import { startGatewayProcess } from "../gateway-process.ts";
import { LineProcess } from "../line-process.ts";
import type { LoadRequest, LoadResult } from "./load-client.ts";
import { slowModel, trainedModel } from "./models.ts";

export const name = "gateway";
export const title = "the gateway against bare node:http + ONNX Runtime, single-row OIP requests";

const ROUNDS = 9;
const ROUND_MS = 600;
/** Before the first round: compiled code is compared, on both sides. */
const WARM_UP_MS = 2_500;
const SATURATION_MS = 6_000;
const SECRET = "5e".repeat(32);
const HOUR = 3_600_000;
const START = Date.UTC(2001, 0, 15);
const AIRPORTS = ["ATL", "ORD", "DFW", "LAX", "PHX", "DEN", "LAS", "SEA", "BOS", "JFK", "SFO", "MSP"];

const CONGESTION = {
  ...CONGESTION_VIEW,
  features: ["origin", "destination"].flatMap((key) =>
    [3, 24].map((hours) => ({ name: `${key}_${hours}h`, key, windowMs: hours * HOUR })),
  ),
};
const BINDINGS = [
  ...FLIGHT_BINDINGS,
  ...CONGESTION.features.map(({ name: feature }) => ({ input: feature, view: "congestion", feature })),
];

function airport(i: number): string {
  return AIRPORTS[i % AIRPORTS.length] as string;
}

/** 500 different flights as OIP requests, each with its own id. */
function requestBodies(): string[] {
  return Array.from({ length: 500 }, (_, i) => {
    const t = START + ((i * 7_919) % (12 * HOUR));
    const column = (name_: string, datatype: string, value: unknown) => ({
      name: name_,
      shape: [1],
      datatype,
      data: [value],
    });
    return JSON.stringify({
      inputs: [
        column("flight_id", "INT64", 1_000_000 + i),
        column("origin", "BYTES", airport(i)),
        column("destination", "BYTES", airport(i * 5 + 1)),
        column("departure_utc", "INT64", t),
        column("departure_local", "INT64", t - 6 * HOUR),
        column("distance", "FP64", 200 + ((i * 37) % 2_400)),
      ],
    });
  });
}

/** A day of flights in the feature store. */
function pushBody() {
  const rows = 16_000;
  const each = <T>(value: (i: number) => T) => Array.from({ length: rows }, (_, i) => value(i));
  return {
    push_source_name: "flights",
    push_id: "day",
    df: {
      origin: each(airport),
      destination: each((i) => airport(i * 5 + 1)),
      known_at: each((i) => START - 24 * HOUR + Math.floor((i * 30 * HOUR) / rows)),
      late: each((i) => (i % 5 === 0 ? 1 : 0)),
    },
  };
}

interface Side {
  port: number;
  pid: number | undefined;
  token: string;
}

type Load = (requests: Omit<LoadRequest, "bodies">[]) => Promise<LoadResult[]>;

const FAST = "/v2/models/late/infer";

/** CPU time of a process, user and system, seconds; NaN off Linux. */
function cpuSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

interface Measured {
  results: LoadResult[];
  cpu: number;
}

function figures({ results, cpu }: Measured) {
  const answered = results.reduce((sum, r) => sum + r.answered, 0);
  return {
    perSecond: Math.round(median(results.map((r) => r.perSecond))),
    p50Ms: median(results.map((r) => r.p50Ms)),
    p99Ms: median(results.map((r) => r.p99Ms)),
    cpuUsPerRequest: Math.round((cpu / answered) * 1e7) / 10,
    rounds: results.map((r) => Math.round(r.perSecond)),
    answered,
    failed: results.reduce((sum, r) => sum + r.failed, 0),
  };
}

/** Interleaved rounds, each with the other side's round next to it: the ratio is the median over these pairs. */
async function compare(load: Load, sides: { ours: Side; bare: Side }, connections: number, say: BenchOptions["say"]) {
  const measured: Record<"ours" | "bare", Measured> = { ours: { results: [], cpu: 0 }, bare: { results: [], cpu: 0 } };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const side of round % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const)) {
      const { port, token, pid } = sides[side];
      const before = cpuSeconds(pid);
      const [result] = await load([{ port, token, path: FAST, connections, ms: ROUND_MS }]);
      if (!result) continue;
      // The first of each is a warm-up.
      if (round === 0) warmUps[side] += result.answered;
      else {
        measured[side].results.push(result);
        measured[side].cpu += cpuSeconds(pid) - before;
      }
    }
  }
  const [gateway, bare] = [figures(measured.ours), figures(measured.bare)];
  const pairs = gateway.rounds.map((ours, i) => ours / (bare.rounds[i] as number));
  const ratio = median(pairs);
  say(
    `${connections} connections: gateway ${gateway.perSecond}/s, bare ${bare.perSecond}/s, ratio ${ratio.toFixed(2)}`,
  );
  return { ratio, pairs: pairs.map((pair) => Math.round(pair * 100) / 100), gateway, bare };
}

/** Answers in warm-up rounds: not timed, but journalled. */
const warmUps = { ours: 0, bare: 0 };

async function saturate(load: Load, ours: Side, client: GatewayClient) {
  const each = { port: ours.port, token: ours.token, connections: 4, ms: SATURATION_MS };
  const requests = [
    { ...each, path: "/v2/models/slow/infer" },
    { ...each, path: FAST },
  ];
  const [slow, fast] = await load(requests);
  const { text } = await client.call("GET", "/metrics");
  const p99 = Number(/^ballast_event_loop_delay_p99_seconds (\S+)$/m.exec(text)?.[1]) * 1000;
  return { slow: slow as LoadResult, fast: fast as LoadResult, p99 };
}

export async function run({ say }: BenchOptions): Promise<BenchResult> {
  say("Training the model, starting PostgreSQL, the gateway and the bare server …");
  const folder = mkdtempSync(join(tmpdir(), "ballast-bench-gateway-"));
  const [model, slow, t] = [await trainedModel(), await slowModel(BINDINGS.length, 20), await testDatabase()];
  const project = await TestProject.create(t, folder);
  await project.defineViews([FLIGHT_VIEW, CONGESTION]);
  await project.deploy({ champion: await project.version(model, BINDINGS) });
  await project.deploy({ champion: await project.version(slow.model, BINDINGS) }, { name: "slow", deadlineMs: 10_000 });
  const modelPath = join(folder, "model.onnx");
  writeFileSync(modelPath, model);
  const { token } = await project.token();
  const gateway = await startGatewayProcess(folder, t.appUrl, SECRET);
  const bareServer = new LineProcess("bare server", [
    process.execPath,
    join(import.meta.dirname, "bare-server.ts"),
    modelPath,
  ]);
  const loadClient = new LineProcess("load client", [process.execPath, join(import.meta.dirname, "load-client.ts")]);
  try {
    const bare = { ...(await bareServer.request<{ port: number; pid: number }>({})), token };
    const ours = { port: gateway.port, pid: gateway.child.pid, token };
    const client = new GatewayClient(gateway.port, token);
    await client.post("/push", pushBody());
    const bodies = requestBodies();
    const load: Load = (requests) =>
      loadClient.request<LoadResult[]>(requests.map((request) => ({ ...request, bodies })));
    say("Warming both up …");
    for (const side of ["ours", "bare"] as const) {
      const { port } = side === "ours" ? ours : bare;
      const [result] = await load([{ port, token, path: FAST, connections: 8, ms: WARM_UP_MS }]);
      warmUps[side] += result?.answered ?? 0;
    }
    const c1 = await compare(load, { ours, bare }, 1, say);
    const c32 = await compare(load, { ours, bare }, 32, say);
    const beside = await saturate(load, ours, client);
    say(`beside a saturated ${slow.ms.toFixed(1)} ms model: event-loop delay p99 ${beside.p99.toFixed(2)} ms`);
    const responses =
      warmUps.ours + c1.gateway.answered + c32.gateway.answered + beside.fast.answered + beside.slow.answered;
    gateway.child.removeAllListeners("exit");
    gateway.child.kill("SIGTERM");
    await until(() => gateway.child.exitCode !== null);
    const journalled = recordsOf(folder, project.scope.projectId, "p").length;
    const failed = c1.gateway.failed + c32.gateway.failed + beside.fast.failed + beside.slow.failed;
    const bars = {
      c1: { value: c1.ratio, limit: 0.75, ok: c1.ratio >= 0.75 },
      c32: { value: c32.ratio, limit: 0.9, ok: c32.ratio >= 0.9 },
      eventLoopP99Ms: atMost(beside.p99, 10),
      journalledDifference: atMost(Math.abs(journalled - responses), 0),
      failed: atMost(failed, 0),
    };
    return {
      name,
      ratio: c1.ratio,
      ok: Object.values(bars).every((bar) => bar.ok),
      bars,
      c1,
      c32,
      eventLoopP99Ms: beside.p99,
      slowModelMs: slow.ms,
      beside,
      journalled,
      responses,
      modelBytes: model.length,
      loadAverage: loadavg()[0],
      node: process.version,
    };
  } finally {
    bareServer.stop();
    loadClient.stop();
    gateway.child.removeAllListeners("exit");
    gateway.child.kill("SIGKILL");
    await t.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
