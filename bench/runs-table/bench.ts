/**
 * The runs table with 10,000 runs × 50 columns in a real Chromium: how soon the first rows stand, and how many frames a second it draws
 * while it is scrolled down and sideways. Web app as built for production, real PostgreSQL; signed in as a person.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort } from "@ballast/db/embedded";
import { testDatabase } from "@ballast/db/testing";
import { launchBrowser } from "@ballast/e2e/browser.ts";
import { atMost, type BenchOptions, type BenchResult, median } from "../benchmark.ts";
import { measureScroll, openTable, signUp } from "./browser.ts";
import { METRICS, onlyProject, PARAMS, seedRuns } from "./seed.ts";

export const name = "runs-table";
export const title = "the runs table with 10,000 runs × 50 columns: first rows, frames per second";

const RUNS = 10_000;
const OPENINGS = 5;
const LEAST_FPS = 50;
const MOST_FIRST_ROWS_MS = 1_000;
const START_LIMIT_MS = 600_000;

export async function run({ say }: BenchOptions): Promise<BenchResult> {
  const database = await testDatabase();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-bench-"));
  const web = await startWeb(database.appUrl, home, say);
  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
    const base = await signUp(page, web.url);
    say(`writing ${RUNS.toLocaleString("en-US")} runs`);
    await seedRuns(database, { ...(await onlyProject(database)), runs: RUNS });
    const columns = [
      ...Array.from({ length: METRICS }, (_, i) => `metrics.metric_${String(i + 1).padStart(2, "0")}`),
      ...Array.from({ length: PARAMS }, (_, i) => `params.param_${String(i + 1).padStart(2, "0")}`),
    ];
    const address = `${base}/runs?${new URLSearchParams(columns.map((column) => ["cols", column]))}`;
    const openings: number[] = [];
    for (let i = 0; i < OPENINGS; i += 1) openings.push(await openTable(page, address));
    const [cold = 0, ...warm] = openings;
    const firstRowsMs = Math.round(median(warm));
    say(`first rows ${firstRowsMs} ms (the very first ${Math.round(cold)} ms)`);
    const down = await measureScroll(page, "down");
    const sideways = await measureScroll(page, "sideways");
    say(`down ${down.fps} frames/s, sideways ${sideways.fps}`);
    const first = atMost(firstRowsMs, MOST_FIRST_ROWS_MS);
    const fps = Math.min(down.fps, sideways.fps);
    return {
      name,
      ratio: fps / LEAST_FPS,
      ok: first.ok && fps >= LEAST_FPS,
      runs: RUNS,
      columns: columns.length,
      firstRowsMs: first,
      firstRowsColdMs: Math.round(cold),
      down,
      sideways,
    };
  } finally {
    await browser.close();
    await web.stop();
    await database.close();
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** The web app alone, built if it is not, on a port of its own. */
async function startWeb(
  appUrl: string,
  home: string,
  say: (line: string) => void,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const root = path.join(import.meta.dirname, "../..");
  const cwd = path.join(root, "apps/web");
  const next = path.join(cwd, "node_modules/next/dist/bin/next");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = () => randomBytes(32).toString("hex");
  const env = {
    ...{ ...process.env, BALLAST_HOME: home, BALLAST_ROOT: root, BALLAST_APP_DATABASE_URL: appUrl, AUTH_URL: url },
    ...{ BALLAST_SECRET: secret(), AUTH_SECRET: secret(), NEXT_TELEMETRY_DISABLED: "1" },
  };
  if (!fs.existsSync(path.join(cwd, ".next/BUILD_ID"))) {
    say("building the web app");
    await ended(spawn(process.execPath, [next, "build"], { cwd, env, stdio: ["ignore", "ignore", "inherit"] }));
  }
  const child = spawn(process.execPath, [next, "start", "-p", String(port), "-H", "127.0.0.1"], {
    cwd,
    env,
    stdio: "ignore",
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const deadline = Date.now() + START_LIMIT_MS;
  while (
    !(await fetch(`${url}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error("The web app did not start.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    url,
    stop: async () => {
      child.kill();
      await gone;
    },
  };
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`The web app did not build (code ${code}).`);
}
