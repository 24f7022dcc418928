import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "..");

/** A whole Ballast of its own, started as a user starts it. */
export interface Installation {
  home: string;
  process: ChildProcess;
  /** Resolves with exit code and everything printed on standard output. */
  ended: Promise<{ code: number | null; stdout: string }>;
  /** Pids by service name, `postgres` included, as they are now. */
  pids(): Record<string, number>;
  /** What was said on standard error so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts `ballast up` with `args` on a new temporary folder (or `home`), with `env` beside the caller's environment. */
export function startInstallation(
  args: string[],
  home = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-e2e-")),
  env: Record<string, string> = {},
): Installation {
  fs.chmodSync(home, 0o755);
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(ROOT, "apps/cli/src/index.ts"), "up", "--home", home, ...args],
    {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => {
    child.once("exit", (code) => resolve({ code, stdout }));
  });
  return {
    home,
    process: child,
    ended,
    pids: () => readJson(path.join(home, "processes.json")),
    log: () => stderr,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

function readJson(file: string): Record<string, number> {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, number>;
  } catch {
    return {};
  }
}

/** Polls until `condition` gives something truthy; throws, quoting `what`, after `limitMs`. */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  condition: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
