import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
let known: Promise<string> | undefined;

/**
 * Version of the code that runs: the git commit (with `-dirty` when files differ from it), else the package's version. Asked once
 * per process, as the code in memory does not change with the checkout.
 */
export function codeVersion(): Promise<string> {
  known ??= read(import.meta.dirname);
  return known;
}

async function read(folder: string): Promise<string> {
  try {
    const args = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
    const { stdout } = await run("git", args, { cwd: folder, timeout: 5_000 });
    const commit = stdout.trim();
    if (commit) return `git:${commit}`;
  } catch {
    // No git, or no repository: an installed package.
  }
  const text = await readFile(path.join(folder, "..", "package.json"), "utf8");
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  return `${name}@${version}`;
}
