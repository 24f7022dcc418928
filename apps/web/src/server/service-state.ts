import "server-only";
import { readEnv } from "@ballast/core";
import { database } from "./database.ts";

/** What the foot of the sign-in page says about the services behind it: measured at this moment. */
export interface ServiceState {
  database: { answers: boolean; version: string; embedded: boolean };
  /** Undefined where no gateway address is configured. */
  gateway: { answers: boolean; milliseconds: number } | undefined;
}

const PATIENCE_MS = 800;

export async function readServiceState(): Promise<ServiceState> {
  const env = readEnv();
  const [database, gateway] = await Promise.all([
    askDatabase(env.BALLAST_DATABASE === "embedded"),
    env.BALLAST_GATEWAY_URL ? askGateway(env.BALLAST_GATEWAY_URL) : undefined,
  ]);
  return { database, gateway };
}

async function askDatabase(embedded: boolean): Promise<ServiceState["database"]> {
  try {
    const [row] = await database().sql<{ server_version: string }[]>`show server_version`;
    return { answers: true, version: row?.server_version.split(".")[0] ?? "", embedded };
  } catch {
    return { answers: false, version: "", embedded };
  }
}

async function askGateway(address: string): Promise<ServiceState["gateway"]> {
  const started = performance.now();
  try {
    const response = await fetch(new URL("/health/ready", address), { signal: AbortSignal.timeout(PATIENCE_MS) });
    return { answers: response.ok, milliseconds: performance.now() - started };
  } catch {
    return { answers: false, milliseconds: performance.now() - started };
  }
}
