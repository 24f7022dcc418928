import path from "node:path";
import { freePort } from "@ballast/db/embedded";
import { childEnv, externalDatabaseUrl } from "../env.ts";
import type { Report } from "../report.ts";
import { openDatabase, type RunningDatabase } from "./database.ts";
import { type Home, openHome } from "./home.ts";
import { Supervisor, waitReady } from "./supervisor.ts";
import { buildWeb } from "./web-build.ts";

export interface PlatformOptions {
  root: string;
  homeDir: string;
  /** Port of the web app; the gateway takes the next free one. Null: 7300 or a free one. */
  port: number | null;
  report: Report;
  /** Ends a start that is under way: what has started is stopped. */
  signal?: AbortSignal;
}

/** A running installation. */
export interface Platform {
  home: Home;
  database: RunningDatabase;
  supervisor: Supervisor;
  urls: { web: string; gateway: string };
  stop(): Promise<void>;
}

const DEFAULT_PORT = 7300;
const BUILD_LIMIT_MS = 300_000;
const READY_LIMIT_MS = 60_000;

async function webPort(asked: number | null): Promise<number> {
  const port = await freePort(asked ?? DEFAULT_PORT);
  if (asked !== null && port !== asked)
    throw new Error(
      `Port ${asked} is taken by another program. Choose another with --port, or leave --port out to get a free one.`,
    );
  return port;
}

/** Starts database, gateway, worker and web, and resolves when all of them are ready. What had started is stopped if one fails. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { report } = options;
  const home = openHome(options.homeDir);
  const undo: (() => Promise<void> | void)[] = [() => home.release()];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const supervisor = new Supervisor(home.dir, (line) => report.warn(line));
    await supervisor.endLeftovers(home.secrets.secret);
    const port = await webPort(options.port);
    report.step("Database");
    const database = await openDatabase(home, externalDatabaseUrl, {
      say: (line) => report.warn(line),
      started: (pid) => supervisor.note("postgres", pid),
    });
    undo.push(() => database.stop());
    report.done(database.description);
    const services = startServices(options, home, database, supervisor, port, undo);
    const urls = await (options.signal ? Promise.race([services, rejected(options.signal)]) : services);
    return { home, database, supervisor, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rejects when the signal says so. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error("Stopped before everything had started."));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

async function startServices(
  options: PlatformOptions,
  home: Home,
  database: RunningDatabase,
  supervisor: Supervisor,
  port: number,
  undo: (() => Promise<void> | void)[],
): Promise<{ web: string; gateway: string }> {
  const { root, report } = options;
  const gatewayPort = await freePort(port + 1);
  const urls = { web: `http://127.0.0.1:${port}`, gateway: `http://127.0.0.1:${gatewayPort}` };
  const env = childEnv({
    BALLAST_HOME: home.dir,
    BALLAST_ROOT: root,
    BALLAST_APP_DATABASE_URL: database.appUrl,
    BALLAST_DATABASE: database.kind,
    BALLAST_GATEWAY_PORT: String(gatewayPort),
    BALLAST_GATEWAY_URL: urls.gateway,
    BALLAST_WEB_URL: urls.web,
    BALLAST_SECRET: home.secrets.secret,
    BALLAST_SIGNING_KEY: home.secrets.signingKey,
    AUTH_SECRET: home.secrets.authSecret,
    AUTH_URL: urls.web,
  });
  undo.push(() => supervisor.stop());
  const server = (name: string) =>
    supervisor.start({
      name,
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", path.join(root, "apps", name, "src", "index.ts")],
      cwd: root,
      env,
    });
  report.step("Gateway and web app (built at the first start)");
  server("gateway");
  const built = await buildWeb(root, env, supervisor);
  startWeb(root, port, env, supervisor);
  await Promise.all([
    waitReady(`${urls.gateway}/health/live`, READY_LIMIT_MS, supervisor.logFile("gateway")),
    waitReady(`${urls.web}/api/health`, built ? BUILD_LIMIT_MS : READY_LIMIT_MS, supervisor.logFile("web")),
  ]);
  // Last, since nobody looks at it: the first page comes sooner.
  server("worker");
  report.done(urls.web);
  return urls;
}

function startWeb(root: string, port: number, env: Record<string, string>, supervisor: Supervisor): void {
  const cwd = path.join(root, "apps", "web");
  const next = path.join(cwd, "node_modules", "next", "dist", "bin", "next");
  const args = [next, "start", "-p", String(port), "-H", "127.0.0.1"];
  supervisor.start({ name: "web", command: process.execPath, args, cwd, env });
}
