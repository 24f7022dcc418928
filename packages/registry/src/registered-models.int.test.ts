import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { claimArtifact } from "@ballast/artifacts/server";
import { newId, type Scope } from "@ballast/core";
import {
  artifactEntries,
  deployments,
  domainEvents,
  experiments,
  featureViews,
  loggedModelMetrics,
  loggedModels,
  metricSeries,
  modelVersions,
  runs,
  servableVersion,
  type Tx,
  trainingPipelines,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getByAlias } from "./aliases.ts";
import { bindServing } from "./bind-serving.ts";
import { inputExample } from "./input-example.ts";
import { loggedSignature } from "./logged-signature.ts";
import {
  getModelVersion,
  restoreModelVersion,
  tagModelVersion,
  transitionStage,
  trashModelVersion,
  untagModelVersion,
} from "./model-versions.ts";
import { type CreateModelVersion, createModelVersion } from "./register-source.ts";
import {
  createRegisteredModel,
  getLatestVersions,
  getRegisteredModel,
  renameRegisteredModel,
  restoreRegisteredModel,
  tagRegisteredModel,
  trashRegisteredModel,
  updateRegisteredModel,
} from "./registered-models.ts";
import { searchModelVersions, searchRegisteredModels } from "./search-models.ts";
import { deleteAlias, setAlias } from "./set-alias.ts";

let t: TestDatabase;
let folder: string;
let artifacts: ArtifactStore;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-models-"));
  artifacts = new ArtifactStore(folder);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const where = ({ teamId, projectId }: Scope) => ({ teamId, projectId });
const create = (scope: Scope, name = "delay") => inTenant(scope, (tx) => createRegisteredModel(tx, scope, { name }));
const version = (scope: Scope, more: Partial<CreateModelVersion> = {}) =>
  createModelVersion({ db: t.db, artifacts }, scope, { name: "delay", source: "s3://bucket/model", ...more });
const eventsOf = (scope: Scope, name: string) =>
  inTenant(scope, (tx) =>
    tx
      .select()
      .from(domainEvents)
      .where(and(eq(domainEvents.projectId, scope.projectId), eq(domainEvents.name, name as never))),
  );

/** A run with metrics and files, and a logged model of it with an ONNX file. */
async function tracked(scope: Scope) {
  const experimentId = newId("experiment");
  const runId = newId("run");
  const modelId = `m-${createHash("md5").update(runId).digest("hex")}`;
  const onnx = await artifacts.put(
    buildTreeEnsembleModel({ task: "binary", featureNames: ["hour"], baseValue: 0, trees: [] }),
  );
  const example = await artifacts.put(Buffer.from('{"columns":["hour"],"data":[[7]]}'));
  const described = await artifacts.put(readFileSync(join(import.meta.dirname, "fixtures", "tensors.MLmodel")));
  await inTenant(scope, async (tx) => {
    for (const file of [onnx, example, described]) await claimArtifact(tx, artifacts, scope.teamId, file);
    await tx.insert(experiments).values({ ...where(scope), id: experimentId, name: experimentId });
    await tx.insert(runs).values({
      ...{
        ...where(scope),
        id: runId,
        experimentId,
        name: "train",
        state: "finished" as const,
        params: { depth: "3" },
      },
      ...{ tags: { "mlflow.source.git.commit": "abc123" }, outputs: [], codeVersion: "", createdBy: "test" },
      inputs: [{ kind: "dataset_version" as const, id: "dsv_1", label: "flights v1" }],
    });
    await tx.insert(metricSeries).values({
      ...{ ...where(scope), runId, key: "val/auc", lastStep: 3, lastAt: 1, last: 0.71, firstStep: 0, received: 4 },
    });
    await tx.insert(loggedModels).values({
      ...{ ...where(scope), id: modelId, experimentId, sourceRunId: runId, name: "model", state: "ready" as const },
      ...{ params: { depth: "3" }, createdBy: "test" },
    });
    await tx.insert(loggedModelMetrics).values([
      { ...where(scope), modelId, runId, key: "auc", step: 0, at: 1, value: 0.72 },
      { ...where(scope), modelId, runId, key: "loss", step: 0, at: 1, value: Number.NaN },
    ]);
    const file = (ownerId: string, path: string, { digest, size }: { digest: string; size: number }) => ({
      ...{ ...where(scope), ownerId, path, digest, sizeBytes: size },
    });
    await tx
      .insert(artifactEntries)
      .values([
        file(modelId, "model.onnx", onnx),
        file(modelId, "input_example.json", example),
        file(modelId, "MLmodel", described),
        file(runId, "net/model.onnx", onnx),
      ]);
  });
  return { runId, modelId, experimentId, onnx };
}

test("a name is taken once; the trash frees it, and undo asks for another when it was used again", async () => {
  const scope = await t.newScope();
  const { model } = await create(scope);
  await expect(create(scope)).rejects.toMatchObject({
    code: "conflict",
    publicMessage: "Registered Model (name=delay) already exists.",
  });
  await expect(create(scope, "a/b")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(create(scope, " ")).rejects.toMatchObject({ code: "invalid_input" });
  await inTenant(scope, (tx) => trashRegisteredModel(tx, scope, { name: "delay" }));
  await expect(inTenant(scope, (tx) => getRegisteredModel(tx, scope, { name: "delay" }))).rejects.toMatchObject({
    code: "not_found",
    publicMessage: "Registered Model with name=delay not found",
  });
  const again = await create(scope);
  expect(again.model.id).not.toBe(model.id);
  const restore = (name?: string) => inTenant(scope, (tx) => restoreRegisteredModel(tx, scope, { id: model.id, name }));
  await expect(restore()).rejects.toMatchObject({ code: "conflict" });
  expect((await restore("delay-old")).model.name).toBe("delay-old");
  await expect(restore("x")).rejects.toMatchObject({ code: "not_found" });
  expect((await eventsOf(scope, "registered_model.created")).map((event) => event.data.model)).toEqual([
    "delay",
    "delay",
  ]);
});

test("renaming clashes, and waits for the pipeline that registers under the old name", async () => {
  const scope = await t.newScope();
  await create(scope);
  await create(scope, "other");
  const rename = (newName: string) =>
    inTenant(scope, (tx) => renameRegisteredModel(tx, scope, { name: "delay", newName }));
  await expect(rename("other")).rejects.toMatchObject({ code: "conflict" });
  expect((await rename("late")).model.name).toBe("late");
  await inTenant(scope, (tx) =>
    tx.insert(trainingPipelines).values({
      ...{ ...where(scope), id: newId("pipeline"), name: "nightly", createdBy: "test" },
      spec: { modelName: "late" } as never,
    }),
  );
  const back = inTenant(scope, (tx) => renameRegisteredModel(tx, scope, { name: "late", newName: "delay" }));
  await expect(back).rejects.toMatchObject({
    code: "precondition_failed",
    message: expect.stringContaining("nightly"),
  });
  await inTenant(scope, async (tx) => {
    await updateRegisteredModel(tx, scope, { name: "late", description: "says who is late" });
    await tagRegisteredModel(tx, scope, { name: "late", key: "team", value: "ops" });
  });
  const { model } = await inTenant(scope, (tx) => getRegisteredModel(tx, scope, { name: "late" }));
  expect(model).toMatchObject({ description: "says who is late", tags: { team: "ops" } });
});

test("from a logged model: number, run, metrics and ONNX signature come with it, and binding makes it servable", async () => {
  const scope = await t.newScope();
  const { runId, modelId, onnx } = await tracked(scope);
  await create(scope);
  const made = await version(scope, { source: `models:/${modelId}` });
  expect(made.version).toMatchObject({
    ...{ version: 1, loggedModelId: modelId, digest: onnx.digest, serving: null, metrics: { auc: 0.72 } },
    lineage: { runId, codeVersion: "abc123", datasetVersions: [{ id: "dsv_1", label: "flights v1" }] },
    signature: { inputs: [{ name: "features", datatype: "FP32", shape: [-1, 1] }] },
  });
  expect(() => servableVersion(made.version)).toThrow("bind them to deploy it");
  const signature = () => loggedSignature({ db: t.db, artifacts }, scope, made.version.id);
  expect(await signature()).toMatchObject({ inputs: [{ name: "image", type: "float32", shape: [-1, 28, 28] }] });
  // Sources were not always checked: what reads as none is no error of who looks at the version.
  const keep = (set: { source: string; loggedModelId: string | null }) =>
    inTenant(scope, (tx) => tx.update(modelVersions).set(set).where(eq(modelVersions.id, made.version.id)));
  await keep({ source: "/home/somebody/model", loggedModelId: null });
  expect(await signature()).toBeNull();
  await keep({ source: `models:/${modelId}`, loggedModelId: modelId });
  expect(await inputExample({ db: t.db, artifacts }, scope, made.version.id)).toMatchObject({
    ...{ kind: "file", path: "input_example.json" },
  });
  await inTenant(scope, (tx) =>
    tx.insert(featureViews).values({
      ...{ ...where(scope), id: newId("featureView"), name: "flight", version: 1, createdBy: "test" },
      definition: {
        ...{ kind: "request", name: "flight", description: "" },
        features: [{ name: "hour", expression: { op: "hour_of_day", column: "t" }, unit: null }],
      },
    }),
  );
  const serving = {
    ...{ tensor: "features", output: "probability" },
    features: [{ input: "hour", view: "flight", feature: "hour" }],
  };
  const bind = (features = serving.features) =>
    bindServing({ db: t.db, artifacts }, scope, { versionId: made.version.id, serving: { ...serving, features } });
  await expect(bind([{ input: "hour", view: "no", feature: "hour" }])).rejects.toMatchObject({ code: "unprocessable" });
  expect(servableVersion((await bind()).version).lineage.featureViews).toMatchObject([{ name: "flight", version: 1 }]);
  await expect(bind()).rejects.toMatchObject({ code: "conflict" });
});

test.each([
  ["a run's folder", (x: { runId: string }) => `runs:/${x.runId}/net`, true],
  [
    "a run's artifact address",
    (x: { runId: string; experimentId: string }) => `mlflow-artifacts:/${x.experimentId}/${x.runId}/artifacts/net`,
    true,
  ],
  ["a folder without a model", (x: { runId: string }) => `runs:/${x.runId}/elsewhere`, false],
  ["a stored file", (x: { onnx: { digest: string } }) => x.onnx.digest, true],
  ["somebody else's storage", () => "s3://bucket/model", false],
] as const)("from %s", async (_, source, hasModel) => {
  const scope = await t.newScope();
  const world = await tracked(scope);
  await create(scope);
  const made = await version(scope, { source: source(world), runId: world.runId });
  expect(made.version.digest).toBe(hasModel ? world.onnx.digest : null);
  expect(made.version.metrics).toEqual({ "val/auc": 0.71 });
  if (!hasModel) expect(() => servableVersion(made.version)).toThrow("registered from files without an ONNX model");
  const copy = await version(scope, { source: "models:/delay/1" });
  expect(copy.version).toMatchObject({ version: 2, digest: made.version.digest, metrics: made.version.metrics });
});

test("a copy keeps the place that an alias or a name led to: both may lead elsewhere later", async () => {
  const scope = await t.newScope();
  const { runId, modelId } = await tracked(scope);
  await create(scope);
  const point = (to: number) =>
    inTenant(scope, (tx) => setAlias(tx, scope, { version: { name: "delay", version: to }, alias: "best" }));
  const sources = [`runs:/${runId}/plain`, `models:/${modelId}`];
  for (const source of sources) await version(scope, { source });
  await point(1);
  expect((await version(scope, { source: "models:/delay@best" })).version.source).toBe(sources[0]);
  expect((await version(scope, { source: "models:/delay/1" })).version.source).toBe(sources[0]);
  await point(2);
  const logged = (await version(scope, { source: "models:/delay@best" })).version;
  expect(logged).toMatchObject({ source: "models:/delay/2", loggedModelId: modelId });
});

test.each([
  ["runs:/run_nobody/model", "not_found"],
  ["models:/m-ffffffffffffffffffffffffffffffff", "not_found"],
  ["models:/delay/9", "not_found"],
  ["f".repeat(64), "not_found"],
  ["/etc/passwd", "invalid_input"],
  ["file:///etc/passwd", "invalid_input"],
  ["mlflow-artifacts:/0/run/artifacts/%2e%2e/other", "invalid_input"],
  ["runs:/x/../../other", "invalid_input"],
])("a source that is none: %s", async (source, code) => {
  const scope = await t.newScope();
  await create(scope);
  await expect(version(scope, { source })).rejects.toMatchObject({ code });
  const found = await inTenant(scope, (tx) => searchModelVersions(tx, scope, { limit: 10 }));
  expect(found.versions).toEqual([]);
});

test("a stored file that is too large to be read says so", async () => {
  const scope = await t.newScope();
  await create(scope);
  const stored = await artifacts.put(Buffer.from("the beginning of a large file"));
  await inTenant(scope, (tx) => claimArtifact(tx, artifacts, scope.teamId, stored));
  truncateSync(artifacts.path(stored.digest), 2 ** 31);
  await expect(version(scope, { source: stored.digest })).rejects.toMatchObject({ code: "payload_too_large" });
});

test("another project's run, logged model and file are nobody's", async () => {
  const [mine, theirs] = [await t.newScope(), await t.newScope()];
  const world = await tracked(theirs);
  await create(mine);
  for (const source of [`runs:/${world.runId}/net`, `models:/${world.modelId}`, world.onnx.digest]) {
    await expect(version(mine, { source })).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(version(mine, { runId: world.runId })).rejects.toMatchObject({ code: "not_found" });
  await expect(version(mine, { loggedModelId: world.modelId })).rejects.toMatchObject({ code: "not_found" });
});

test("stages: latest of each, archiving the others of an active one", async () => {
  const scope = await t.newScope();
  await create(scope);
  for (let i = 0; i < 3; i++) await version(scope);
  const stage = (n: number, to: string, archiveExisting = false) =>
    inTenant(scope, (tx) =>
      transitionStage(tx, scope, { version: { name: "delay", version: n }, stage: to, archiveExisting }),
    );
  await stage(1, "production");
  await stage(2, "Production", true);
  const latest = (stages?: string[]) =>
    inTenant(scope, (tx) => getLatestVersions(tx, scope, { name: "delay", stages })).then((rows) =>
      rows.map((row) => `${row.stage} ${row.version}`).sort(),
    );
  expect(await latest()).toEqual(["Archived 1", "None 3", "Production 2"]);
  expect(await latest(["production"])).toEqual(["Production 2"]);
  await expect(latest(["nope"])).rejects.toMatchObject({ code: "invalid_input" });
  await expect(stage(1, "Archived", true)).rejects.toMatchObject({ code: "invalid_input" });
});

test("aliases and tags of versions; the trash takes aliases off, undo brings the version back, not its number twice", async () => {
  const scope = await t.newScope();
  await create(scope);
  await version(scope);
  const second = await version(scope, { tags: { a: "1" } });
  const key = { name: "delay", version: 2 };
  const alias = (name: string, of = key) => inTenant(scope, (tx) => setAlias(tx, scope, { version: of, alias: name }));
  for (const bad of ["latest", "v3", "a b", ""])
    await expect(alias(bad)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await alias("Prod")).toEqual({ moved: true });
  // Without a deployment whose routes it would follow, the alias is anybody's.
  expect(await alias("champion")).toEqual({ moved: true });
  const byAlias = (name: string) => inTenant(scope, (tx) => getByAlias(tx, scope, { name: "delay", alias: name }));
  expect((await byAlias("Prod")).version.version).toBe(2);
  await expect(byAlias("prod")).rejects.toMatchObject({
    ...{ code: "invalid_input", publicMessage: "Registered model alias prod not found." },
  });
  await inTenant(scope, async (tx) => {
    await tagModelVersion(tx, scope, { version: key, key: "b", value: "2" });
    await untagModelVersion(tx, scope, { version: key, key: "a" });
    await deleteAlias(tx, scope, { name: "delay", alias: "Prod" });
    await deleteAlias(tx, scope, { name: "delay", alias: "Prod" });
  });
  expect(await inTenant(scope, (tx) => getModelVersion(tx, scope, key))).toMatchObject({
    ...{ aliases: ["champion"], version: { tags: { b: "2" } } },
  });
  await inTenant(scope, (tx) => trashModelVersion(tx, scope, key));
  await expect(byAlias("champion")).rejects.toMatchObject({ code: "invalid_input" });
  await expect(alias("x")).rejects.toMatchObject({ code: "not_found" });
  expect((await version(scope)).version.version).toBe(3);
  const back = await inTenant(scope, (tx) => restoreModelVersion(tx, scope, second.version.id));
  expect(back).toMatchObject({ aliases: [], version: { version: 2 } });
});

test("a deployed model and a version that serves stay out of the trash", async () => {
  const scope = await t.newScope();
  const { model } = await create(scope);
  const made = await version(scope);
  const id = newId("deployment");
  await inTenant(scope, (tx) =>
    tx.insert(deployments).values({
      ...{ ...where(scope), id, name: "endpoint", modelId: model.id },
      routing: { champion: made.version.id, candidate: null, shadows: [], salt: "s" },
    }),
  );
  const refused = { code: "precondition_failed", message: expect.stringContaining("endpoint") };
  await expect(inTenant(scope, (tx) => trashModelVersion(tx, scope, { id: made.version.id }))).rejects.toMatchObject(
    refused,
  );
  await expect(inTenant(scope, (tx) => trashRegisteredModel(tx, scope, { id: model.id }))).rejects.toMatchObject(
    refused,
  );
  await expect(
    inTenant(scope, (tx) => setAlias(tx, scope, { version: { id: made.version.id }, alias: "champion" })),
  ).rejects.toMatchObject({ code: "precondition_failed" });
});

test("search pages through filters and orders, and says where a filter is wrong", async () => {
  const scope = await t.newScope();
  for (const name of ["c", "a", "b", "delay"]) await create(scope, name);
  await inTenant(scope, (tx) => tagRegisteredModel(tx, scope, { name: "b", key: "team", value: "ops" }));
  await inTenant(scope, (tx) =>
    tagRegisteredModel(tx, scope, { name: "c", key: "mlflow.prompt.is_prompt", value: "true" }),
  );
  const models = (more: { filter?: string; orderBy?: string[]; limit?: number; pageToken?: string }) =>
    inTenant(scope, (tx) => searchRegisteredModels(tx, scope, { limit: 2, ...more }));
  const first = await models({});
  expect(first.models.map(({ model }) => model.name)).toEqual(["a", "b"]);
  const second = await models({ pageToken: first.next ?? "" });
  expect(second.models.map(({ model }) => model.name)).toEqual(["delay"]);
  expect(second.next).toBeNull();
  expect((await models({ filter: "tags.team = 'ops' OR name = 'a'", limit: 9 })).models).toHaveLength(2);
  expect((await models({ orderBy: ["name DESC"] })).models.map(({ model }) => model.name)).toEqual(["delay", "b"]);
  await expect(models({ filter: "name ~ 'a'" })).rejects.toMatchObject({
    code: "invalid_input",
    details: { position: 5 },
  });
  await expect(models({ limit: 0 })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(models({ pageToken: "garbage" })).rejects.toMatchObject({ code: "invalid_input" });
  for (let i = 0; i < 3; i++) await version(scope);
  const versions = (filter: string) =>
    inTenant(scope, (tx) => searchModelVersions(tx, scope, { filter, limit: 10 })).then((found) =>
      found.versions.map((row) => row.version.version),
    );
  expect(await versions("name = 'delay'")).toEqual([3, 2, 1]);
  expect(await versions("version_number > 1 AND source_path LIKE 's3%'")).toEqual([3, 2]);
});
