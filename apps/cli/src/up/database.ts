import path from "node:path";
import { freePort, startEmbedded } from "@ballast/db/embedded";
import { migrate } from "@ballast/db/migrate";
import type { Home } from "./home.ts";

export interface RunningDatabase {
  ownerUrl: string;
  appUrl: string;
  kind: "embedded" | "external";
  /** In words, for the start-up. */
  description: string;
  stop(): Promise<void>;
}

/** The external database of `DATABASE_URL`, or an embedded one that is started again whenever it dies. */
export async function openDatabase(
  home: Home,
  externalUrl: string | undefined,
  tell: { say: (line: string) => void; started: (pid: number) => void },
): Promise<RunningDatabase> {
  const { say } = tell;
  if (externalUrl) return openExternal(home, externalUrl);
  const dataDir = path.join(home.dir, "postgres");
  const password = home.secrets.postgresPassword;
  let server = await startEmbedded({ dataDir, password, port: await freePort(25_432), ownGroup: true });
  const { port } = server;
  let stopping = false;
  /** The start that is under way after a death; one that ends after a stop must be stopped too. */
  let restarting: Promise<void> = Promise.resolve();
  const watch = () => {
    tell.started(server.pid);
    server.process.once("exit", (code, signal) => {
      if (stopping) return;
      say(`postgres ended (${signal ?? `code ${code}`}); starting it again on ${server.dataDir}`);
      restarting = restart();
    });
  };
  const restart = async () => {
    for (;;) {
      if (stopping) return;
      const again = await startEmbedded({ dataDir, password, port, ownGroup: true }).catch((error: Error) => error);
      if (again instanceof Error) {
        say(`postgres: ${again.message}`);
        await new Promise((resolve) => setTimeout(resolve, 500));
        continue;
      }
      server = again;
      if (again.port === port) return watch();
      // Clients hold the old port; whoever took it in the meantime must go first.
      say(`port ${port} is taken by another program; waiting for it`);
      await again.stop();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  watch();
  const ownerUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    stopping = true;
    await restarting;
    await server.stop();
  };
  const { appUrl } = await migrate(ownerUrl, home.secrets.appPassword).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const where = server.relocated ? `${server.relocated} (its user cannot reach ${dataDir})` : dataDir;
  return {
    ownerUrl,
    appUrl,
    kind: "embedded",
    description: `PostgreSQL 18 on 127.0.0.1:${port}, data in ${where}`,
    stop,
  };
}

async function openExternal(home: Home, url: string): Promise<RunningDatabase> {
  const shown = URL.parse(url);
  if (!shown?.protocol.startsWith("postgres"))
    throw new Error(
      "DATABASE_URL is no address of a PostgreSQL database: give postgres://user:password@host:5432/name.",
    );
  shown.password = "";
  try {
    const { appUrl } = await migrate(url, home.secrets.appPassword);
    return {
      ownerUrl: url,
      appUrl,
      kind: "external",
      description: `PostgreSQL at ${shown.host}`,
      stop: async () => {},
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `DATABASE_URL (${shown.toString()}) does not work: ${reason || "no answer"}. Check host, port and password, that the database exists, and that its user may create roles; or unset DATABASE_URL to use the embedded PostgreSQL.`,
      { cause: error },
    );
  }
}
