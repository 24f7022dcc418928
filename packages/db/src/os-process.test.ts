import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { commandOf, endProcess, environmentOf, isAlive } from "./os-process.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Runs a shell and resolves with the first number it prints. */
async function shell(script: string): Promise<{ child: ChildProcess; printed: number }> {
  const child = spawn("sh", ["-c", script], { env: { PATH: "/usr/bin:/bin", MARK: "mine" } });
  started.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, printed: Number(line.toString()) };
}

test("a process whose parent never asks how it ended counts as ended", async () => {
  // The shell becomes a program that knows nothing of the child it has: dead, that child stays in the list of processes.
  const { printed: pid } = await shell("sleep 60 & echo $!; exec sleep 60");
  expect(isAlive(pid)).toBe(true);
  await endProcess(pid, { gently: "SIGTERM", limitMs: 10_000, hard: "SIGKILL" });
  expect(isAlive(pid)).toBe(false);
  expect(() => process.kill(pid, 0)).not.toThrow();
});

test("who does not listen is ended hard; who listens to neither is named", async () => {
  const deaf = "trap '' INT QUIT; echo $$; while :; do sleep 0.1; done";
  const { printed: pid } = await shell(deaf);
  await expect(endProcess(pid, { gently: "SIGINT", limitMs: 100, hard: "SIGQUIT" })).rejects.toThrow(`Process ${pid}`);
  expect(isAlive(pid)).toBe(true);
  await endProcess(pid, { gently: "SIGINT", limitMs: 100, hard: "SIGKILL" });
  expect(isAlive(pid)).toBe(false);
});

test("a process is known by its command line and its environment; one that is gone by neither", async () => {
  const { child, printed: pid } = await shell("echo $$; read line");
  expect(commandOf(pid)).toContain("read line");
  expect(environmentOf(pid)).toContain("MARK=mine");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect([isAlive(pid), commandOf(pid), environmentOf(pid)]).toEqual([false, "", ""]);
  await endProcess(pid, { gently: "SIGTERM", limitMs: 0, hard: "SIGKILL" });
});
