import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** How often an end that is waited for is looked for. */
const LOOK_MS = 50;
/** After the hard signal nothing but the system itself delays an end. */
const HARD_LIMIT_MS = 5_000;

/** `ps` where there is no /proc, as on macOS; empty where it cannot be told. */
function listed(pid: number, ...columns: string[]): string {
  return spawnSync("ps", [...columns, "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
}

function fromProc(pid: number, file: string): string | null {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return null;
  }
}

const hasProc = fs.existsSync("/proc/self/stat");

/** True while a process runs. One that has ended and whose parent never asks for its exit code (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  if (!hasProc) return !listed(pid, "-o", "stat=").trim().startsWith("Z");
  const stat = fromProc(pid, "stat");
  return stat !== null && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** A process's command line; empty where it cannot be told. */
export function commandOf(pid: number): string {
  return hasProc ? (fromProc(pid, "cmdline") ?? "") : listed(pid, "-o", "command=");
}

/** The environment that a process was started with, among other text; empty for another user's. Survives a changed process title. */
export function environmentOf(pid: number): string {
  return hasProc ? (fromProc(pid, "environ") ?? "") : listed(pid, "eww", "-o", "command=");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function hasEnded(pid: number, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}

/**
 * Ends a process that is no child of this one: with `gently`, and after `limitMs` with `hard`.
 * The caller knows that the id is still that of the process it means. @throws Error naming it when it runs on nevertheless
 */
export async function endProcess(
  pid: number,
  how: { gently: NodeJS.Signals; limitMs: number; hard: NodeJS.Signals },
): Promise<void> {
  signal(pid, how.gently);
  if (await hasEnded(pid, how.limitMs)) return;
  signal(pid, how.hard);
  if (await hasEnded(pid, HARD_LIMIT_MS)) return;
  throw new Error(`Process ${pid} does not end on ${how.gently} nor on ${how.hard}. End it by hand, then start again.`);
}
