import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The last core this process may use, so that the first, which interrupts prefer, stays free; undefined off Linux. */
function lastAllowedCore(): string | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /Cpus_allowed_list:.*?(\d+)\s*$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}

/** The prefix that keeps a command on one core: `taskset -c N`, or nothing where that does not work. */
export function pinToCore(): string[] {
  const core = lastAllowedCore();
  if (core === undefined) return [];
  const prefix = ["taskset", "-c", core];
  return spawnSync("taskset", ["-c", core, "true"]).status === 0 ? prefix : [];
}
