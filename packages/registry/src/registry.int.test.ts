import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { claimArtifact } from "@ballast/artifacts/server";
import { newId, type Scope } from "@ballast/core";
import {
  auditEvents,
  datasets,
  datasetVersions,
  deployments,
  domainEvents,
  experiments,
  featureViews,
  runs,
  trainingJobs,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createCallerFactory, router } from "@ballast/governance/trpc";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dropAlias, moveAlias } from "./aliases.ts";
import { type RegisterVersion, registerVersionSchema } from "./index.ts";
import { lineageGraph } from "./lineage.ts";
import { getModel, getVersion, listModels } from "./models.ts";
import { registerModelVersion } from "./register-version.ts";
import { createModelRouter } from "./router.ts";

let t: TestDatabase;
let folder: string;
let artifacts: ArtifactStore;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-registry-"));
  artifacts = new ArtifactStore(folder);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

function onnx(base = 0): Uint8Array {
  return buildTreeEnsembleModel({ task: "binary", featureNames: ["hour"], baseValue: base, trees: [] });
}
const SERVING = {
  tensor: "features",
  output: "probability",
  features: [{ input: "hour", view: "flight", feature: "hour" }],
};

async function newProject(): Promise<Scope> {
  const scope = await t.newScope();
  await defineFlight(scope, 1);
  return scope;
}

async function defineFlight(scope: Scope, version: number): Promise<string> {
  const id = newId("featureView");
  const definition = {
    kind: "request" as const,
    name: "flight",
    description: "",
    features: [{ name: "hour", expression: { op: "hour_of_day" as const, column: "t" }, unit: null }],
  };
  const values = { id, name: "flight", version, definition, createdBy: "test" };
  await withTenant(t.db, scope.teamId, (tx) =>
    tx.insert(featureViews).values({ teamId: scope.teamId, projectId: scope.projectId, ...values }),
  );
  return id;
}

async function upload(scope: Scope, bytes: Uint8Array): Promise<{ digest: string }> {
  const stored = await artifacts.put(bytes);
  await withTenant(t.db, scope.teamId, (tx) => claimArtifact(tx, artifacts, scope.teamId, stored));
  return stored;
}

async function register(scope: Scope, more: Partial<RegisterVersion> = {}) {
  const { digest } = await upload(scope, onnx());
  const input = registerVersionSchema.parse({ modelName: "delay", onnxDigest: digest, serving: SERVING, ...more });
  return registerModelVersion({ db: t.db, artifacts }, scope, input);
}
const inTenant = <T>(scope: Scope, fn: Parameters<typeof withTenant<T>>[2]) => withTenant(t.db, scope.teamId, fn);

test("versions number themselves, also when two register at once, and say where they come from", async () => {
  const scope = await newProject();
  const viewId = await defineFlight(scope, 2);
  const made = await Promise.all([register(scope), register(scope), register(scope)]);
  expect(made.map((version) => version.version).sort()).toEqual([1, 2, 3]);
  expect(made[0]?.signature?.inputs).toEqual([{ name: "features", datatype: "FP32", shape: [-1, 1] }]);
  expect(made[0]?.lineage.featureViews).toEqual([{ id: viewId, name: "flight", version: 2 }]);
  const events = await inTenant(scope, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.name, "model_version.registered")),
  );
  expect(events.map((event) => event.subject).sort()).toEqual(made.map((version) => version.id).sort());
  const audited = await inTenant(scope, (tx) => tx.select().from(auditEvents));
  expect(audited.filter((row) => row.action === "model_version.register")).toHaveLength(3);
});

test("a training job that is run again registers nothing new", async () => {
  const scope = await newProject();
  const [one, two] = [await newJob(scope), await newJob(scope)];
  const first = await register(scope, { lineage: { trainingJobId: one } });
  const second = await register(scope, { lineage: { trainingJobId: one } });
  expect(second.id).toBe(first.id);
  expect((await register(scope, { lineage: { trainingJobId: two } })).version).toBe(2);
  const foreign = register(await newProject(), { lineage: { trainingJobId: one } });
  await expect(foreign).rejects.toMatchObject({ code: "not_found" });
});

async function newJob({ teamId, projectId }: Scope): Promise<string> {
  const id = newId("trainingJob");
  const day = (n: number) => new Date(Date.UTC(2001, 0, n));
  const values = { id, pipelineId: "pip_1", cause: "manual", state: "running" as const, from: day(1), to: day(31) };
  const how = { params: {}, plan: { strategy: "canary" as const }, createdBy: "test" };
  await withTenant(t.db, teamId, (tx) => tx.insert(trainingJobs).values({ teamId, projectId, ...values, ...how }));
  return id;
}

test("a file that is absent, cut, damaged, too large or unable to run is refused with the reason", async () => {
  const scope = await newProject();
  await expect(register(scope, { onnxDigest: "a".repeat(64) })).rejects.toMatchObject({
    code: "not_found",
    details: { field: "onnxDigest" },
  });
  const whole = onnx(1);
  const cut = await upload(scope, whole.slice(0, whole.length - 40));
  await expect(register(scope, { onnxDigest: cut.digest })).rejects.toMatchObject({ status: 400 });
  const text = await upload(scope, Buffer.from("not a model"));
  await expect(register(scope, { onnxDigest: text.digest })).rejects.toThrow("not ONNX");
  const strange = await upload(
    scope,
    Buffer.from(Buffer.from(onnx(2)).toString("latin1").replace("Sigmoid", "Zigmoid"), "latin1"),
  );
  await expect(register(scope, { onnxDigest: strange.digest })).rejects.toThrow("ai.onnx.Zigmoid");
  const damaged = await upload(scope, onnx(3));
  writeFileSync(artifacts.path(damaged.digest), "other bytes");
  await expect(register(scope, { onnxDigest: damaged.digest })).rejects.toMatchObject({ status: 422 });
  truncateSync(artifacts.path(damaged.digest), 2 ** 31);
  await expect(register(scope, { onnxDigest: damaged.digest })).rejects.toMatchObject({ status: 413 });
  expect((await inTenant(scope, (tx) => listModels(tx, scope, { limit: 10 }))).models).toEqual([]);
});

test("lineage may name only what the project has", async () => {
  const [mine, theirs] = [await newProject(), await newProject()];
  const datasetVersionId = newId("datasetVersion");
  await inTenant(theirs, async (tx) => {
    const where = { teamId: theirs.teamId, projectId: theirs.projectId };
    await tx.insert(datasets).values({ ...where, id: "ds_1", name: "flights" });
    await tx.insert(datasetVersions).values({
      ...where,
      id: datasetVersionId,
      datasetId: "ds_1",
      version: 1,
      state: "accepted",
      sourceDigest: "a".repeat(64),
      declaredUnits: {},
      createdBy: "test",
    });
  });
  const lineage = { datasetVersions: [{ id: datasetVersionId, label: "flights v1" }] };
  await expect(register(mine, { lineage })).rejects.toMatchObject({ code: "not_found" });
  await expect(register(mine, { lineage: { runId: "run_nobody" } })).rejects.toMatchObject({ code: "not_found" });
  expect((await register(theirs, { lineage })).lineage.datasetVersions).toEqual(lineage.datasetVersions);
});

test("an alias moves between versions of one model and tells so once", async () => {
  const scope = await newProject();
  const [first, second] = [await register(scope), await register(scope)];
  const other = await register(scope, { modelName: "other" });
  const { modelId } = first;
  const move = (versionId: string) =>
    inTenant(scope, (tx) => moveAlias(tx, scope, { modelId, alias: "champion", versionId }));
  await move(first.id);
  await move(first.id);
  await move(second.id);
  await expect(move(other.id)).rejects.toMatchObject({ code: "not_found" });
  const moved = await inTenant(scope, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.name, "alias.moved")).orderBy(domainEvents.id),
  );
  expect(moved.map((event) => event.subject)).toEqual([first.id, second.id]);
  const { aliases } = await inTenant(scope, (tx) => getModel(tx, scope, { model: "delay", limit: 10 }));
  expect(aliases).toMatchObject([{ alias: "champion", versionId: second.id, version: 2 }]);
  const drop = (versionId: string) =>
    inTenant(scope, (tx) => dropAlias(tx, scope, { modelId, alias: "champion", versionId }));
  await drop(first.id);
  expect((await inTenant(scope, (tx) => getVersion(tx, scope, second.id))).aliases).toHaveLength(1);
  await drop(second.id);
  expect((await inTenant(scope, (tx) => getVersion(tx, scope, second.id))).aliases).toEqual([]);
});

test("models are listed a page at a time, found by name, and search text means itself", async () => {
  const scope = await newProject();
  for (const modelName of ["a_b", "a.b", "delay-50", "delay-hub"]) await register(scope, { modelName });
  await register(scope, { modelName: "delay-hub" });
  const list = (page: { search?: string; after?: string; limit: number }) =>
    inTenant(scope, (tx) => listModels(tx, scope, page));
  const all = await list({ limit: 10 });
  expect(all.models).toHaveLength(4);
  expect(all.models.find((model) => model.name === "delay-hub")).toMatchObject({ versions: 2, latestVersion: 2 });
  const names: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: 1, ...(after ? { after } : {}) });
    names.push(...page.models.map((model) => model.name));
    if (page.next === null) break;
    after = page.next;
  }
  expect(names).toEqual(all.models.map((model) => model.name));
  expect((await list({ search: "HUB", limit: 10 })).models.map((model) => model.name)).toEqual(["delay-hub"]);
  expect((await list({ search: "a_", limit: 10 })).models.map((model) => model.name)).toEqual(["a_b"]);
  expect((await list({ search: "%", limit: 10 })).models).toEqual([]);
});

test("a version's page resolves its lineage, and the graph runs from data to deployment", async () => {
  const scope = await newProject();
  const where = { teamId: scope.teamId, projectId: scope.projectId };
  await inTenant(scope, async (tx) => {
    await tx.insert(experiments).values({ ...where, id: "exp_g", name: "delay" });
    await tx.insert(datasets).values({ ...where, id: "ds_g", name: "flights" });
    await tx.insert(datasetVersions).values({
      ...where,
      id: "dsv_g",
      datasetId: "ds_g",
      version: 1,
      state: "accepted",
      rows: 510_000,
      sourceDigest: "a".repeat(64),
      declaredUnits: {},
      createdBy: "test",
    });
    await tx.insert(runs).values({
      ...where,
      id: "run_g",
      experimentId: "exp_g",
      name: "train delay",
      state: "finished",
      params: {},
      tags: {},
      inputs: [{ kind: "stream", id: "flights@2001-02", label: "flights 2001-02" }],
      outputs: [],
      codeVersion: "1",
      createdBy: "test",
    });
  });
  const lineage = {
    runId: "run_g",
    datasetVersions: [{ id: "dsv_g", label: "flights v1" }],
    trainedFrom: "2001-01-02T00:00:00.000Z",
    trainedTo: "2001-02-01T00:00:00.000Z",
  };
  const version = await register(scope, { lineage });
  const routing = { champion: null, candidate: { versionId: version.id, percent: 10 }, shadows: [], salt: "s" };
  await inTenant(scope, (tx) =>
    tx.insert(deployments).values({ ...where, id: "dep_g", name: "delays", modelId: version.modelId, routing }),
  );
  const page = await inTenant(scope, (tx) => getVersion(tx, scope, version.id));
  expect(page).toMatchObject({
    run: { id: "run_g" },
    datasetVersions: [{ id: "dsv_g", rows: 510_000 }],
    deployments: [{ id: "dep_g", role: "candidate", percent: 10 }],
  });
  const graph = await inTenant(scope, (tx) => lineageGraph(tx, scope, version.id));
  expect(graph.nodes.map((node) => [node.kind, node.label, node.detail])).toEqual([
    ["dataset_version", "flights v1", "510,000 rows, accepted"],
    ["stream", "flights 2001-02", null],
    ["feature_view", "flight", "version 1"],
    ["run", "train delay", "finished"],
    ["model_version", "delay v1", "trained on 2001-01-02 to 2001-02-01"],
    ["deployment", "delays", "candidate, 10 %"],
  ]);
  const known = new Set(graph.nodes.map((node) => node.id));
  expect(graph.edges).toHaveLength(5);
  expect(graph.edges.every((edge) => known.has(edge.from) && known.has(edge.to))).toBe(true);
});

test("to know the checksum of another team's file is not to own it", async () => {
  const [mine, theirs] = [await newProject(), await newProject()];
  const { digest } = await upload(theirs, onnx(17));
  const unknown = await register(mine, { onnxDigest: "9".repeat(64) }).catch((error: Error) => error.message);
  const foreign = await register(mine, { onnxDigest: digest }).catch((error: Error) => error.message);
  expect(String(foreign).replaceAll(digest, "X")).toBe(String(unknown).replaceAll("9".repeat(64), "X"));
  await expect(register(mine, { onnxDigest: digest })).rejects.toMatchObject({ code: "not_found" });
  expect((await register(theirs, { onnxDigest: digest })).digest).toBe(digest);
  await upload(mine, onnx(17));
  expect((await register(mine, { onnxDigest: digest })).digest).toBe(digest);
});

test("somebody else's model and version do not exist", async () => {
  const [mine, theirs] = [await newProject(), await newProject()];
  const version = await register(theirs);
  const missing = { code: "not_found", status: 404 };
  await expect(inTenant(mine, (tx) => getVersion(tx, mine, version.id))).rejects.toMatchObject(missing);
  await expect(inTenant(mine, (tx) => lineageGraph(tx, mine, version.id))).rejects.toMatchObject(missing);
  await expect(inTenant(mine, (tx) => getModel(tx, mine, { model: "delay", limit: 5 }))).rejects.toMatchObject(missing);
  const sibling = { ...theirs, projectId: "prj_sibling" };
  await expect(inTenant(theirs, (tx) => getVersion(tx, sibling, version.id))).rejects.toMatchObject(missing);
  const steal = { modelId: version.modelId, alias: "mine", versionId: version.id };
  await expect(inTenant(mine, (tx) => moveAlias(tx, mine, steal))).rejects.toMatchObject(missing);
});

test("over tRPC: bad input names its field, and routed aliases are not moved by hand", async () => {
  const scope = await newProject();
  const { digest } = await upload(scope, onnx());
  const permissions = ["model.write", "project.read"] as const;
  const token = { ...scope, tokenId: "tok_1", name: "ci", permissions, expiresAt: null, serviceAccountId: null };
  const call = createCallerFactory(router({ model: createModelRouter({ artifacts }) }));
  const identity = { kind: "token" as const, token: { ...token, permissions: [...permissions] } };
  const caller = call({ db: t.db, identity, requestId: "test" });
  const where = { team: scope.teamId.slice(-10), project: "project" };
  const version = { modelName: "delay", onnxDigest: digest, serving: SERVING };
  const made = await caller.model.register({ ...where, version });
  expect(made.version).toBe(1);
  const bad = { ...version, serving: { ...SERVING, features: [] } };
  await expect(caller.model.register({ ...where, version: bad })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  const unbound = { ...version, serving: { ...SERVING, features: [{ input: "hour", view: "nope", feature: "hour" }] } };
  await expect(caller.model.register({ ...where, version: unbound })).rejects.toMatchObject({
    code: "UNPROCESSABLE_CONTENT",
    message: expect.stringContaining("serving.features[0].view"),
  });
  const alias = { modelId: made.modelId, versionId: made.id };
  await inTenant(scope, (tx) =>
    tx.insert(deployments).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id: "dep_routed", name: "routed", modelId: made.modelId },
      routing: { champion: null, candidate: null, shadows: [], salt: "s" },
    }),
  );
  await expect(caller.model.setAlias({ ...where, ...alias, alias: "champion" })).rejects.toMatchObject({
    code: "PRECONDITION_FAILED",
  });
  await caller.model.setAlias({ ...where, ...alias, alias: "blessed" });
  expect((await caller.model.get({ ...where, model: "delay" })).aliases).toMatchObject([{ alias: "blessed" }]);
  expect((await caller.model.list(where)).models).toHaveLength(1);
});
