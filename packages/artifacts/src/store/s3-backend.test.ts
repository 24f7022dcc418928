import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ArtifactStore } from "../artifact-store.ts";
import { openArtifactStore } from "../open-store.ts";
import { S3Backend, type S3Limits } from "./s3-backend.ts";

const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const MIB = 1024 * 1024;
let server: S3rver;
let endpoint = "";
let folder = "";
let count = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ballast-s3-"));
  server = new S3rver({
    port: 0,
    silent: true,
    directory: join(folder, "server"),
    configureBuckets: [{ name: "models" }],
  });
  const address = (await server.run()) as AddressInfo;
  endpoint = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

let prefix = "";
beforeEach(() => {
  prefix = `test-${++count}`;
});

/** A store as another process would open it: the same bucket, a cache of its own. */
function open(limits: Partial<S3Limits> = {}, keys = KEYS): { store: ArtifactStore; root: string; backend: S3Backend } {
  const root = mkdtempSync(join(folder, "cache-"));
  const backend = new S3Backend(root, { bucket: "models", prefix, endpoint, region: "us-east-1", ...keys }, limits);
  return { store: new ArtifactStore(root, backend), root, backend };
}
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("what one process puts another reads, whole, in part, and as a local file", async () => {
  const bytes = randomBytes(3 * MIB);
  const put = await open().store.put(bytes);
  expect(put).toEqual({ digest: sha256(bytes), size: bytes.length });
  const { store } = open();
  expect(await store.stat(put.digest)).toMatchObject({ size: bytes.length });
  expect(sha256(await store.get(put.digest))).toBe(put.digest);
  const part = await open().store.open(put.digest, { start: 1_000_000, end: 1_000_009 });
  expect(await collect(part.stream)).toEqual(bytes.subarray(1_000_000, 1_000_010));
  expect(sha256(readFileSync(await open().store.localFile(put.digest)))).toBe(put.digest);
  expect((await open().store.put(Buffer.alloc(0))).size).toBe(0);
});

test("a large file goes up in parts and comes down without a copy, verified", async () => {
  const bytes = randomBytes(12 * MIB + 5);
  const limits = { partBytes: 5 * MIB, wholeBytes: MIB };
  const { digest } = await open(limits).store.put(bytes);
  const { store, root } = open(limits);
  const whole = await store.open(digest);
  expect(sha256(await collect(whole.stream))).toBe(digest);
  const part = await store.open(digest, { start: 11 * MIB, end: 11 * MIB + 99 });
  expect(await collect(part.stream)).toEqual(bytes.subarray(11 * MIB, 11 * MIB + 100));
  expect(readdirSync(join(root, "cache"))).toEqual([]);
});

test("what is not there is null or not_found, and wrong keys are no empty store", async () => {
  const { store } = open();
  expect(await store.stat("0".repeat(64))).toBeNull();
  await expect(store.get("0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
  // It knows keys by their id, and does not verify signatures.
  const wrong = open({}, { ...KEYS, accessKeyId: "nobody" });
  await expect(wrong.store.put(Buffer.from("x"))).rejects.toMatchObject({ code: "unavailable" });
  await expect(wrong.store.get("0".repeat(64))).rejects.toMatchObject({ code: "unavailable" });
});

test("a server that is away is said, and nothing is left behind", async () => {
  const root = mkdtempSync(join(folder, "cache-"));
  const away = { bucket: "models", prefix, endpoint: "http://127.0.0.1:9", region: "us-east-1", ...KEYS };
  const store = new ArtifactStore(root, new S3Backend(root, away));
  await expect(store.put(Buffer.from("x"))).rejects.toMatchObject({ code: "unavailable" });
  expect(readdirSync(join(root, "incoming"))).toEqual([]);
});

test("a damaged copy is fetched again; damaged bytes in the bucket are refused", async () => {
  const { store } = open();
  const { digest } = await store.put(Buffer.from("model"));
  writeFileSync(store.path(digest), "mode1");
  expect((await store.get(digest)).toString()).toBe("model");
  const elsewhere = open();
  const other = await elsewhere.store.put(Buffer.from("other"));
  // The server would check it by its hash: write behind its back, with the hash left out.
  const object = readdirSync(join(folder, "server", "models", prefix, "objects", other.digest.slice(0, 2)));
  const stored = object.find((name) => name.startsWith(other.digest) && name.includes("object"));
  writeFileSync(join(folder, "server", "models", prefix, "objects", other.digest.slice(0, 2), stored ?? ""), "othe1");
  await expect(open().store.get(other.digest)).rejects.toMatchObject({ code: "unprocessable" });
});

test("everything is listed, page by page, and removed", async () => {
  const { store, backend } = open();
  const digests: string[] = [];
  for (let i = 0; i < 5; i++) digests.push((await store.put(Buffer.from(`file ${i}`))).digest);
  const listed: string[] = [];
  for await (const file of backend.list()) {
    listed.push(file.digest);
    expect(Math.abs(file.storedAt - Date.now())).toBeLessThan(60_000);
  }
  expect(listed.sort()).toEqual(digests.sort());
  await backend.remove(digests[0] as string);
  await backend.remove(digests[0] as string);
  expect(await store.has(digests[0] as string)).toBe(false);
});

test("pieces of an upload lie in the bucket: any process can take the next one", async () => {
  async function* piece(text: string) {
    yield Buffer.from(text);
  }
  const put = { maxBytes: 100, keepCut: false };
  await open().store.putPart(piece("world"), "upl_1", 2, put);
  await open().store.putPart(piece("hello "), "upl_1", 1, put);
  const { backend } = open();
  expect(await backend.parts("upl_1")).toEqual([
    { part: 1, size: 6 },
    { part: 2, size: 5 },
  ]);
  expect((await collect(backend.readPart("upl_1", 1))).toString()).toBe("hello ");
  expect(await backend.staleUploads(Date.now() - 60_000)).toEqual([]);
  expect(await backend.staleUploads(Date.now() + 60_000)).toEqual(["upl_1"]);
  await backend.removeParts("upl_1");
  expect(await backend.parts("upl_1")).toEqual([]);
});

test("local copies beyond the limit go, those used longest ago first", async () => {
  const { store, backend } = open({ cacheBytes: 1_000 });
  const [old, newer, used] = await Promise.all([1, 2, 3].map((i) => store.put(Buffer.alloc(600, i))));
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  utimesSync(store.path(old?.digest ?? ""), ago(5), ago(5));
  utimesSync(store.path(newer?.digest ?? ""), ago(4), ago(4));
  await backend.trimCache();
  const copies = readdirSync(join(store.root, "cache"), { recursive: true }).filter((name) => String(name).length > 60);
  expect(copies.map((name) => String(name).slice(6))).toEqual([used?.digest]);
  expect((await store.get(old?.digest ?? "")).length).toBe(600);
});

test("the environment names the place, and what is missing is named", () => {
  const root = mkdtempSync(join(folder, "env-"));
  const keys = { BALLAST_S3_ACCESS_KEY_ID: "a", BALLAST_S3_SECRET_ACCESS_KEY: "b" };
  expect(openArtifactStore({}, root).backend.name).toBe(`directory ${root}`);
  expect(openArtifactStore({ BALLAST_ARTIFACTS: "s3://models/x/y/", ...keys }, root).backend.name).toBe(
    "s3://models/x/y",
  );
  expect(openArtifactStore({ BALLAST_ARTIFACTS: "s3://models", ...keys }, root).backend.name).toBe("s3://models");
  expect(() => openArtifactStore({ BALLAST_ARTIFACTS: "s3://models" }, root)).toThrow(/BALLAST_S3_ACCESS_KEY_ID/);
  expect(() => openArtifactStore({ BALLAST_ARTIFACTS: "/data" }, root)).toThrow(/BALLAST_ARTIFACTS/);
});
