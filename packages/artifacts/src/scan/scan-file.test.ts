import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { classifyGlobal } from "./pickle-globals.ts";
import { PickleScanner } from "./pickle-scanner.ts";
import { scanFile } from "./scan-file.ts";

// Made by fixtures/make.py and make_doors.py with CPython 3.11, scikit-learn, joblib, cloudpickle and onnx.
const FIXTURES = join(import.meta.dirname, "fixtures");
const files = (folder: string) => readdirSync(join(FIXTURES, folder)).map((name): [string] => [join(folder, name)]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-scan-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(files("clean"))("%s is let in", async (name) => {
  const found = await scanFile(join(FIXTURES, name), name);
  expect(found?.verdict ?? "clean", found?.findings.join("\n")).toBe("clean");
});

test.each(files("refused"))("%s is refused, with a reason", async (name) => {
  const found = await scanFile(join(FIXTURES, name), name);
  expect(found).toMatchObject({ verdict: "refused", findings: expect.arrayContaining([expect.any(String)]) });
});

test("the reason names what was found, and where in an archive", async () => {
  const found = async (name: string) => (await scanFile(join(FIXTURES, name), name))?.findings.join("; ");
  expect(await found("refused/system-4.pkl")).toContain("posix.system");
  expect(await found("refused/model.pt")).toMatch(/^model\/data\.pkl: names posix\.system/);
  expect(await found("refused/above.onnx")).toContain('"../../etc/passwd"');
  expect(await found("clean/by-value.pkl")).toContain("carries Python code by value");
});

test("an archive is refused for the very reason that readers would differ on it", async () => {
  const found = async (name: string) => (await scanFile(join(FIXTURES, "refused", name), name))?.findings.join("; ");
  expect(await found("count-none.zip")).toContain("data.pkl: names os.system");
  expect(await found("count-fewer.zip")).toContain("data.pkl: names os.system");
  expect(await found("offset-decoy.zip")).toContain("something stands before the archive");
  expect(await found("prefixed.zip")).toContain("something stands before the archive");
  expect(await found("prefixed-moved.zip")).toContain("data.pkl: names os.system");
  expect(await found("zip64-offset.zip")).toContain("its directory is not where it says");
  expect(await found("zip64-record.zip")).toContain("its record of a large archive is not where it says");
  expect(await found("overlapping.zip")).toContain("lie over one another");
  expect(await found("count-harmless.zip")).toContain("it says that it has 2 files, and has 1");
  expect(await found("after-group.onnx")).toContain("protobuf group");
});

test.each(["roomy.zip", "roomy.pkl.gz"])("%s is refused where it unpacks to more than its budget", async (name) => {
  const path = join(FIXTURES, "clean", name);
  expect(await scanFile(path, name, 2_000_000)).toMatchObject({ verdict: "clean", findings: [] });
  expect(await scanFile(path, name, 500_000)).toMatchObject({
    verdict: "refused",
    findings: ["unpacks to far more than its size"],
  });
});

test("a header of an npy file is read in one pass, and its objects are looked into", async () => {
  const path = join(folder, "header.npy");
  const npy = (header: string, ...data: Buffer[]) => {
    const head = Buffer.from("\u0093NUMPY\u0002\u0000\u0000\u0000\u0000\u0000", "latin1");
    head.writeUInt32LE(header.length, 8);
    writeFileSync(path, Buffer.concat([head, Buffer.from(header, "latin1"), ...data]));
    return scanFile(path, "header.npy");
  };
  const many = "'descr':".repeat(131_000);
  expect(await npy(many)).toBeNull();
  const pickle = readFileSync(join(FIXTURES, "refused/system-4.pkl"));
  expect(await npy(`${many}'|O'`, pickle)).toMatchObject({ verdict: "refused", kind: "npy" });
});

test("what is not looked into says so", async () => {
  expect(await scanFile(join(FIXTURES, "clean/unread.pkl.bz2"), "unread.pkl.bz2")).toEqual({
    verdict: "clean",
    kind: "compressed, not looked into",
    findings: ["is compressed in a way that is not looked into"],
  });
  const inside = await scanFile(join(FIXTURES, "clean/unread.zip"), "unread.zip");
  expect(inside?.findings).toEqual(["data.pkl.xz: is compressed in a way that is not looked into"]);
});

test("names are judged one by one: none of a module's imports, and no method", () => {
  for (const [module, name] of [
    ["typing", "sys"],
    ["datetime", "_time"],
    ["collections.abc", "FunctionType"],
    ["decimal", "Decimal.from_float"],
    ["pandas.core.frame", "DataFrame.query"],
    ["formulaic", "model_matrix"],
    ["numpy", "ndarray.tofile"],
  ] as const)
    expect(classifyGlobal(module, name), `${module}.${name}`).toBe("refused");
  for (const [module, name] of [
    ["typing", "Callable"],
    ["math", "sqrt"],
    ["zoneinfo", "ZoneInfo._unpickle"],
    ["pandas._libs.tslibs.timestamps", "_unpickle_timestamp"],
    ["formulaic.parser.types.factor", "Factor.EvalMethod"],
  ] as const)
    expect(classifyGlobal(module, name), `${module}.${name}`).toBe("safe");
  expect(classifyGlobal("constructor", "name")).toBe("unknown");
});

test("it makes no difference where a stream is cut into chunks", async () => {
  for (const name of [
    "clean/arrays.joblib",
    "refused/after-arrays.joblib",
    "refused/system-0.pkl",
    "clean/pipeline-5.pkl",
  ]) {
    const bytes = readFileSync(join(FIXTURES, name));
    const reports = [1, 7, 4096, bytes.length].map((size) => {
      const scanner = new PickleScanner();
      for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
      return scanner.end();
    });
    expect(new Set(reports.map((report) => JSON.stringify(report))).size, name).toBe(1);
    expect(reports[0]?.isPickle).toBe(true);
    expect(reports[0]?.findings.length === 0).toBe(name.startsWith("clean"));
  }
});

test("no file makes it fail: every fixture, cut and with flipped bytes", async () => {
  const path = join(folder, "spoiled");
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed % below;
  };
  for (const [name] of [...files("clean"), ...files("refused")]) {
    const bytes = readFileSync(join(FIXTURES, name));
    for (let i = 0; i < 8; i++) {
      const spoiled = Buffer.from(i % 2 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
      for (let j = 0; j < 3 && spoiled.length > 0; j++) spoiled[random(spoiled.length)] = random(256);
      writeFileSync(path, spoiled);
      const found = await scanFile(path, name);
      expect(found === null || ["clean", "refused"].includes(found.verdict)).toBe(true);
    }
  }
});

test("a pickle of half a million names takes no longer for each than one of ten thousand", () => {
  const scan = (names: number): number => {
    const scanner = new PickleScanner();
    const started = performance.now();
    scanner.push(Buffer.from([0x80, 4, 0x7d]));
    for (let i = 0; i < names; i += 1_000) {
      const items = Array.from({ length: 1_000 }, (_, j) => {
        const name = Buffer.from(`word${i + j}`);
        return Buffer.concat([Buffer.from([0x8c, name.length]), name, Buffer.from([0x94, 0x4b, 1])]);
      });
      scanner.push(Buffer.concat([Buffer.from("("), ...items, Buffer.from("u")]));
    }
    scanner.push(Buffer.from("."));
    expect(scanner.end()).toEqual({ isPickle: true, findings: [], notes: [] });
    return (performance.now() - started) / names;
  };
  scan(10_000);
  expect(scan(500_000)).toBeLessThan(20 * scan(10_000));
});
