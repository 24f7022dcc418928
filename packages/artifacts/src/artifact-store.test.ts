import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ArtifactStore } from "./artifact-store.ts";

let root: string;
let store: ArtifactStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ballast-artifacts-"));
  store = new ArtifactStore(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* chunks(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("bytes and streams of the same content are one artifact", async () => {
  const one = await store.put(Buffer.from("hello world"));
  const two = await store.put(chunks("hello", " ", "world"));
  expect(one).toEqual({ digest: sha256("hello world"), size: 11 });
  expect(two).toEqual(one);
  expect((await store.get(one.digest)).toString()).toBe("hello world");
  expect(await store.has(one.digest)).toBe(true);
});

test("a damaged file is refused when read, and heals when its bytes are put again", async () => {
  const { digest } = await store.put(Buffer.from("model"));
  writeFileSync(store.path(digest), "mode1");
  await expect(store.get(digest)).rejects.toMatchObject({
    code: "unprocessable",
    details: { digest, actual: sha256("mode1") },
  });
  await store.put(Buffer.from("model"));
  expect((await store.get(digest)).toString()).toBe("model");
});

test("what is too large for memory is refused by its size; it can still be streamed", async () => {
  const digest = "5".repeat(64);
  const path = store.path(digest);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  // Sparse: takes no room on the disk.
  truncateSync(path, 2 ** 31);
  await expect(store.get(digest)).rejects.toMatchObject({ code: "payload_too_large" });
  expect((await store.open(digest)).size).toBe(2 ** 31);
});

test("a refused or broken upload leaves nothing behind", async () => {
  await expect(store.put(chunks("12345", "67890"), { maxBytes: 9 })).rejects.toMatchObject({
    code: "payload_too_large",
  });
  await expect(store.put(chunks("abc"), { expectedDigest: sha256("abd") })).rejects.toMatchObject({
    code: "unprocessable",
  });
  async function* broken() {
    yield Buffer.from("half");
    throw new Error("connection reset");
  }
  await expect(store.put(broken())).rejects.toMatchObject({ code: "internal" });
  expect(readdirSync(join(root, "incoming"))).toEqual([]);
  expect(await store.has(sha256("abc"))).toBe(false);
});

test("what is missing or no digest is told apart, and nothing reaches outside the root", async () => {
  await expect(store.get(sha256("never"))).rejects.toMatchObject({ code: "not_found" });
  expect(() => store.path("../../etc/passwd")).toThrowError(expect.objectContaining({ code: "invalid_input" }));
});
