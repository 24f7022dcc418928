import { type ChildProcess, spawn } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { experiments, runs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { TestProject } from "@ballast/gateway/testing";
import { atMost, type BenchOptions, type BenchResult, median } from "../benchmark.ts";

export const name = "artifacts";
export const title = "a file of 1 GiB up and down through the gateway: its memory, its speed beside a bare disk copy";

const BYTES = 1024 ** 3;
const CHUNK = 1024 * 1024;
const ROUNDS = 3;
const MOST_OVER_IDLE_MIB = 150;
const SAMPLE_MS = 25;

/** The same bytes for the same seed, unlike any file of another seed, faster than any disk takes them. */
function* noise(seed: number): Generator<Buffer> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK);
  for (let sent = 0; sent < BYTES; sent += CHUNK) yield cipher.update(zeros);
}

function digestOf(seed: number): string {
  const hash = createHash("sha256");
  for (const chunk of noise(seed)) hash.update(chunk);
  return hash.digest("hex");
}

/** Resident memory of a process, MiB. */
function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

async function startGateway(t: TestDatabase, project: TestProject): Promise<{ process: ChildProcess; port: number }> {
  const entry = join(import.meta.dirname, "..", "..", "apps", "gateway", "src", "index.ts");
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      ...{ BALLAST_HOME: project.home, BALLAST_APP_DATABASE_URL: t.appUrl, BALLAST_SECRET: "5e".repeat(32) },
      ...{ BALLAST_GATEWAY_PORT: "0", BALLAST_LOG: "info" },
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`The gateway ended with ${code}:\n${errors}`)));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors = `${errors}${line}\n`.slice(-4_000);
      const told = line.startsWith("{") ? JSON.parse(line) : {};
      if (told.message === "listening") resolve(told.port);
    });
  });
  return { process: child, port };
}

async function newRun(t: TestDatabase, { tenant }: TestProject): Promise<string> {
  await withTenant(t.db, tenant.teamId, async (tx) => {
    await tx.insert(experiments).values({ ...tenant, id: "exp_bench", name: "bench" });
    const rest = { name: "bench", state: "running" as const, params: {}, tags: {}, inputs: [], outputs: [] };
    const run = { ...tenant, id: "run_bench", experimentId: "exp_bench", ...rest, codeVersion: "", createdBy: "bench" };
    await tx.insert(runs).values(run);
  });
  return "/api/2.0/mlflow-artifacts/artifacts/exp_bench/run_bench/artifacts";
}

interface Transfer {
  seconds: number;
  peakMiB: number;
}

/** Runs a transfer while it watches the gateway's memory. */
async function watched(pid: number, transfer: () => Promise<void>): Promise<Transfer> {
  let peakMiB = residentMiB(pid);
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentMiB(pid));
  }, SAMPLE_MS);
  const started = performance.now();
  try {
    await transfer();
    return { seconds: (performance.now() - started) / 1_000, peakMiB };
  } finally {
    clearInterval(timer);
  }
}

async function upload(url: string, token: string, seed: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-length": BYTES };
  const sent = request(url, { method: "PUT", headers });
  const answered = new Promise<void>((resolve, reject) => {
    sent.once("error", reject);
    sent.once("response", (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`PUT answered ${response.statusCode}`));
    });
  });
  await pipeline(Readable.from(noise(seed), { objectMode: false, highWaterMark: CHUNK }), sent);
  await answered;
}

async function download(url: string, token: string): Promise<string> {
  const response = await new Promise<Readable>((resolve, reject) => {
    request(url, { headers: { authorization: `Bearer ${token}` } }, resolve)
      .once("error", reject)
      .end();
  });
  const hash = createHash("sha256");
  for await (const chunk of response) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** What it costs to make and hash the bytes alone, with no gateway: the limit of this client. */
function bare(seed: number): number {
  const started = performance.now();
  digestOf(seed);
  return (performance.now() - started) / 1_000;
}

/** Several files up and down, each of other bytes; the memory bar holds for the worst of them. */
export async function run({ say }: BenchOptions): Promise<BenchResult> {
  const t = await testDatabase();
  const project = await TestProject.create(t);
  const { token } = await project.token();
  const gateway = await startGateway(t, project);
  const pid = gateway.process.pid ?? 0;
  try {
    const root = `http://127.0.0.1:${gateway.port}${await newRun(t, project)}`;
    await wait(1_000);
    let idleMiB = residentMiB(pid);
    say(`idle: ${idleMiB.toFixed(0)} MiB`);
    const [ups, downs, bares]: [Transfer[], Transfer[], number[]] = [[], [], []];
    let hashVerified = true;
    for (let round = 0; round < ROUNDS; round++) {
      const url = `${root}/file-${round}.bin`;
      bares.push(bare(round));
      // What it loaded at the start is given back after a while: the least counts.
      idleMiB = Math.min(idleMiB, residentMiB(pid));
      ups.push(await watched(pid, () => upload(url, token, round)));
      let digest = "";
      const fetched = async () => {
        digest = await download(url, token);
      };
      downs.push(await watched(pid, fetched));
      hashVerified &&= digest === digestOf(round);
      say(`round ${round + 1}: up ${ups.at(-1)?.peakMiB.toFixed(0)} MiB, down ${downs.at(-1)?.peakMiB.toFixed(0)} MiB`);
    }
    return result(idleMiB, ups, downs, bares, hashVerified);
  } finally {
    const ended = new Promise((resolve) => gateway.process.once("exit", resolve));
    gateway.process.kill("SIGTERM");
    await ended;
    await t.close();
    project.remove();
  }
}

function result(idle: number, ups: Transfer[], downs: Transfer[], bares: number[], hashVerified: boolean): BenchResult {
  const over = (transfers: Transfer[]) => Math.max(...transfers.map((one) => one.peakMiB)) - idle;
  const speed = (seconds: number[]) => Math.round(BYTES / CHUNK / median(seconds));
  const bars = {
    upOverIdleMiB: atMost(Math.round(over(ups)), MOST_OVER_IDLE_MIB),
    downOverIdleMiB: atMost(Math.round(over(downs)), MOST_OVER_IDLE_MIB),
  };
  const up = speed(ups.map((one) => one.seconds));
  const hashing = speed(bares);
  return {
    name,
    ratio: Number((up / hashing).toFixed(2)),
    ok: hashVerified && Object.values(bars).every((bar) => bar.ok),
    bytes: BYTES,
    hashVerified,
    idleMiB: Math.round(idle),
    upMiBPerSecond: up,
    downMiBPerSecond: speed(downs.map((one) => one.seconds)),
    hashingMiBPerSecond: hashing,
    bars,
  };
}
