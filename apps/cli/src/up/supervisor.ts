import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

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

/** Keeps child processes running: starts again what dies, with growing delays, and stops them all together. */
export class Supervisor {
  readonly #logFolder: string;
  readonly #stateFile: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #say: (line: string) => void;
  /** Processes that somebody else keeps running, named here for whoever looks from outside. */
  readonly #others = new Map<string, number>();
  #stopping = false;

  constructor(home: string, say: (line: string) => void) {
    this.#logFolder = path.join(home, "logs");
    this.#stateFile = path.join(home, "processes.json");
    this.#say = say;
    fs.mkdirSync(this.#logFolder, { recursive: true });
  }

  /** Pids by service name. */
  pids(): Record<string, number> {
    const own = [...this.#children].flatMap(([name, child]): [string, number][] =>
      child.pid === undefined ? [] : [[name, child.pid]],
    );
    return Object.fromEntries([...own, ...this.#others]);
  }

  /** Lists a process that is kept running elsewhere. */
  note(name: string, pid: number): void {
    this.#others.set(name, pid);
    this.#writeState();
  }

  logFile(name: string): string {
    return path.join(this.#logFolder, `${name}.log`);
  }

  /** Starts a service and keeps it running. */
  start(spec: ServiceSpec): void {
    this.#run(spec, FIRST_DELAY_MS);
  }

  #run(spec: ServiceSpec, delayMs: number): void {
    if (this.#stopping) return;
    const log = fs.openSync(this.logFile(spec.name), "a");
    const startedAt = Date.now();
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ["ignore", log, log],
      detached: false,
    });
    fs.closeSync(log);
    this.#children.set(spec.name, child);
    this.#writeState();
    child.once("error", (error) => this.#say(`${spec.name}: ${error.message}`));
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      const steady = Date.now() - startedAt > STEADY_MS;
      const wait = steady ? FIRST_DELAY_MS : delayMs;
      this.#say(
        `${spec.name} ended (${signal ?? `code ${code}`}); starting it again. Its log: ${this.logFile(spec.name)}`,
      );
      setTimeout(() => this.#run(spec, Math.min(wait * 2, LONGEST_DELAY_MS)), wait).unref();
    });
  }

  /** Records pids for whoever looks from outside. */
  #writeState(): void {
    const temporary = `${this.#stateFile}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify(this.pids()));
    fs.renameSync(temporary, this.#stateFile);
  }

  /** Asks every child to stop, in the order given, and kills what does not within 10 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#children.values()].map((child) => stopChild(child)));
    fs.rmSync(this.#stateFile, { force: true });
  }
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
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
