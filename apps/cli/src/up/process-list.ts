import fs from "node:fs";
import path from "node:path";
import { endProcess, environmentOf, isAlive } from "@ballast/db/os-process";

const END_LIMIT_MS = 10_000;

/** `processes.json`: which processes belong to an installation, for whoever looks from outside and for the next start. */
export class ProcessList {
  readonly #file: string;

  constructor(home: string) {
    this.#file = path.join(home, "processes.json");
  }

  /** Pids by service name. */
  write(pids: Record<string, number>): void {
    const temporary = `${this.#file}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify(pids));
    fs.renameSync(temporary, this.#file);
  }

  clear(): void {
    fs.rmSync(this.#file, { force: true });
  }

  /**
   * Ends the services that outlived a start-up which was killed, and waits for them: they hold the journal and the ports. A pid in the
   * list may be anybody's by now; ours is a process that was given this installation's secret. PostgreSQL is not: it is ended where it
   * is started again, by its own lock. The caller holds the installation's lock.
   */
  async endLeftovers(secret: string, say: (line: string) => void): Promise<void> {
    const ours = Object.entries(this.#read()).filter(
      ([, pid]) => isAlive(pid) && environmentOf(pid).includes(`BALLAST_SECRET=${secret}`),
    );
    await Promise.all(
      ours.map(([name, pid]) => {
        say(`${name} (process ${pid}) runs on from a start that was killed; ending it`);
        return endProcess(pid, { gently: "SIGTERM", limitMs: END_LIMIT_MS, hard: "SIGKILL" });
      }),
    );
  }

  #read(): Record<string, number> {
    try {
      return JSON.parse(fs.readFileSync(this.#file, "utf8")) as Record<string, number>;
    } catch {
      // None yet, or one that a power cut has emptied.
      return {};
    }
  }
}
