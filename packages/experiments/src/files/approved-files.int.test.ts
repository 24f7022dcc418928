import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId, type Scope } from "@ballast/core";
import {
  approvals,
  artifactEntries,
  experiments,
  loggedModels,
  modelVersions,
  registeredModels,
  runs,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ArtifactDeps, deleteArtifacts, putArtifact } from "./artifact-tree.ts";
import { appendUpload, completeUpload, createUpload } from "./uploads.ts";

let t: TestDatabase;
let folder: string;
let deps: ArtifactDeps;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-approved-"));
  deps = { db: t.db, artifacts: new ArtifactStore(folder) };
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A run and a logged model with files, and a version of one of them with a request in a state. */
async function approved(pointer: { source: (runId: string) => string; logged?: boolean; digest?: string }) {
  const scope = await t.newScope();
  const mine = { teamId: scope.teamId, projectId: scope.projectId };
  const logged = `m-${newId("run")
    .slice(-16)
    .padStart(32, "0")
    .replace(/[^0-9a-f]/g, "0")}`;
  const [runId, experimentId, modelId, versionId] = [
    ...[newId("run"), newId("experiment"), newId("registeredModel"), newId("modelVersion")],
  ] as [string, string, string, string];
  await withTenant(t.db, scope.teamId, async (tx) => {
    await tx.insert(experiments).values({ ...mine, id: experimentId, name: "e" });
    const run = { name: "r", state: "running" as const, params: {}, tags: {}, inputs: [], outputs: [] };
    await tx.insert(runs).values({ ...mine, id: runId, experimentId, ...run, codeVersion: "", createdBy: "t" });
    await tx
      .insert(loggedModels)
      .values({ ...mine, id: logged, experimentId, name: "m", state: "ready", createdBy: "t" });
  });
  for (const path of ["net/model/MLmodel", "net/model/weights", "net/model.txt"]) await put(scope, runId, path);
  await put(scope, logged, "MLmodel");
  const lineage = {
    ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
    ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
  };
  await withTenant(t.db, scope.teamId, async (tx) => {
    await tx.insert(registeredModels).values({ ...mine, id: modelId, name: "fraud" });
    await tx.insert(modelVersions).values({
      ...{ ...mine, id: versionId, modelId, version: 1, lineage, metrics: {}, cause: "manual", createdBy: "t" },
      ...{ source: pointer.source(runId), loggedModelId: pointer.logged ? logged : null },
      digest: pointer.digest ?? null,
    });
    await tx.insert(approvals).values({
      ...{ ...mine, id: newId("approval"), modelId, versionId, alias: "prod", state: "pending", needed: 1 },
      ...{ requestedBy: "t", requestedById: "t" },
    });
  });
  const state = (to: "approved" | "rejected") =>
    withTenant(t.db, scope.teamId, (tx) => tx.update(approvals).set({ state: to }));
  return { scope, runId, logged, versionId, state };
}
const put = (scope: Scope, ownerId: string, path: string) =>
  putArtifact(deps, scope, { ownerId, path, source: Buffer.from(path + Math.random()) });
const remove = (scope: Scope, ownerId: string, path: string) =>
  withTenant(t.db, scope.teamId, (tx) => deleteArtifacts(tx, scope, ownerId, path));
const held = { code: "conflict", message: expect.stringContaining("fraud version 1"), details: { field: "path" } };

test.each([
  ["runs:/", (run: string) => `runs:/${run}/net/model`, undefined],
  ["mlflow-artifacts:/", (run: string) => `mlflow-artifacts:/0/${run}/artifacts/net/model`, undefined],
  ["runs:/ with an ONNX file beside it", (run: string) => `runs:/${run}/net/model`, "a".repeat(64)],
] as const)(
  "files that %s names stay as they are while they wait for approval and after it",
  async (_, source, digest) => {
    const { scope, runId, state } = await approved({ source, ...(digest ? { digest } : {}) });
    for (const before of [null, "approved"] as const) {
      if (before) await state(before);
      for (const path of ["net/model/MLmodel", "net/model/added", "net/model/a/b"])
        await expect(put(scope, runId, path)).rejects.toMatchObject(held);
      await expect(
        createUpload(deps, scope, { ownerId: runId, path: "net/model/x", kind: "resumable" }),
      ).rejects.toMatchObject(held);
      for (const path of ["net/model/weights", "net/model", "net"])
        await expect(remove(scope, runId, path)).rejects.toMatchObject(held);
    }
    await put(scope, runId, "net/model.txt");
    await put(scope, runId, "net/model2/MLmodel");
    await remove(scope, runId, "net/model.txt");
    await state("rejected");
    await put(scope, runId, "net/model/MLmodel");
    expect(await remove(scope, runId, "net")).toBe(3);
  },
);

test("an upload begun before the approval was asked for does not end after it", async () => {
  const { scope, runId, state } = await approved({ source: (run) => `runs:/${run}/net/model` });
  await state("rejected");
  const upload = await createUpload(deps, scope, { ownerId: runId, path: "net/model/MLmodel", kind: "resumable" });
  const bytes = (async function* () {
    yield Buffer.from("other");
  })();
  await appendUpload(deps, scope, { uploadId: upload.id, offset: 0, source: bytes, maxBytes: 100 });
  await state("approved");
  await expect(completeUpload(deps, scope, { uploadId: upload.id })).rejects.toMatchObject(held);
  const files = await withTenant(t.db, scope.teamId, (tx) =>
    tx.select().from(artifactEntries).where(eq(artifactEntries.ownerId, runId)),
  );
  expect(files).toHaveLength(3);
});

test("all files of a logged model are held, also while the version is in the trash: it may come back approved", async () => {
  const { scope, runId, logged, versionId } = await approved({ source: () => "models:/fraud/1", logged: true });
  await expect(put(scope, logged, "MLmodel")).rejects.toMatchObject(held);
  await expect(remove(scope, logged, "MLmodel")).rejects.toMatchObject(held);
  await put(scope, runId, "net/model/MLmodel");
  await withTenant(t.db, scope.teamId, (tx) =>
    tx.update(modelVersions).set({ deletedAt: new Date() }).where(eq(modelVersions.id, versionId)),
  );
  await expect(put(scope, logged, "MLmodel")).rejects.toMatchObject(held);
  await withTenant(t.db, scope.teamId, (tx) => tx.delete(modelVersions).where(eq(modelVersions.id, versionId)));
  await put(scope, logged, "MLmodel");
});
