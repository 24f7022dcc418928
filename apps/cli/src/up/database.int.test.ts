import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isAlive } from "@ballast/db/os-process";
import { afterAll, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { type Home, openHome } from "./home.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-database-"));
fs.chmodSync(dir, 0o755);
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test("a database that cannot be brought up to date does not run on", async () => {
  const home = openHome(dir);
  const started: number[] = [];
  const tell = { say: () => {}, started: (pid: number) => started.push(pid) };
  await (await openDatabase(home, undefined, tell)).stop();
  // As when the secrets were restored from elsewhere: it starts, but lets nobody in.
  const foreign: Home = { ...home, secrets: { ...home.secrets, postgresPassword: "another" } };
  await expect(openDatabase(foreign, undefined, tell)).rejects.toThrow(/password authentication failed/);
  expect(started.map(isAlive)).toEqual([false, false]);
  home.release();
});
