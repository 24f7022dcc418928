import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { claimArtifact } from "@ballast/artifacts/server";
import { newId, type Scope } from "@ballast/core";
import {
  budgets,
  costRecords,
  deployments,
  experiments,
  featureViews,
  findings,
  monitorWindows,
  performanceDays,
  runs,
  type Tx,
  type WindowTally,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cardMarkdown } from "./card-markdown.ts";
import { compareVersions } from "./compare-versions.ts";
import { PARITY_SAMPLE_LABEL, registerVersionSchema } from "./index.ts";
import { modelCard } from "./model-card.ts";
import { registerModelVersion } from "./register-version.ts";
import { updateRegisteredModel } from "./registered-models.ts";

let t: TestDatabase;
let folder: string;
let artifacts: ArtifactStore;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-card-"));
  artifacts = new ArtifactStore(folder);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const TALLY: Omit<WindowTally, "versions"> = {
  ...{ predictions: 100, errors: 0, duplicates: 0, outcomes: 90, outcomeDuplicates: 0, outcomeCorrections: 0 },
  ...{ outcomeUnknown: 0, sourceRows: 100, p50Ms: 1, p99Ms: 2, rowsChecked: 100, mismatches: 0, processingMs: 5 },
};

/** Two versions; the first served two days, one of them drifted. */
async function served() {
  const scope = await t.newScope();
  const where = { teamId: scope.teamId, projectId: scope.projectId };
  const onnx = await artifacts.put(
    buildTreeEnsembleModel({ task: "binary", featureNames: ["hour"], baseValue: 0, trees: [] }),
  );
  const sample = await artifacts.put(Buffer.from('{"features":[[7],[null]],"predictions":[0.25,0.5]}'));
  const runId = newId("run");
  await inTenant(scope, async (tx) => {
    for (const file of [onnx, sample]) await claimArtifact(tx, artifacts, scope.teamId, file);
    const definition = {
      ...{ kind: "request" as const, name: "flight", description: "" },
      features: [{ name: "hour", expression: { op: "hour_of_day" as const, column: "t" }, unit: null }],
    };
    const view = { id: newId("featureView"), name: "flight", version: 1, definition, createdBy: "test" };
    await tx.insert(featureViews).values({ ...where, ...view });
    await tx.insert(experiments).values({ ...where, id: `exp_${runId}`, name: "e" });
    await tx.insert(runs).values({
      ...{ ...where, id: runId, experimentId: `exp_${runId}`, name: "train | it", state: "finished" as const },
      ...{ params: { depth: 3 }, tags: {}, inputs: [], codeVersion: "1", createdBy: "test" },
      outputs: [{ kind: "artifact", id: sample.digest, label: PARITY_SAMPLE_LABEL }],
    });
  });
  const serving = {
    ...{ tensor: "features", output: "probability" },
    features: [{ input: "hour", view: "flight", feature: "hour" }],
  };
  const register = (metrics: Record<string, number>, lineage = {}) =>
    registerModelVersion(
      { db: t.db, artifacts },
      scope,
      registerVersionSchema.parse({ modelName: "delay", onnxDigest: onnx.digest, serving, metrics, lineage }),
    );
  const first = await register(
    { auc: 0.7 },
    { runId, trainedFrom: "2001-01-01T00:00:00Z", trainedTo: "2001-02-01T00:00:00Z" },
  );
  const second = await register({ auc: 0.72 });
  await inTenant(scope, async (tx) => {
    await updateRegisteredModel(tx, scope, { name: "delay", description: "says who <b>is</b> late" });
    const deploymentId = newId("deployment");
    const routing = { champion: first.id, candidate: null, shadows: [], salt: "s" };
    await tx.insert(deployments).values({ ...where, id: deploymentId, name: "late", modelId: first.modelId, routing });
    for (const [i, n] of [100, 300].entries()) {
      const from = new Date(Date.UTC(2001, 2, 1 + i));
      const to = new Date(Date.UTC(2001, 2, 2 + i));
      const windowId = newId("monitorWindow");
      await tx.insert(performanceDays).values({
        ...{ ...where, deploymentId, versionId: first.id, day: from, champion: true, n, scored: n + 10 },
        ...{ auc: i === 0 ? Number.NaN : 0.68, brier: i === 0 ? 0.1 : 0.2, brierSkill: 0.1 },
        ...{ meanPrediction: 0.2, meanOutcome: 0.2, reliability: [] },
      });
      const versions = { [first.id]: { served: n, shadow: 0, errors: 0, overSlo: 0 } };
      const tally = { ...TALLY, versions };
      await tx
        .insert(monitorWindows)
        .values({ ...where, id: windowId, deploymentId, from, to, state: "processed", tally });
      await tx.insert(findings).values({
        ...{ ...where, deploymentId, windowId, from, column: "distance", test: "psi", statistic: "PSI", value: 1 },
        ...{ limit: 0.2, nReference: 10, nCurrent: 10, drifted: i === 1, details: {} },
      });
    }
    const budgetId = newId("budget");
    await tx
      .insert(budgets)
      .values({ ...where, id: budgetId, name: "b", currency: "EUR", hard: false, limitMicros: 1 });
    await tx.insert(costRecords).values({
      ...{ ...where, id: newId("costRecord"), budgetId, meter: "inference.prediction", quantity: 400, rateMicros: 50 },
      ...{ amountMicros: 20_000, subject: first.id, modelVersionId: first.id, deploymentId },
      ...{ from: new Date(Date.UTC(2001, 2, 1)), to: new Date(Date.UTC(2001, 2, 2)) },
    });
  });
  return { scope, first, second };
}

test("the card says what was measured, weighted by rows, without the days that have no figure", async () => {
  const { scope, first, second } = await served();
  const card = await modelCard({ db: t.db, artifacts }, scope, first.id);
  expect(card.live).toMatchObject([
    {
      deployment: "late",
      days: 2,
      championDays: 2,
      labelled: 400,
      scored: 420,
      from: "2001-03-01",
      to: "2001-03-02",
      auc: 0.68,
    },
  ]);
  expect(card.live[0]?.brier).toBeCloseTo((0.1 * 100 + 0.2 * 300) / 400, 12);
  expect(card.drift).toEqual({ days: 2, columns: [{ column: "distance", days: 1 }] });
  expect(card.cost).toMatchObject({ currency: "EUR", predictions: 400, servingPer1000Micros: 50_000 });
  expect(card.example).toMatchObject({
    kind: "rows",
    columns: ["hour"],
    rows: [[7], [null]],
    predictions: [0.25, 0.5],
  });
  expect(card.training).toMatchObject({ run: { name: "train | it" }, parameters: { depth: 3 } });
  const idle = await modelCard({ db: t.db, artifacts }, scope, second.id);
  expect(idle).toMatchObject({ live: [], cost: null, example: null, drift: { days: 0, columns: [] } });
});

test("as Markdown: every section, numbers with their base, and what people wrote stays text", async () => {
  const { scope, first } = await served();
  const text = cardMarkdown(await modelCard({ db: t.db, artifacts }, scope, first.id));
  const heads = [
    "Purpose",
    "Training",
    "Metrics at registration",
    "Gates",
    "Live performance",
    "Cost",
    "Approvals",
    "Interface",
  ];
  for (const head of heads) expect(text).toContain(`\n## ${head}\n`);
  expect(text).toContain("# delay version 1\n");
  expect(text).toContain("says who \\<b\\>is\\</b\\> late");
  expect(text).toContain("Run: train \\| it");
  expect(text).toContain("| late | 2 | 2 | 2001-03-01 | 2001-03-02 | 400 | 0.68 | 0.175 | 0.1 |");
  expect(text).toContain("Serving 0.05 EUR and training 0 EUR per 1,000 predictions, over 400 predictions.");
  expect(text).toContain("| Column | Days with drift, of 2 served |");
});

test("versions side by side: what differs, nothing of another project", async () => {
  const { scope, first, second } = await served();
  const { rows, versions, same } = await inTenant(scope, (tx) => compareVersions(tx, scope, [second.id, first.id]));
  expect(versions.map(({ version }) => version)).toEqual([2, 1]);
  expect(rows).toContainEqual({ section: "metrics", key: "auc", values: [0.72, 0.7] });
  expect(rows).toContainEqual({ section: "parameters", key: "depth", values: [null, 3] });
  expect(same).toMatchObject({ files: 2, signature: 2 });
  await expect(inTenant(scope, (tx) => compareVersions(tx, scope, [first.id, first.id]))).rejects.toMatchObject({
    code: "invalid_input",
  });
  const other = await served();
  await expect(inTenant(scope, (tx) => compareVersions(tx, scope, [first.id, other.first.id]))).rejects.toMatchObject({
    code: "not_found",
  });
});
