import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { startEmbedded } from "./embedded.ts";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-embedded-"));
fs.chmodSync(base, 0o755);
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

test("a start that was killed while it made the database is followed by one that works", async () => {
  const dataDir = path.join(base, "killed");
  const module = JSON.stringify(path.join(import.meta.dirname, "embedded.ts"));
  const script = `(await import(${module})).startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, password: "p" })`;
  const first = spawn(process.execPath, ["--input-type=module", "--eval", script], { detached: true, stdio: "ignore" });
  const half = () => [dataDir, `${dataDir}.new`].some((folder) => fs.existsSync(path.join(folder, "PG_VERSION")));
  await expect.poll(half, { timeout: 30_000, interval: 1 }).toBe(true);
  // With the whole group, initdb too, as when the machine stops.
  process.kill(-(first.pid as number), "SIGKILL");
  const server = await startEmbedded({ dataDir, password: "p" });
  const sql = postgres(`postgres://postgres:p@127.0.0.1:${server.port}/postgres`, { max: 1 });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
  await server.stop();
  expect(fs.readdirSync(base)).toEqual(["killed"]);
});

test("a folder with something else in it is neither used nor emptied", async () => {
  const dataDir = path.join(base, "taken");
  fs.mkdirSync(dataDir);
  fs.writeFileSync(path.join(dataDir, "thesis.txt"), "");
  await expect(startEmbedded({ dataDir, password: "p" })).rejects.toThrow(dataDir);
  expect(fs.existsSync(path.join(dataDir, "thesis.txt"))).toBe(true);
});
