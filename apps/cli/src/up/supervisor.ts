import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { Logs } from "./logs.ts";
import { ProcessList } from "./process-list.ts";

export interface ServiceSpec {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** A service that ran this long is healthy again, and its next death counts as the first. */
const STEADY_MS = 10_000;
const STOP_LIMIT_MS = 10_000;
const ROTATE_MS = 60_000;

/** Keeps child processes running: starts again what dies, with growing delays, and stops them all together. */
export class Supervisor {
  readonly #logs: Logs;
  readonly #list: ProcessList;
  readonly #children = new Map<string, ChildProcess>();
  readonly #say: (line: string) => void;
  /** Processes that somebody else keeps running, named here for whoever looks from outside. */
  readonly #others = new Map<string, number>();
  readonly #rotation: NodeJS.Timeout;
  #stopping = false;

  constructor(home: string, say: (line: string) => void) {
    this.#logs = new Logs(home);
    this.#list = new ProcessList(home);
    this.#say = say;
    const rotate = () => this.#bookkeeping("logs", () => this.#logs.rotate());
    rotate();
    this.#rotation = setInterval(rotate, ROTATE_MS).unref();
  }

  /** Ends what runs on from a start of the same installation that was killed. */
  async endLeftovers(secret: string): Promise<void> {
    await this.#list.endLeftovers(secret, this.#say);
  }

  /** Lists a process that is kept running elsewhere. */
  note(name: string, pid: number): void {
    this.#others.set(name, pid);
    this.#writeList();
  }

  logFile(name: string): string {
    return this.#logs.file(name);
  }

  /** Starts a service and keeps it running. */
  start(spec: ServiceSpec): void {
    this.#keep(spec, FIRST_DELAY_MS);
  }

  /** Runs a command to its end, or until everything is stopped; resolves with how it ended. */
  async runOnce(spec: ServiceSpec): Promise<string> {
    const outcome = await this.#run(spec);
    this.#children.delete(spec.name);
    return outcome;
  }

  #keep(spec: ServiceSpec, delayMs: number): void {
    if (this.#stopping) return;
    const startedAt = Date.now();
    void this.#run(spec).then((outcome) => {
      if (this.#stopping) return;
      const steady = Date.now() - startedAt > STEADY_MS;
      const wait = steady ? FIRST_DELAY_MS : delayMs;
      this.#say(`${spec.name} ended (${outcome}); starting it again. Its log: ${this.logFile(spec.name)}`);
      setTimeout(() => this.#keep(spec, Math.min(wait * 2, LONGEST_DELAY_MS)), wait).unref();
    });
  }

  /** Resolves with how a child ended, in words; also where it could not be started at all. */
  async #run(spec: ServiceSpec): Promise<string> {
    try {
      const child = this.#spawn(spec);
      return await new Promise<string>((resolve) => {
        child.on("error", (error) => resolve(error.message));
        child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
      });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #spawn(spec: ServiceSpec): ChildProcess {
    const log = this.#logs.open(spec.name);
    try {
      const { command, args, cwd, env } = spec;
      const child = spawn(command, args, { cwd, env, stdio: ["ignore", log, log], detached: false });
      this.#children.set(spec.name, child);
      this.#writeList();
      return child;
    } finally {
      fs.closeSync(log);
    }
  }

  /** Records pids for whoever looks from outside. */
  #writeList(): void {
    const own = [...this.#children].flatMap(([name, { pid }]): [string, number][] =>
      pid === undefined ? [] : [[name, pid]],
    );
    this.#bookkeeping("the list of processes", () => this.#list.write(Object.fromEntries([...own, ...this.#others])));
  }

  /** What keeps services running must not die of a full disk. */
  #bookkeeping(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#say(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Asks every child to stop, and kills what does not within 10 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#rotation);
    await Promise.all([...this.#children.values()].map((child) => stopChild(child)));
    this.#bookkeeping("the list of processes", () => this.#list.clear());
  }
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    child.once("exit", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

/** Resolves with the milliseconds waited once `url` answers 200; throws after `limitMs`, quoting the end of the log. */
export async function waitReady(url: string, limitMs: number, logFile: string): Promise<number> {
  const startedAt = Date.now();
  for (;;) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
      await answer.arrayBuffer();
      if (answer.ok) return Date.now() - startedAt;
    } catch {
      // Not listening yet.
    }
    if (Date.now() - startedAt > limitMs) {
      const tail = fs.existsSync(logFile) ? fs.readFileSync(logFile, "utf8").slice(-2_000) : "(no log)";
      throw new Error(`${url} was not ready within ${Math.round(limitMs / 1000)} s. The end of ${logFile}:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
