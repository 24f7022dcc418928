import fs from "node:fs";
import path from "node:path";
import type { Report } from "../report.ts";
import { type Api, untilAnswered } from "./api-client.ts";
import * as definitions from "./definitions.ts";
import type { FlightHistory } from "./flights.ts";
import type { GatewayClient } from "./gateway-client.ts";

const { BASIC_PIPELINE, BASIC_POLICY, CONGESTION_PIPELINE, CONGESTION_VIEW, DATASET, DEPLOYMENT, FLIGHT_VIEW } =
  definitions;
const JANUARY = new Date(Date.UTC(2001, 0, 1));
/** 75 USD for everything the project does. */
const LIMIT_MICROS = 75_000_000;
const WAIT_LIMIT_MS = 180_000;

export interface SetUp {
  api: Api;
  gateway: GatewayClient;
  history: FlightHistory;
  where: { team: string; project: string };
  folder: string;
  report: Report;
}

/** January in, features declared, version 1 trained, through its gates and serving. Safe to run again after a crash. */
export async function setUp(s: SetUp): Promise<void> {
  s.report.step("Integrate: January becomes dataset version 1");
  const rows = await integrate(s);
  s.report.done(`${rows.toLocaleString("en")} rows, contract inferred, times in UTC by airport`);
  await declare(s);
  s.report.step("Train and deliver: version 1 on flight features");
  await untilAnswered(() => trainFirst(s));
  s.report.done("through its gates, serving as champion");
}

async function integrate({ api, gateway, history, where, folder }: SetUp): Promise<number> {
  const file = path.join(folder, "january.parquet");
  if (!fs.existsSync(file)) await history.exportJanuary(file);
  const upload = await gateway.send<{ digest: string }>("PUT", "/v1/artifacts", fs.readFileSync(file));
  const request = {
    dataset: DATASET,
    description: "US domestic flights, January 2001",
    sourceDigest: upload.body.digest,
    declaredUnits: { distance: "mile", delay: "minute" },
    time: { column: "departure", zoneBy: "origin", zones: history.zones },
  };
  const version = await untilAnswered(() => api.dataset.createVersion.mutate({ ...where, version: request }));
  const validated = await until("the dataset to be validated", async () => {
    const now = await api.dataset.version.query({ ...where, id: version.id });
    return now.state === "validating" ? null : now;
  });
  if (validated.state !== "accepted") {
    const failed = validated.report?.checks.filter((check) => !check.passed).map((check) => check.message) ?? [];
    throw new Error(`January was refused: ${failed.join("; ")}`);
  }
  return validated.rows ?? 0;
}

async function declare({ api, where }: SetUp): Promise<void> {
  await untilAnswered(() => api.feature.define.mutate({ ...where, definition: FLIGHT_VIEW }));
  await untilAnswered(() => api.feature.define.mutate({ ...where, definition: CONGESTION_VIEW }));
  await untilAnswered(() =>
    api.finops.setBudget.mutate({
      ...where,
      budget: { name: "2001", currency: "USD", hard: true, limitMicros: LIMIT_MICROS },
    }),
  );
  const deployment = {
    name: DEPLOYMENT,
    modelName: DEPLOYMENT,
    sloMs: 25,
    deadlineMs: 5_000,
    assignmentColumn: "flight_id",
    timeColumn: "departure_utc",
  };
  await untilAnswered(() => api.deployment.create.mutate({ ...where, deployment })).catch(ignoreConflict);
  await untilAnswered(() => api.training.definePipeline.mutate({ ...where, pipeline: BASIC_PIPELINE }));
  await untilAnswered(() => api.training.definePipeline.mutate({ ...where, pipeline: CONGESTION_PIPELINE }));
  const policy = {
    name: "calibration",
    deployment: DEPLOYMENT,
    pipeline: BASIC_PIPELINE.name,
    spec: BASIC_POLICY,
    enabled: true,
  };
  await untilAnswered(() => api.training.definePolicy.mutate({ ...where, policy }));
}

/** After a crash the deployment may be there already. */
function ignoreConflict(error: unknown): void {
  const code = (error as { data?: { code?: string } }).data?.code;
  if (code !== "CONFLICT") throw error;
}

async function trainFirst({ api, where }: SetUp): Promise<void> {
  const jobs = await api.training.jobs.query({ ...where, limit: 1 });
  const to = new Date(Date.UTC(2001, 1, 1));
  const training = { pipeline: BASIC_PIPELINE.name, from: JANUARY, to, plan: { strategy: "all_at_once" as const } };
  const job = jobs[0] ?? (await api.training.request.mutate({ ...where, training }));
  await until("version 1 to serve", async () => {
    const now = await api.training.job.query({ ...where, jobId: job.id });
    if (now.state === "failed" || now.state === "refused") throw new Error(`Version 1 was not trained: ${now.reason}`);
    const { routing } = await api.deployment.get.query({ ...where, deployment: DEPLOYMENT });
    const [last] = (await api.rollout.list.query({ ...where, limit: 1 })).rollouts;
    if (last?.state === "refused") throw new Error(`Version 1 did not pass: ${last.outcomeReason}`);
    return routing.champion;
  });
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const found = await untilAnswered(look);
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${WAIT_LIMIT_MS / 1000} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
