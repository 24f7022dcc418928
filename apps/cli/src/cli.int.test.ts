import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { openHome } from "./up/home.ts";

const folders: string[] = [];
const newFolder = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-cli-"));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** Runs the command line to its end. */
function ballast(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(import.meta.dirname, "index.ts"), ...args],
    {
      env: { PATH: "/usr/bin:/bin", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, out, err })));
}

test("help says what there is, a wrong word says where to look", async () => {
  const help = await ballast(["--help"]);
  expect(help).toMatchObject({ code: 0 });
  expect(help.out).toMatch(/--empty[\s\S]*--port/);
  const wrong = await ballast(["ascend"]);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toMatch(/no command "ascend".*--help/);
  expect((await ballast(["up", "--port", "99999"])).err).toMatch(/--port 99999: a port is a number from 1 to 65534/);
});

test("a port in use is named before anything is started", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const home = newFolder();
  const { code, err } = await ballast(["up", "--empty", "--home", home, "--port", String(port)]);
  server.close();
  expect(code).toBe(1);
  expect(err).toMatch(new RegExp(`Port ${port} is taken`));
  expect(fs.existsSync(path.join(home, "postgres"))).toBe(false);
});

test("a DATABASE_URL that refuses says what to check, without the password", async () => {
  const url = "postgres://somebody:geheim@127.0.0.1:9/nowhere";
  const { code, err } = await ballast(["up", "--empty", "--home", newFolder()], { DATABASE_URL: url });
  expect(code).toBe(1);
  expect(err).toMatch(/DATABASE_URL .*does not work.*unset DATABASE_URL/s);
  expect(err).not.toContain("geheim");
  for (const wrong of ["localhost:5432/ballast", "https://example.com/ballast"]) {
    const refused = await ballast(["up", "--empty", "--home", newFolder()], { DATABASE_URL: wrong });
    expect(refused.err).toContain("postgres://user:password@host:5432/name");
  }
});

test("a folder is one installation's at a time; a lock of a dead one is taken over", () => {
  const dir = newFolder();
  fs.writeFileSync(path.join(dir, "up.lock"), "999999999");
  const home = openHome(dir);
  expect(openHome(dir).secrets).toEqual(home.secrets);
  home.release();
  expect(fs.existsSync(path.join(dir, "up.lock"))).toBe(false);
  expect(fs.statSync(path.join(dir, "secrets.json")).mode & 0o077).toBe(0);
});
