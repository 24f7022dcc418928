import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface GatewayProcess {
  child: ChildProcess;
  port: number;
}

/** The gateway as it is started in production: a process of its own. */
export async function startGatewayProcess(home: string, databaseUrl: string, secret: string): Promise<GatewayProcess> {
  const entry = join(import.meta.dirname, "..", "apps", "gateway", "src", "index.ts");
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      BALLAST_HOME: home,
      BALLAST_APP_DATABASE_URL: databaseUrl,
      BALLAST_SECRET: secret,
      BALLAST_GATEWAY_PORT: "0",
      BALLAST_LOG: "info",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`The gateway ended with ${code}:\n${errors}`)));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors = `${errors}${line}\n`.slice(-4_000);
      const entryLine = line.startsWith("{") ? JSON.parse(line) : {};
      if (entryLine.message === "listening") resolve(entryLine.port);
    });
  });
  return { child, port };
}
