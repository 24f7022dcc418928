import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId, type Scope } from "@ballast/core";
import {
  artifactEntries,
  budgets,
  costRecords,
  datasets,
  datasetVersions,
  deployments,
  experiments,
  featureViews,
  loggedModels,
  modelAttestations,
  modelVersions,
  monitorWindows,
  registeredModels,
  rollouts,
  runLinks,
  runs,
  type Tx,
  trackedDatasets,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import type { Installation } from "@ballast/governance/server";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attestVersion, getAttestation, verifyAttestation } from "./attestation.ts";
import { type LineageQuery, lineageOf } from "./lineage-both-ways.ts";
import { mlBom } from "./ml-bom.ts";

let t: TestDatabase;
let artifacts: ArtifactStore;
const folder = mkdtempSync(join(tmpdir(), "ballast-provenance-"));
const newKey = () =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
const installation: Installation = { secret: "22".repeat(32), signingKey: newKey(), webhookHosts: [] };

beforeAll(async () => {
  t = await testDatabase();
  artifacts = new ArtifactStore(folder);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

/** A data set, a run on it, a logged model of the run, its version, a deployment with traffic and costs. */
async function fill(scope: Scope) {
  const { teamId, projectId } = scope;
  const mine = { teamId, projectId };
  const ids = {
    ...{ dataset: newId("dataset"), data: newId("datasetVersion"), tracked: newId("trackedDataset") },
    ...{ experiment: newId("experiment"), run: newId("run"), logged: `m-${"a1".repeat(16)}${teamId.slice(-4)}` },
    ...{ model: newId("registeredModel"), version: newId("modelVersion"), deployment: newId("deployment") },
    ...{ budget: newId("budget") },
  };
  const put = async (path: string, text: string) => {
    const { digest, size } = await artifacts.put(Buffer.from(text));
    return { ...mine, ownerId: ids.logged, path, digest, sizeBytes: size };
  };
  const files = [
    await put("MLmodel", `flavors: {} # ${teamId}`),
    await put("model.txt", `weights of ${teamId}`),
    await put("requirements.txt", "scikit-learn==1.7.2\nnumpy<3,>=2\n# comment\n--extra-index-url x\n"),
  ];
  await inTenant(scope, async (tx) => {
    await tx.insert(datasets).values({ ...mine, id: ids.dataset, name: "flights" });
    await tx.insert(datasetVersions).values({
      ...{ ...mine, id: ids.data, datasetId: ids.dataset, version: 1, state: "accepted", sourceDigest: "a".repeat(64) },
      ...{ digest: "b".repeat(64), rows: 1_234, declaredUnits: {}, createdBy: "ada" },
    });
    await tx.insert(trackedDatasets).values({
      ...{ ...mine, id: ids.tracked, name: "titanic", digest: "d1", sourceType: "http", source: "{}" },
    });
    await tx.insert(experiments).values({ ...mine, id: ids.experiment, name: "delays" });
    await tx.insert(runs).values({
      ...{ ...mine, id: ids.run, experimentId: ids.experiment, name: "first", state: "finished", params: { depth: 3 } },
      ...{ tags: {}, inputs: [{ kind: "dataset_version", id: ids.data, label: "flights v1" }], outputs: [] },
      ...{ codeVersion: "abc123", createdBy: "ada", endedAt: new Date() },
    });
    await tx.insert(runLinks).values({ ...mine, runId: ids.run, kind: "input_dataset", targetId: ids.tracked });
    await tx.insert(loggedModels).values({
      ...{ ...mine, id: ids.logged, experimentId: ids.experiment, sourceRunId: ids.run, name: "clf", state: "ready" },
      createdBy: "ada",
    });
    await tx.insert(artifactEntries).values(files);
    await tx.insert(registeredModels).values({ ...mine, id: ids.model, name: "delay" });
    await tx.insert(modelVersions).values({
      ...{ ...mine, id: ids.version, modelId: ids.model, version: 1, loggedModelId: ids.logged, cause: "manual" },
      ...{ source: `models:/${ids.logged}`, metrics: { auc: 0.71 }, createdBy: "ada" },
      lineage: {
        ...{ runId: ids.run, trainingJobId: null, datasetVersions: [{ id: ids.data, label: "flights v1" }] },
        ...{ featureViews: [], trainedFrom: null, trainedTo: null, codeVersion: null },
      },
    });
    await tx.insert(deployments).values({
      ...{ ...mine, id: ids.deployment, name: "late", modelId: ids.model },
      routing: { champion: ids.version, candidate: null, shadows: [], salt: "s" },
    });
    const zero = { predictions: 0, errors: 0, duplicates: 0, outcomes: 0, outcomeDuplicates: 0, outcomeCorrections: 0 };
    await tx.insert(monitorWindows).values({
      ...{ ...mine, id: newId("monitorWindow"), deploymentId: ids.deployment, state: "processed" },
      ...{ from: new Date("2001-01-01"), to: new Date("2001-01-02") },
      tally: {
        ...{ ...zero, outcomeUnknown: 0, sourceRows: 0, p50Ms: 1, p99Ms: 1, rowsChecked: 0, mismatches: 0 },
        processingMs: 0,
        versions: {
          [ids.version]: { served: 1_500, shadow: 20, errors: 0, overSlo: 0 },
          mv_other: { served: 9_000, shadow: 0, errors: 0, overSlo: 0 },
        },
      },
    });
    await tx.insert(budgets).values({
      ...{ ...mine, id: ids.budget, name: "2001", currency: "USD", limitMicros: 10_000_000, hard: false },
      ...{ from: new Date("2001-01-01"), to: new Date("2002-01-01") },
    } as typeof budgets.$inferInsert);
    const cost = { ...mine, budgetId: ids.budget, quantity: 1, rateMicros: 1, modelVersionId: ids.version };
    const days = { from: new Date("2001-01-01"), to: new Date("2001-01-02") };
    await tx.insert(costRecords).values([
      {
        ...{ ...cost, ...days, id: newId("costRecord"), meter: "inference.prediction", subject: ids.version },
        ...{ amountMicros: 2_500_000, deploymentId: ids.deployment },
      },
      {
        ...{ ...cost, ...days, id: newId("costRecord"), meter: "training.row_trees", subject: "trn_1" },
        amountMicros: 4_000_000,
      },
    ]);
  });
  return { ...ids, files };
}

test("lineage runs both ways, from any node, with counts and costs, and stays in the project", async () => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const ask = (kind: LineageQuery["kind"], id: string, direction: LineageQuery["direction"], depth = 8) =>
    inTenant(scope, (tx) => lineageOf(tx, scope, { kind, id, direction, depth, limit: 100 }));
  const whole = await ask("model_version", ids.version, "both");
  const label = (id: string) => whole.nodes.find((node) => node.id === id)?.label;
  const arrows = whole.edges.map(({ from, to }) => `${from.split(":")[0]} > ${to.split(":")[0]}`).sort();
  expect(arrows).toEqual(
    [
      ...["dataset_version > run", "tracked_dataset > run", "run > logged_model", "logged_model > model_version"],
      ...["model_version > deployment", "deployment > predictions", "predictions > cost", "model_version > cost"],
    ].sort(),
  );
  expect(label(ids.version)).toBe("delay v1");
  expect(whole.nodes.filter(({ current }) => current).map(({ id }) => id)).toEqual([ids.version]);
  const figures = whole.nodes.filter(({ kind }) => ["predictions", "cost"].includes(kind));
  expect(figures.map((node) => node.label).sort()).toEqual(["1,500 predictions", "USD 2.50", "USD 4.00"]);
  const kinds = (answer: typeof whole) => new Set(answer.nodes.map(({ kind }) => kind));
  expect(kinds(await ask("dataset_version", ids.data, "downstream"))).toEqual(
    new Set(["dataset_version", "run", "logged_model", "model_version", "deployment", "predictions", "cost"]),
  );
  expect(kinds(await ask("deployment", ids.deployment, "upstream"))).toEqual(
    new Set(["deployment", "model_version", "logged_model", "run", "dataset_version", "tracked_dataset"]),
  );
  expect(kinds(await ask("deployment", ids.deployment, "upstream", 1))).toEqual(
    new Set(["deployment", "model_version"]),
  );
  const few = await inTenant(scope, (tx) =>
    lineageOf(tx, scope, { kind: "model_version", id: ids.version, direction: "upstream", depth: 8, limit: 2 }),
  );
  expect(few).toMatchObject({ truncated: true });
  const other = await t.newScope();
  const foreign = inTenant(other, (tx) =>
    lineageOf(tx, other, { kind: "run", id: ids.run, direction: "both", depth: 8, limit: 100 }),
  );
  await expect(foreign).rejects.toMatchObject({ code: "not_found" });
});

test("a stream leads through a view to runs and versions, and a version to where it was once rolled out", async () => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const mine = { teamId: scope.teamId, projectId: scope.projectId };
  const [view, trashed, once] = [newId("featureView"), newId("run"), newId("deployment")];
  const inputs = [
    { kind: "stream" as const, id: "arrivals", label: "arrivals" },
    { kind: "feature_view" as const, id: view, label: "delays v1" },
  ];
  await inTenant(scope, async (tx) => {
    await tx.insert(featureViews).values({
      ...{ ...mine, id: view, name: "delays", version: 1, createdBy: "ada" },
      definition: {
        ...{ kind: "trailing_share", name: "delays", description: "", source: "arrivals", knownAt: "known_at" },
        ...{ requestTime: "at", of: "late", features: [], onMissing: "null" },
      },
    });
    await tx.update(runs).set({ inputs }).where(eq(runs.id, ids.run));
    await tx.insert(runs).values({
      ...{ ...mine, id: trashed, experimentId: ids.experiment, name: "gone", state: "failed", params: {}, tags: {} },
      ...{ inputs, outputs: [], codeVersion: "", createdBy: "ada", deletedAt: new Date() },
    });
    const featureViewsOf = [{ id: view, label: "delays v1", name: "delays", version: 1 }];
    await tx
      .update(modelVersions)
      .set({ lineage: { ...emptyLineage, runId: ids.run, featureViews: featureViewsOf } })
      .where(eq(modelVersions.id, ids.version));
    await tx.insert(deployments).values({
      ...{ ...mine, id: once, name: "earlier", modelId: ids.model },
      routing: { champion: null, candidate: null, shadows: [], salt: "s" },
    });
    await tx.insert(rollouts).values({
      ...{ ...mine, id: newId("rollout"), deploymentId: once, candidateId: ids.version, state: "refused" },
      ...{ cause: "manual", plan: {} as never, planDigest: "", evidence: {} as never, createdBy: "ada" },
    });
  });
  const found = async (kind: LineageQuery["kind"], id: string, direction: LineageQuery["direction"], depth: number) => {
    const query = { kind, id, direction, depth, limit: 100 };
    const { nodes } = await inTenant(scope, (tx) => lineageOf(tx, scope, query));
    return new Set(nodes.filter(({ kind }) => kind !== "predictions" && kind !== "cost").map((node) => node.id));
  };
  expect(await found("stream", "arrivals", "downstream", 1)).toEqual(new Set(["arrivals", view, ids.run]));
  expect(await found("feature_view", view, "downstream", 1)).toEqual(new Set([view, ids.run, ids.version]));
  expect(await found("feature_view", view, "upstream", 1)).toEqual(new Set([view, "arrivals"]));
  expect(await found("run", trashed, "upstream", 1)).toEqual(new Set([trashed, view, "arrivals"]));
  expect(await found("model_version", ids.version, "upstream", 1)).toEqual(
    new Set([ids.version, view, ids.run, ids.logged]),
  );
  expect(await found("model_version", ids.version, "downstream", 1)).toEqual(
    new Set([ids.version, ids.deployment, once]),
  );
  expect(await found("deployment", once, "upstream", 8)).toEqual(new Set([once]));
});

test("an attestation verifies until a byte, the record, the key or the signature is another", async () => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const { version } = ids;
  const verify = (by = installation) => verifyAttestation({ db: t.db, artifacts, installation: by }, scope, version);
  const failing = async (by?: Installation) =>
    (await verify(by))?.checks.filter(({ passed }) => !passed).map(({ check }) => check);
  expect(await verify()).toBeNull();
  const runEnds = (endedAt: Date | null) =>
    inTenant(scope, (tx) => tx.update(runs).set({ endedAt }).where(eq(runs.id, ids.run)));
  await runEnds(null);
  const made = await inTenant(scope, (tx) => attestVersion(tx, installation, scope, { versionId: version }));
  expect(made.statement).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: ids.files.map(({ path, digest }) => ({ name: path, digest: { sha256: digest } })),
    predicate: { buildDefinition: { externalParameters: { model: "delay", version: "1", codeVersion: "abc123" } } },
  });
  // A client registers within its run: that this ends afterwards is no change of what was signed.
  await runEnds(new Date());
  expect(await verify()).toMatchObject({ verified: true });
  // Asked again, the first one stands.
  const again = await inTenant(scope, (tx) => attestVersion(tx, installation, scope, { versionId: version }));
  expect(again.createdAt).toEqual(made.createdAt);
  expect(await failing({ ...installation, signingKey: newKey() })).toContain("signature");

  const envelope = structuredClone(made.envelope);
  envelope.payload = Buffer.from(JSON.stringify({ ...made.statement, subject: [] })).toString("base64");
  const replace = (value: typeof envelope) =>
    inTenant(scope, (tx) =>
      tx.update(modelAttestations).set({ envelope: value }).where(eq(modelAttestations.versionId, version)),
    );
  await replace(envelope);
  expect(await failing()).toEqual(["signature", "record", "files"]);
  await replace(made.envelope);

  await inTenant(scope, (tx) =>
    tx
      .update(modelVersions)
      .set({ lineage: { ...emptyLineage, codeVersion: "other" } })
      .where(eq(modelVersions.id, version)),
  );
  expect(await failing()).toEqual(["record"]);
  const engineer: Scope = { ...scope, actor: { type: "user", id: "usr_e", name: "Erin", role: "engineer" } };
  await expect(
    inTenant(scope, (tx) => attestVersion(tx, installation, engineer, { versionId: version, replace: true })),
  ).rejects.toMatchObject({ code: "forbidden" });
  await inTenant(scope, (tx) => attestVersion(tx, installation, scope, { versionId: version, replace: true }));
  expect(await failing()).toEqual([]);
  writeFileSync(artifacts.path(ids.files[1]?.digest ?? ""), "tampered");
  expect(await failing()).toEqual(["files"]);
  const other = await t.newScope();
  await expect(inTenant(other, (tx) => getAttestation(tx, other, version))).rejects.toThrow("does not exist");
});

const emptyLineage = {
  ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
  ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
};

test("a bill of materials names the model, its files, data, libraries and origin", async () => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const bom = await mlBom({ db: t.db, artifacts }, scope, ids.version);
  expect(bom).toMatchObject({
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    metadata: {
      component: {
        ...{ type: "machine-learning-model", name: "delay", version: "1" },
        modelCard: { quantitativeAnalysis: { performanceMetrics: [{ type: "auc", value: "0.71" }] } },
      },
    },
  });
  const components = bom.components as { type: string; name: string; version?: string; purl?: string }[];
  expect(components.map(({ type, name, version }) => [type, name, version])).toEqual([
    ["file", "MLmodel", undefined],
    ["file", "model.txt", undefined],
    ["file", "requirements.txt", undefined],
    ["data", "flights", "v1"],
    ["data", "titanic", "d1"],
    ["library", "scikit-learn", "1.7.2"],
    ["library", "numpy", undefined],
  ]);
  expect(components.map(({ purl }) => purl).slice(-2)).toEqual(["pkg:pypi/scikit-learn@1.7.2", "pkg:pypi/numpy"]);
});

test.each([
  ["runs:/RUN/sub/dir", ["a.txt", "b/c.txt"]],
  ["mlflow-artifacts:/1/RUN/artifacts/sub/dir", ["a.txt", "b/c.txt"]],
  ["runs:/RUN", ["sub/dir/a.txt", "sub/dir/b/c.txt", "sub/dirty.txt"]],
  ["s3://bucket/model", []],
])("files of a version registered from %s", async (source, paths) => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const { teamId, projectId } = scope;
  const entry = (path: string) => ({ teamId, projectId, ownerId: ids.run, path, digest: "e".repeat(64), sizeBytes: 1 });
  await inTenant(scope, async (tx) => {
    await tx.insert(artifactEntries).values(["sub/dir/a.txt", "sub/dir/b/c.txt", "sub/dirty.txt"].map(entry));
    const set = { loggedModelId: null, source: source.replace("RUN", ids.run) };
    await tx.update(modelVersions).set(set).where(eq(modelVersions.id, ids.version));
  });
  const bom = await mlBom({ db: t.db, artifacts }, scope, ids.version);
  const files = (bom.components as { type: string; name: string }[]).filter(({ type }) => type === "file");
  expect(files.map(({ name }) => name)).toEqual(paths);
});
