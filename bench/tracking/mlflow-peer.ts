import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createDatabase, type Database } from "@ballast/db";
import { pythonWith } from "../python-peer.ts";
import type { DurableDatabase } from "./durable-database.ts";

/** The release that runs beside us. */
export const MLFLOW = "3.17.2";
const START_LIMIT_MS = 180_000;

export interface MlflowPeer {
  port: number;
  /** The default experiment. */
  experimentId: string;
  /** Its tables, for filling them. */
  database: Database;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No free port was given.");
  return address.port;
}

/** `mlflow server` as its manual starts it for a team, its default number of workers, on a database of its own. */
export async function startMlflow(
  database: DurableDatabase,
  folder: string,
  say: (line: string) => void,
): Promise<MlflowPeer> {
  const python = pythonWith(
    ["mlflow", "psycopg2"],
    [`mlflow==${MLFLOW}`, "psycopg2-binary==2.9.11"],
    say,
    "bench-mlflow",
  );
  const port = await freePort();
  const args = [
    ...[
      "-m",
      "mlflow",
      "server",
      "--backend-store-uri",
      database.ownerUrl.replace("postgres:", "postgresql+psycopg2:"),
    ],
    ...["--artifacts-destination", join(folder, "mlartifacts"), "--host", "127.0.0.1", "--port", String(port)],
  ];
  const child = spawn(python, args, {
    cwd: folder,
    // Its job queues poll for work that tracking never gives them, and would take from both sides.
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
      PYTHONWARNINGS: "ignore",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  await untilHealthy(child, port);
  const tables = createDatabase(database.ownerUrl, { max: 1 });
  return {
    ...{ port, experimentId: "0", database: tables },
    close: async () => {
      await tables.close();
      // Its workers are children of their own.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    },
  };
}

async function untilHealthy(child: ChildProcess, port: number): Promise<void> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
  }
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}:\n${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`mlflow server did not answer within ${START_LIMIT_MS / 1000} s:\n${said}`);
}
