import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId, type Scope } from "@ballast/core";
import { artifactObjects, auditEvents, experiments, loggedModels, runs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ArtifactDeps,
  deleteArtifacts,
  listArtifacts,
  listArtifactTree,
  openArtifact,
  putArtifact,
} from "./artifact-tree.ts";

let t: TestDatabase;
let folder: string;
let deps: ArtifactDeps;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-tree-"));
  deps = { db: t.db, artifacts: new ArtifactStore(folder) };
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

async function newRun(scope: Scope): Promise<string> {
  const { teamId, projectId } = scope;
  const [id, experimentId] = [newId("run"), newId("experiment")];
  await withTenant(t.db, teamId, async (tx) => {
    await tx.insert(experiments).values({ teamId, projectId, id: experimentId, name: `e ${id}` });
    const run = { name: "r", state: "running" as const, params: {}, tags: {}, inputs: [], outputs: [] };
    await tx.insert(runs).values({ teamId, projectId, id, experimentId, ...run, codeVersion: "", createdBy: "t" });
  });
  return id;
}
const put = (scope: Scope, ownerId: string, path: string, text: string) =>
  putArtifact(deps, scope, { ownerId, path, source: Buffer.from(text) });
const list = (scope: Scope, ownerId: string, path = "") =>
  withTenant(t.db, scope.teamId, (tx) => listArtifacts(tx, scope, ownerId, path));
const remove = (scope: Scope, ownerId: string, path: string) =>
  withTenant(t.db, scope.teamId, (tx) => deleteArtifacts(tx, scope, ownerId, path));
async function read(scope: Scope, ownerId: string, path: string, range?: { start: number; end?: number }) {
  const { stream } = await openArtifact(deps, scope, ownerId, path, range ?? null);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const objects = (scope: Scope, digest: string) =>
  withTenant(t.db, scope.teamId, (tx) =>
    tx
      .select()
      .from(artifactObjects)
      .where(and(eq(artifactObjects.teamId, scope.teamId), eq(artifactObjects.digest, digest))),
  );

test("files are put, listed folder by folder, read, replaced and deleted", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  await put(scope, run, "model/MLmodel", "flavors");
  await put(scope, run, "model/data/weights.bin", "0123456789");
  await put(scope, run, "notes.txt", "first");
  await put(scope, run, "notes.txt", "second");
  expect(await list(scope, run)).toEqual([
    { path: "model", name: "model", isFolder: true, sizeBytes: null },
    { path: "notes.txt", name: "notes.txt", isFolder: false, sizeBytes: 6 },
  ]);
  expect((await list(scope, run, "model")).map((line) => [line.path, line.isFolder, line.sizeBytes])).toEqual([
    ["model/MLmodel", false, 7],
    ["model/data", true, null],
  ]);
  expect(await list(scope, run, "notes.txt")).toEqual([]);
  expect(await read(scope, run, "notes.txt")).toBe("second");
  expect(await read(scope, run, "model/data/weights.bin", { start: 3, end: 5 })).toBe("345");
  const tree = await withTenant(t.db, scope.teamId, (tx) => listArtifactTree(tx, scope, run, "model"));
  expect(tree.map((entry) => entry.path)).toEqual(["model/MLmodel", "model/data/weights.bin"]);
  expect(await remove(scope, run, "model")).toBe(2);
  await expect(remove(scope, run, "model")).rejects.toMatchObject({ code: "not_found" });
  await expect(remove(scope, run, "")).rejects.toMatchObject({ code: "invalid_input" });
  expect((await list(scope, run)).map((line) => line.name)).toEqual(["notes.txt"]);
  const told = await withTenant(t.db, scope.teamId, (tx) =>
    tx.select().from(auditEvents).where(eq(auditEvents.subject, run)),
  );
  expect(told.map((event) => event.action).sort()).toEqual([
    "artifact.delete",
    ...Array.from({ length: 4 }, () => "artifact.put"),
  ]);
});

test("a name is a file or a folder, also when two uploads meet", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  await put(scope, run, "a/b", "x");
  await expect(put(scope, run, "a", "x")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(put(scope, run, "a/b/c", "x")).rejects.toMatchObject({ code: "invalid_input" });
  const race = await Promise.allSettled([
    put(scope, run, "n", "x"),
    put(scope, run, "n/m", "y"),
    put(scope, run, "n/m/o", "z"),
  ]);
  expect(race.filter((one) => one.status === "fulfilled")).toHaveLength(1);
});

test("a folder of thousands is listed by its first names, whatever letters they have", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  for (const name of ["é/1", "é/2", "𝒳/1", "100%/x", "a_b/x", "aXb/x"]) await put(scope, run, name, name);
  expect((await list(scope, run, "é")).map((line) => line.name)).toEqual(["1", "2"]);
  expect((await list(scope, run, "𝒳")).map((line) => line.name)).toEqual(["1"]);
  expect((await list(scope, run, "a_b")).map((line) => line.path)).toEqual(["a_b/x"]);
});

test("a harmful pickle is refused, named, told, and leaves nothing", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  const pickle = Buffer.from("cos\nsystem\n(S'true'\ntR.");
  const before = readdirSync(folder).sort();
  await expect(putArtifact(deps, scope, { ownerId: run, path: "model.bin", source: pickle })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("os.system"),
    details: { kind: "pickle", findings: [expect.stringContaining("os.system")] },
  });
  expect(await list(scope, run)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
  const [told] = await withTenant(t.db, scope.teamId, (tx) =>
    tx.select().from(auditEvents).where(eq(auditEvents.action, "artifact.refuse")),
  );
  expect(told).toMatchObject({ subject: run, detail: { path: "model.bin" } });
});

test("what the scan saw is kept with the team's content", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  const fixture = join(import.meta.dirname, "../../../artifacts/src/scan/fixtures/clean/by-value.pkl");
  const source = readFileSync(fixture);
  const { digest } = await putArtifact(deps, scope, { ownerId: run, path: "python_model.pkl", source });
  const [object] = await objects(scope, digest);
  expect(object?.scan).toMatchObject({ verdict: "clean", kind: "pickle" });
  expect(object?.scan?.findings.join()).toContain("by value");
  const plain = await put(scope, run, "a.txt", "text");
  expect((await objects(scope, plain.digest))[0]?.scan).toBeNull();
});

test("half-sent and too large uploads leave nothing", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  async function* broken() {
    yield Buffer.from("half");
    throw new Error("connection reset");
  }
  await expect(putArtifact(deps, scope, { ownerId: run, path: "x", source: broken() })).rejects.toThrow();
  const large = { ownerId: run, path: "x", source: Buffer.alloc(11), maxBytes: 10 };
  await expect(putArtifact(deps, scope, large)).rejects.toMatchObject({ code: "payload_too_large" });
  const short = { ownerId: run, path: "x", source: Buffer.alloc(9), expectedBytes: 10 };
  await expect(putArtifact(deps, scope, short)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await list(scope, run)).toEqual([]);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});

test("other projects' runs do not exist, and what is in the trash is not written to", async () => {
  const [mine, theirs] = [await t.newScope(), await t.newScope()];
  const run = await newRun(theirs);
  await put(theirs, run, "x", "secret");
  await expect(put(mine, run, "y", "x")).rejects.toMatchObject({ code: "not_found" });
  await expect(list(mine, run)).rejects.toMatchObject({ code: "not_found" });
  await expect(read(mine, run, "x")).rejects.toMatchObject({ code: "not_found" });
  await expect(remove(mine, run, "x")).rejects.toMatchObject({ code: "not_found" });
  const sibling = { ...theirs, projectId: newId("project") };
  await expect(list(sibling, run)).rejects.toMatchObject({ code: "not_found" });
  await withTenant(t.db, theirs.teamId, (tx) => tx.update(runs).set({ deletedAt: new Date() }).where(eq(runs.id, run)));
  await expect(put(theirs, run, "y", "x")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(remove(theirs, run, "x")).rejects.toMatchObject({ code: "invalid_input" });
  expect(await read(theirs, run, "x")).toBe("secret");
});

test("a logged model has files of its own", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  const id = `m-${"0a".repeat(16)}`;
  await withTenant(t.db, scope.teamId, async (tx) => {
    const [row] = await tx.select().from(runs).where(eq(runs.id, run));
    await tx.insert(loggedModels).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id, experimentId: row?.experimentId ?? "" },
      ...{ name: "m", state: "pending", createdBy: "t" },
    });
  });
  await put(scope, id, "MLmodel", "x");
  expect((await list(scope, id)).map((line) => line.name)).toEqual(["MLmodel"]);
  expect(await list(scope, run)).toEqual([]);
});

test("a damaged file breaks the stream before its end, and a range of it is not given out", async () => {
  const scope = await t.newScope();
  const run = await newRun(scope);
  const source = Buffer.alloc(6 * 1024 * 1024, 1);
  const { digest } = await putArtifact(deps, scope, { ownerId: run, path: "big", source });
  expect((await read(scope, run, "big", { start: 5_000_000, end: 5_000_009 })).length).toBe(10);
  const { open } = await import("node:fs/promises");
  const file = await open(deps.artifacts.path(digest), "r+");
  await file.write(Buffer.from([2]), 0, 1, 5_500_000);
  await file.close();
  let got = 0;
  const whole = await openArtifact(deps, scope, run, "big");
  await expect(
    (async () => {
      for await (const chunk of whole.stream) got += chunk.byteLength;
    })(),
  ).rejects.toMatchObject({ code: "unprocessable" });
  expect(got).toBeLessThan(source.length);
  await expect(read(scope, run, "big", { start: 5_499_990, end: 5_500_010 })).rejects.toMatchObject({
    code: "unprocessable",
  });
  expect((await read(scope, run, "big", { start: 0, end: 9 })).length).toBe(10);
});
