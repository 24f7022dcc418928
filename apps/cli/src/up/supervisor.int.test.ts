import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isAlive } from "@ballast/db/os-process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Logs } from "./logs.ts";
import { type ServiceSpec, Supervisor } from "./supervisor.ts";

let home: string;
let said: string[];
let supervisor: Supervisor;
const strangers: ChildProcess[] = [];
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-supervisor-"));
  said = [];
  supervisor = new Supervisor(home, (line) => said.push(line));
});
afterEach(async () => {
  await supervisor.stop();
  for (const child of strangers.splice(0)) child.kill("SIGKILL");
  fs.rmSync(home, { recursive: true, force: true });
});

const SECRET = "0123456789abcdef";
const service = (over: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...{ name: "gateway", command: "sleep", args: ["600"], cwd: "/" },
  env: { PATH: "/usr/bin:/bin", BALLAST_SECRET: SECRET },
  ...over,
});
const listFile = () => path.join(home, "processes.json");
const pids = (): Record<string, number> => JSON.parse(fs.readFileSync(listFile(), "utf8"));

test("a service that dies is started again, and stopped with the others", async () => {
  supervisor.start(service());
  const first = pids().gateway as number;
  process.kill(first, "SIGKILL");
  await expect.poll(() => pids().gateway).not.toBe(first);
  expect(said).toEqual([expect.stringMatching(/^gateway ended \(SIGKILL\); starting it again/)]);
  const second = pids().gateway as number;
  await supervisor.stop();
  expect(isAlive(second)).toBe(false);
  expect(fs.existsSync(listFile())).toBe(false);
});

test("a service that could not be started is tried again", async () => {
  const command = path.join(home, "later");
  supervisor.start(service({ command, args: [] }));
  await expect.poll(() => said).toContainEqual(expect.stringMatching(/ENOENT.*starting it again/));
  fs.writeFileSync(command, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  await expect.poll(() => pids().gateway, { timeout: 10_000 }).toBeGreaterThan(0);
});

test("what cannot be written down is said, and ends nothing", async () => {
  fs.mkdirSync(`${listFile()}.tmp`);
  supervisor.note("postgres", process.pid);
  expect(said).toEqual([expect.stringMatching(/^the list of processes: EISDIR/)]);
  const log = supervisor.logFile("gateway");
  fs.mkdirSync(log);
  supervisor.start(service());
  await expect.poll(() => said).toContainEqual(expect.stringMatching(/EISDIR.*starting it again/));
  fs.rmdirSync(log);
  fs.rmdirSync(`${listFile()}.tmp`);
  await expect.poll(() => fs.existsSync(listFile()) && pids().gateway, { timeout: 10_000 }).toBeGreaterThan(0);
});

test("what outlived a start that was killed is ended, and nothing that merely has its id", async () => {
  const started = (env: Record<string, string>, script: string) => {
    const child = spawn(process.execPath, ["-e", script], { env, stdio: ["ignore", "pipe", "inherit"] });
    strangers.push(child);
    return new Promise<number>((resolve) => child.stdout.once("data", () => resolve(child.pid as number)));
  };
  const env = { BALLAST_SECRET: SECRET };
  const ready = "setInterval(() => {}, 1e6); console.log(1);";
  // As Next does it: under another name than its command line had.
  const web = await started(env, `process.title = "next-server (v16)"; ${ready}`);
  const gateway = await started(env, ready);
  const other = await started({ BALLAST_SECRET: "fedcba" }, ready);
  const unlisted = await started(env, ready);
  fs.writeFileSync(listFile(), JSON.stringify({ web, gateway, worker: other, postgres: 999_999_999 }));
  await supervisor.endLeftovers(SECRET);
  expect([web, gateway, other, unlisted].map(isAlive)).toEqual([false, false, true, true]);
  expect(said).toHaveLength(2);
  fs.writeFileSync(listFile(), "");
  await supervisor.endLeftovers(SECRET);
});

test("a command is run to its end and says how it ended", async () => {
  const shell = (script: string) => supervisor.runOnce(service({ name: "web", command: "sh", args: ["-c", script] }));
  expect(await shell("echo built")).toBe("code 0");
  expect(fs.readFileSync(supervisor.logFile("web"), "utf8")).toBe("built\n");
  expect(await shell("exit 3")).toBe("code 3");
  const endless = shell("exec sleep 600");
  await supervisor.stop();
  expect(await endless).toBe("SIGTERM");
});

test("a log that grew too large becomes the previous one while its process goes on writing", () => {
  const logs = new Logs(home);
  const fd = logs.open("worker");
  fs.writeSync(fd, "0123456789");
  logs.rotate(10);
  expect(fs.existsSync(`${logs.file("worker")}.previous`)).toBe(false);
  fs.writeSync(fd, "!");
  logs.rotate(10);
  fs.writeSync(fd, "later");
  fs.closeSync(fd);
  expect(fs.readFileSync(`${logs.file("worker")}.previous`, "utf8")).toBe("0123456789!");
  expect(fs.readFileSync(logs.file("worker"), "utf8")).toBe("later");
});
