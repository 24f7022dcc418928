import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scanFile } from "./scan-file.ts";
import { ScanningThread, scanInThread } from "./scan-in-thread.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const MEBIBYTE = 1024 * 1024;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-scan-thread-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("files scanned at the same time are found what each of them is", async () => {
  const names = ["clean", "refused"].flatMap((kind) =>
    readdirSync(join(FIXTURES, kind)).map((one) => `${kind}/${one}`),
  );
  const found = await Promise.all(names.map((name) => scanInThread(join(FIXTURES, name), name)));
  for (const [i, name] of names.entries()) expect(found[i], name).toEqual(await scanFile(join(FIXTURES, name), name));
});

test("the work is not the caller's", async () => {
  const path = join(folder, "dense.pkl");
  // Null, pop, null, pop: an opcode in every byte.
  writeFileSync(path, Buffer.concat([Buffer.from([0x80, 4]), Buffer.alloc(8 * MEBIBYTE, "N0"), Buffer.from("N.")]));
  const [own, all] = [process.threadCpuUsage(), process.cpuUsage()];
  expect(await scanInThread(path, "dense.pkl")).toMatchObject({ verdict: "clean", kind: "pickle" });
  expect(process.threadCpuUsage(own).user).toBeLessThan(process.cpuUsage(all).user / 2);
});

test("what reading the file throws is the caller's", async () => {
  await expect(scanInThread(join(folder, "nowhere"), "nowhere")).rejects.toMatchObject({ code: "ENOENT" });
});

test("a thread that runs out of memory ends alone, and tells who waits", async () => {
  const path = join(folder, "names.pkl");
  const name = (i: number) =>
    Buffer.concat([Buffer.from([0x8c, 200]), Buffer.alloc(200, `${i}-`), Buffer.from([0x94, 0x30])]);
  writeFileSync(path, Buffer.concat([Buffer.from([0x80, 4]), ...Array.from({ length: 90_000 }, (_, i) => name(i))]));
  const small = new ScanningThread(12);
  await expect(small.scan(path, "names.pkl")).rejects.toMatchObject({ code: "unavailable" });
  expect(small.hasEnded).toBe(true);
  expect(await scanInThread(path, "names.pkl")).toBeNull();
});
