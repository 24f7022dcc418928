import { writeFileSync } from "node:fs";
import { newId } from "@ballast/core";
import {
  datasets,
  datasetVersions,
  domainEvents,
  experiments,
  featureViews,
  gateResults,
  modelVersions,
  rollouts,
  runs,
  servableVersion,
  withTenant,
} from "@ballast/db";
import { PARITY_SAMPLE_LABEL } from "@ballast/registry";
import { eq } from "drizzle-orm";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureGates, runGates } from "./run-gates.ts";
import { type SampleDelivery, SampleProject, sampleDelivery } from "./sample-delivery.ts";

let sample: SampleDelivery;
let project: SampleProject;
beforeAll(async () => {
  sample = await sampleDelivery();
  project = await SampleProject.create(sample);
});
afterAll(() => sample.close());

const inTenant = <T>(fn: Parameters<typeof withTenant<T>>[2]) => withTenant(sample.deps.db, project.scope.teamId, fn);
const mine = () => ({ teamId: project.scope.teamId, projectId: project.scope.projectId });

async function measure(versionId: string) {
  const results = await measureGates(sample.deps, project.scope, { deploymentId: project.deploymentId, versionId });
  return Object.fromEntries(results.map((result) => [result.gate, result]));
}

async function setVersion(versionId: string, set: Partial<typeof modelVersions.$inferInsert>): Promise<void> {
  await inTenant((tx) => tx.update(modelVersions).set(set).where(eq(modelVersions.id, versionId)));
}

async function versionOf(versionId: string) {
  const [row] = await inTenant((tx) => tx.select().from(modelVersions).where(eq(modelVersions.id, versionId)));
  if (!row) throw new Error("no such version");
  return servableVersion(row);
}

test("a sound version passes all five, with what was measured", async () => {
  const gates = await measure(await project.register());
  expect(Object.keys(gates)).toEqual(["artifact_hash", "contract", "metric_floor", "onnx_parity", "latency"]);
  expect(Object.values(gates).map((gate) => [gate.passed, gate.message])).toEqual([
    [true, expect.stringContaining("hash to the registered SHA-256")],
    [true, expect.stringContaining("2 features bound")],
    [true, expect.stringContaining("AUC 0.6800 (at least 0.55), Brier skill 0.1176")],
    [true, expect.stringContaining("No trainer's sample is recorded. 256 random rows: finite, the same twice")],
    [true, expect.stringContaining("objective 25 ms")],
  ]);
  expect(gates.latency?.measured.p99Ms).toBeGreaterThan(0);
});

test.each([
  [{}, "No held-out auc was recorded"],
  [{ auc: 0.7 }, "No held-out brier_skill"],
  [{ auc: 0.54, brier_skill: 0.1 }, "AUC 0.5400 (at least 0.55)"],
  [{ auc: 0.7, brier_skill: -0.26 }, "Brier skill -0.2600 (at least -0.25)"],
  [{ r2: -0.2 }, "R² -0.2000"],
])("metrics below the floor fail: %j", async (metrics, words) => {
  const gates = await measure(await project.register("manual", metrics));
  expect(gates.metric_floor).toMatchObject({ passed: false, message: expect.stringContaining(words) });
});

test("a file that changed on disk fails by its hash, one that is gone too", async () => {
  const versionId = await project.register();
  const { digest } = await versionOf(versionId);
  const path = sample.deps.artifacts.path(digest);
  const bytes = Buffer.from(await sample.deps.artifacts.get(digest));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const gates = await measure(versionId);
  expect(gates.artifact_hash).toMatchObject({ passed: false, message: expect.stringContaining("damaged") });
  expect(gates.onnx_parity).toMatchObject({ passed: false, message: expect.stringContaining("Not run") });
  await setVersion(versionId, { digest: "0".repeat(64) });
  expect((await measure(versionId)).artifact_hash?.message).toContain("not in the store");
});

test("bindings that fit no longer, and data that was refused, fail the contract", async () => {
  const versionId = await project.register();
  const version = await versionOf(versionId);
  await inTenant((tx) =>
    tx.insert(featureViews).values({
      ...mine(),
      id: newId("featureView"),
      name: "flight",
      version: 2,
      definition: { kind: "request", name: "flight", description: "", features: [] },
      createdBy: "test",
    }),
  );
  expect((await measure(versionId)).contract).toMatchObject({
    passed: false,
    message: expect.stringContaining('feature view "flight" has no feature "hour"'),
  });
  await inTenant((tx) => tx.delete(featureViews).where(eq(featureViews.version, 2)));

  const datasetId = newId("dataset");
  const dataId = newId("datasetVersion");
  await inTenant(async (tx) => {
    await tx.insert(datasets).values({ ...mine(), id: datasetId, name: "flights" });
    await tx.insert(datasetVersions).values({
      ...mine(),
      id: dataId,
      datasetId,
      version: 1,
      state: "refused",
      sourceDigest: "a".repeat(64),
      declaredUnits: {},
      createdBy: "test",
    });
  });
  await setVersion(versionId, {
    lineage: { ...version.lineage, datasetVersions: [{ id: dataId, label: "flights v1" }] },
  });
  expect((await measure(versionId)).contract?.message).toBe(
    "It was trained on flights v1, which is refused, not accepted.",
  );
  await inTenant((tx) => tx.update(datasetVersions).set({ state: "accepted" }).where(eq(datasetVersions.id, dataId)));
  expect((await measure(versionId)).contract).toMatchObject({ passed: true });
});

/** A run whose output is the trainer's own predictions for three rows. */
async function recordSample(versionId: string, shift: number): Promise<void> {
  const version = await versionOf(versionId);
  const features = [
    [3, 500],
    [20, 800],
    [null, 100],
  ];
  const session = await InferenceSession.create(await sample.deps.artifacts.get(version.digest));
  const input = Float32Array.from(features.flat(), (value) => value ?? Number.NaN);
  const { probability } = await session.run({ features: new Tensor("float32", input, [3, 2]) });
  const predictions = Array.from(probability?.data as Float32Array, (value) => value + shift);
  await session.release();
  const { digest } = await sample.deps.artifacts.put(Buffer.from(JSON.stringify({ features, predictions })));
  const runId = newId("run");
  await inTenant(async (tx) => {
    const experimentId = newId("experiment");
    await tx.insert(experiments).values({ ...mine(), id: experimentId, name: runId });
    await tx.insert(runs).values({
      ...mine(),
      id: runId,
      experimentId,
      name: "train",
      state: "finished",
      params: {},
      tags: {},
      inputs: [],
      outputs: [{ kind: "artifact", id: digest, label: PARITY_SAMPLE_LABEL }],
      codeVersion: "test",
      createdBy: "test",
    });
  });
  await setVersion(versionId, { lineage: { ...version.lineage, runId } });
}

test("ONNX Runtime is held against the trainer's own predictions where there are any", async () => {
  const versionId = await project.register();
  await recordSample(versionId, 0);
  expect((await measure(versionId)).onnx_parity).toMatchObject({
    passed: true,
    message: expect.stringContaining("over 3 rows"),
  });
  await recordSample(versionId, 2e-5);
  expect((await measure(versionId)).onnx_parity).toMatchObject({ passed: false });
});

test("recorded predictions that cannot be read fail the gates that need them, instead of being read for ever", async () => {
  const versionId = await project.register();
  await recordSample(versionId, 0);
  const { lineage } = await versionOf(versionId);
  const { digest } = await sample.deps.artifacts.put(Buffer.from('{"features":1}'));
  const outputs = [{ kind: "artifact" as const, id: digest, label: PARITY_SAMPLE_LABEL }];
  await inTenant((tx) =>
    tx
      .update(runs)
      .set({ outputs })
      .where(eq(runs.id, lineage.runId ?? "")),
  );
  const words = expect.stringContaining("recorded predictions cannot be read");
  expect((await measure(versionId)).onnx_parity).toMatchObject({ passed: false, message: words });
});

test("a failed gate refuses the rollout and says so; gates run once", async () => {
  const versionId = await project.register("manual", { auc: 0.5, brier_skill: 0.1 });
  const rolloutId = await project.rollOut(versionId);
  const [rollout] = await inTenant((tx) => tx.select().from(rollouts).where(eq(rollouts.id, rolloutId)));
  expect(rollout).toMatchObject({ state: "refused" });
  expect(rollout?.outcomeReason).toContain("1 of 5 gates failed. metric_floor: Held-out AUC 0.5000");
  const stored = await inTenant((tx) => tx.select().from(gateResults).where(eq(gateResults.versionId, versionId)));
  expect(stored.filter((row) => !row.passed).map((row) => row.gate)).toEqual(["metric_floor"]);
  const events = await inTenant((tx) => tx.select().from(domainEvents).where(eq(domainEvents.subject, versionId)));
  expect(events.map((event) => event.name)).toContain("gates.failed");
  expect(await runGates(sample.deps, project.scope, rolloutId)).toBeNull();
});

test("two workers that run the same gates make one decision", async () => {
  const other = await SampleProject.create(sample);
  const versionId = await other.register("initial");
  const { requestRollout } = await import("./request-rollout.ts");
  const rollout = await withTenant(sample.deps.db, other.scope.teamId, (tx) =>
    requestRollout(tx, other.scope, {
      deployment: "delays",
      versionId,
      strategy: "all_at_once",
      cause: "initial",
      plan: {},
    }),
  );
  const both = await Promise.all([1, 2].map(() => runGates(sample.deps, other.scope, rollout.id)));
  expect(both.filter((results) => results !== null)).toHaveLength(1);
  expect((await other.routing()).champion).toBe(versionId);
  await expect(runGates(sample.deps, project.scope, rollout.id)).rejects.toMatchObject({ code: "not_found" });
});
