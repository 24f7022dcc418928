/** The gateway as it is started in production: a process of its own, to be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface GatewayProcess {
  child: ChildProcess;
  port: number;
}

/** Starts one; its port is new each time, because the old one may still be settling. `running` holds it until it has ended. */
export async function startGatewayProcess(
  running: Set<ChildProcess>,
  { home, databaseUrl, secret }: { home: string; databaseUrl: string; secret: string },
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "..", "index.ts")], {
    env: {
      PATH: "/usr/bin:/bin",
      BALLAST_HOME: home,
      BALLAST_APP_DATABASE_URL: databaseUrl,
      BALLAST_SECRET: secret,
      BALLAST_GATEWAY_PORT: "0",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  running.add(child);
  let errors = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The gateway ended with ${code}: ${errors}`)));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors += `${line}\n`;
      if (line.includes('"message":"listening"')) resolve(JSON.parse(line).port);
    });
  });
  child.removeAllListeners("exit");
  return { child, port };
}

/** Ends one with a signal; resolves to its exit code. */
export async function endGatewayProcess(
  running: Set<ChildProcess>,
  { child }: GatewayProcess,
  signal: NodeJS.Signals,
): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited;
  running.delete(child);
  return code;
}
