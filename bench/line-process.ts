import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A child process that answers each JSON line on its standard input with one JSON line on its standard output. */
export class LineProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  #errors = "";
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;

  constructor(name: string, command: string[], env: Record<string, string> = {}) {
    this.#name = name;
    const [program, ...args] = command;
    this.#child = spawn(program as string, args, { env: { ...process.env, ...env }, stdio: "pipe" });
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.#waiting?.resolve(line));
    stderr?.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-4000);
    });
    this.#child.on("error", (error) => this.#waiting?.reject(error));
    this.#child.on("close", (code) => {
      this.#waiting?.reject(new Error(`${this.#name} ended with ${code}:\n${this.#errors}`));
    });
  }

  /** One request at a time. @throws Error with what the child wrote to standard error, when it ends instead */
  async request<Answer>(message: unknown): Promise<Answer> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#child.exitCode !== null) reject(new Error(`${this.#name} has ended:\n${this.#errors}`));
      this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    });
    return JSON.parse(line);
  }

  stop(): void {
    this.#waiting = undefined;
    this.#child.kill();
  }
}
