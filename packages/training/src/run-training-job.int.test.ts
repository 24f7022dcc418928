import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { AppError, DAY_MS, newId, type Scope } from "@ballast/core";
import { advanceWatermark } from "@ballast/datasets/server";
import {
  budgets,
  costRecords,
  domainEvents,
  incidents,
  modelVersions,
  reservations,
  runs,
  type Tx,
  trainingJobs,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { getRun, trashRun, updateRun } from "@ballast/experiments/server";
import { setBudget } from "@ballast/finops/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { paritySampleSchema } from "@ballast/registry";
import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { MOST_ATTEMPTS, PATIENCE_MS } from "./job-state.ts";
import { getJob } from "./jobs.ts";
import { requestTraining } from "./request-training.ts";
import { runTrainingJob, type TrainingDeps } from "./run-training-job.ts";
import {
  END,
  openPlugins,
  pluginSource,
  START,
  seededRows,
  seedProject,
  spec,
  trainingDeps,
} from "./training-fixture.ts";

const ROWS = 6_000;
let t: TestDatabase;
let plugins: PluginHost;
let deps: TrainingDeps;
beforeAll(async () => {
  t = await testDatabase();
  plugins = await openPlugins();
});
afterAll(() => t.close());
afterEach(() => {
  if (deps) rmSync(deps.artifacts.root, { recursive: true, force: true });
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

async function project(limitMicros = 1_000_000): Promise<Scope> {
  const scope = await t.newScope();
  deps = trainingDeps(t.db, plugins, ROWS);
  await seedProject(t.db, scope, plugins);
  await inTenant(scope, (tx) => setBudget(tx, scope, { name: "project", currency: "USD", hard: true, limitMicros }));
  return scope;
}
const request = (scope: Scope, params = {}, rows = ROWS, to = new Date(END)) =>
  inTenant(scope, (tx) =>
    requestTraining(
      tx,
      scope,
      { pipeline: "flight-late", cause: "manual", from: new Date(START), to, params },
      { plugins, countRows: async () => rows },
    ),
  );
async function state(scope: Scope) {
  return inTenant(scope, async (tx) => ({
    jobs: await tx.select().from(trainingJobs),
    runs: await tx.select().from(runs).orderBy(runs.startedAt),
    versions: await tx.select().from(modelVersions),
    costs: await tx.select().from(costRecords),
    reservations: await tx.select().from(reservations),
    budget: (await tx.select().from(budgets))[0],
    events: (await tx.select().from(domainEvents).orderBy(domainEvents.id)).map((e) => e.name),
  }));
}

test("a job becomes a version with lineage, a recorded run, an exact charge and an event; again changes nothing", async () => {
  const scope = await project();
  const job = await request(scope);
  expect(job).toMatchObject({ state: "queued", attempts: 0 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 2);
  const outcome = await runTrainingJob(deps, scope, job.id);
  clearInterval(timer);
  expect(outcome.state).toBe("succeeded");
  expect(ticks).toBeGreaterThan(10);
  expect(await runTrainingJob(deps, scope, job.id)).toEqual({ state: "skipped" });

  const after = await state(scope);
  const [run, version, cost] = [after.runs[0], after.versions[0], after.costs[0]];
  expect([after.runs.length, after.versions.length, after.costs.length]).toEqual([1, 1, 1]);
  expect(run).toMatchObject({ state: "finished", params: { maxTrees: 20, learningRate: 0.1, seed: 1 } });
  const { metrics } = await inTenant(scope, (tx) => getRun(tx, scope, run?.id ?? ""));
  expect(metrics).toMatchObject({ rows_train: 4_500, rows_validation: 600, rows_test: 900, n: 900 });
  expect(metrics.auc).toBeGreaterThan(0.6);
  expect(metrics.brier_skill).toBeGreaterThan(0);
  expect(metrics.onnx_parity_max_abs).toBeLessThanOrEqual(1e-5);
  expect(run?.outputs.map((o) => o.label)).toEqual(["model.onnx", "parity_sample", "flight-late v1"]);
  expect(version).toMatchObject({
    version: 1,
    cause: "manual",
    serving: { tensor: "features", output: "probability", features: spec.features },
    lineage: {
      runId: run?.id,
      trainingJobId: job.id,
      trainedTo: new Date(END).toISOString(),
      codeVersion: run?.codeVersion,
    },
  });
  expect(run?.codeVersion).toMatch(/^git:[0-9a-f]{40}|^@ballast\/training@/);
  // At most 4,500 rows × 20 trees = 0.09 Mrow_trees at 40,000 micros.
  expect(after.reservations).toMatchObject([{ state: "committed", amountMicros: 3_600 }]);
  expect(cost?.quantity).toBeLessThanOrEqual(0.09);
  expect(cost).toMatchObject({ meter: "training.Mrow_trees", modelVersionId: version?.id, subject: job.id });
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: cost?.amountMicros });
  expect(after.events).toEqual([
    ...["budget.reserved", "training.requested", "registered_model.created", "model_version.registered"],
    ...["run.ended", "training.succeeded"],
  ]);

  const sampleDigest = run?.outputs.find((o) => o.label === "parity_sample")?.id ?? "";
  const sample = paritySampleSchema.parse(JSON.parse((await deps.artifacts.get(sampleDigest)).toString()));
  expect(sample.features).toHaveLength(256);
  expect(sample.features[0]).toHaveLength(2);
  expect(sample.features.flat()).toContain(null);
  const seen = await inTenant(scope, (tx) => getJob(tx, scope, job.id));
  expect(seen).toMatchObject({ state: "succeeded", progress: null, modelName: "flight-late", versionId: version?.id });
});

test("a budget that cannot take the worst case refuses with an invoice, and nothing is trained", async () => {
  const scope = await project(3_599);
  const job = await request(scope);
  expect(job).toMatchObject({ state: "refused" });
  expect(job.reason).toContain("short by");
  expect(job.reason).toContain("Raise the limit");
  expect(await runTrainingJob(deps, scope, job.id)).toEqual({ state: "skipped" });
  const after = await state(scope);
  expect(after.events).toEqual(["budget.refused", "training.refused"]);
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: 0 });
});

async function openIncident(scope: Scope): Promise<string> {
  const id = newId("incident");
  const since = new Date(END - 86_400_000);
  await inTenant(scope, (tx) =>
    tx.insert(incidents).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id, kind: "unit_change", deploymentId: "dep_1" },
      ...{ title: "distance is now in kilometres", state: "open", dedupeKey: "k", evidence: {} },
      ...{ since, openedEventTime: since },
    }),
  );
  return id;
}

test("an open unit incident over the rows refuses: before admission and, opened later, before the start", async () => {
  const scope = await project();
  const early = await request(scope);
  const incident = await openIncident(scope);
  const late = await request(scope);
  expect(late).toMatchObject({ state: "refused", reason: expect.stringContaining(incident) });
  expect(await runTrainingJob(deps, scope, early.id)).toEqual({ state: "skipped" });
  const after = await state(scope);
  expect(after.jobs.map((j) => j.state)).toEqual(["refused", "refused"]);
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: 0 });
  expect(after.runs).toEqual([]);
});

test("an incident opened while the job trains keeps its model out, and nothing is charged", async () => {
  const scope = await project();
  const job = await request(scope);
  const loadRows: TrainingDeps["loadRows"] = async (where, query) => {
    await openIncident(scope);
    return seededRows(ROWS)(where, query);
  };
  const outcome = await runTrainingJob({ ...deps, loadRows }, scope, job.id);
  expect(outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("distance is now in kilometres") });
  const after = await state(scope);
  expect([after.versions, after.costs]).toEqual([[], []]);
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: 0 });
});

test("unknown parameters and an empty range are refused by name; no rows is a recorded refusal", async () => {
  const scope = await project();
  await expect(request(scope, { maxTreez: 1 })).rejects.toThrow("params.maxTreez");
  expect(await request(scope, {}, 0)).toMatchObject({ state: "refused", reason: expect.stringContaining("No row") });
  const backwards = inTenant(scope, (tx) =>
    requestTraining(
      tx,
      scope,
      { pipeline: "flight-late", cause: "manual", from: new Date(END), to: new Date(START) },
      { plugins },
    ),
  );
  await expect(backwards).rejects.toThrow("must be before");
});

test.each([
  ["too few rows", () => seededRows(80), "80 rows"],
  ["more rows than were admitted", () => seededRows(ROWS * 2), "more than were admitted"],
  [
    "a loader that names what is wrong",
    () => async () => {
      throw new AppError("unprocessable", "Column late is not in the stream.");
    },
    "Column late is not in the stream.",
  ],
])("%s: the job fails with the reason and gives its money back", async (_name, loadRows, reason) => {
  const scope = await project();
  const job = await request(scope);
  const outcome = await runTrainingJob({ ...deps, loadRows: loadRows() }, scope, job.id);
  expect(outcome).toMatchObject({ state: "failed", reason: expect.stringContaining(reason) });
  const after = await state(scope);
  expect(after.jobs[0]).toMatchObject({ state: "failed", reason: expect.stringContaining(reason) });
  expect(after.runs).toMatchObject([{ state: "failed", error: expect.stringContaining(reason) }]);
  expect(after.reservations).toMatchObject([{ state: "released" }]);
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: 0 });
  expect(after.events.at(-1)).toBe("training.failed");
});

test.each([
  ["ends", (tx: Tx, scope: Scope, runId: string) => updateRun(tx, scope, { runId, state: "finished" })],
  ["deletes", (tx: Tx, scope: Scope, runId: string) => trashRun(tx, scope, runId)],
])("a client that %s the training's run does not keep the job, or its money, from ending", async (_name, meddle) => {
  const scope = await project();
  const job = await request(scope);
  const loadRows: TrainingDeps["loadRows"] = async (where, query) => {
    const [run] = (await state(scope)).runs;
    await withTenant(deps.db, scope.teamId, (tx) => meddle(tx, scope, run?.id ?? ""));
    return deps.loadRows(where, query);
  };
  expect(await runTrainingJob({ ...deps, loadRows }, scope, job.id)).toMatchObject({ state: "failed" });
  const after = await state(scope);
  expect(after.jobs[0]).toMatchObject({ state: "failed" });
  expect(after.budget).toMatchObject({ reservedMicros: 0 });
});

test("trouble of the platform is thrown and tried again, for hours; after that the job is given up", async () => {
  const scope = await project();
  const job = await request(scope);
  const away = { ...deps, loadRows: () => Promise.reject(new Error("connection refused")) };
  for (let i = 0; i <= MOST_ATTEMPTS; i++) {
    await expect(runTrainingJob(away, scope, job.id)).rejects.toThrow("connection refused");
  }
  const asked = new Date(Date.now() - PATIENCE_MS);
  await inTenant(scope, (tx) => tx.update(trainingJobs).set({ createdAt: asked }).where(eq(trainingJobs.id, job.id)));
  expect(await runTrainingJob(away, scope, job.id)).toEqual({ state: "skipped" });
  const after = await state(scope);
  expect(after.jobs[0]).toMatchObject({ state: "failed", reason: expect.stringContaining("connection refused") });
  expect(after.runs.map((r) => r.state)).toEqual(Array(MOST_ATTEMPTS + 1).fill("killed"));
  expect(after.budget).toMatchObject({ reservedMicros: 0 });
});

test("a job under which workers died too often is given up at once", async () => {
  const scope = await project();
  const job = await request(scope);
  const died = { state: "running" as const, attempts: MOST_ATTEMPTS };
  await inTenant(scope, (tx) => tx.update(trainingJobs).set(died).where(eq(trainingJobs.id, job.id)));
  expect(await runTrainingJob(deps, scope, job.id)).toEqual({ state: "skipped" });
  const after = await state(scope);
  expect(after.jobs[0]).toMatchObject({ state: "failed", reason: expect.stringContaining("the worker stopped") });
  expect(after.budget).toMatchObject({ reservedMicros: 0 });
});

test("a range that ends in the future is asked for, and charged, on the day that the stream has reached", async () => {
  const scope = await project();
  const reached = new Date(END - DAY_MS / 2);
  await inTenant(scope, (tx) => advanceWatermark(tx, scope, reached.getTime()));
  const job = await request(scope, {}, ROWS, new Date("2101-01-01T00:00:00Z"));
  expect(job.eventTime).toEqual(reached);
  expect(await runTrainingJob(deps, scope, job.id)).toMatchObject({ state: "succeeded" });
  expect((await state(scope)).costs.map(({ from }) => from)).toEqual([new Date(END - DAY_MS)]);
});

test("a worker that stops breaks the training off; the next start finishes it, charged once", async () => {
  const scope = await project();
  const job = await request(scope, { maxTrees: 2_000, patience: 0 });
  const stop = new AbortController();
  const first = runTrainingJob({ ...deps, signal: stop.signal }, scope, job.id);
  await expect.poll(async () => (await state(scope)).jobs[0]?.progress?.step, { timeout: 20_000 }).toBe("train");
  stop.abort();
  await expect(first).rejects.toThrow("starts again with the worker");
  expect((await state(scope)).jobs[0]).toMatchObject({ state: "running", attempts: 1 });
  expect(await runTrainingJob(deps, scope, job.id)).toMatchObject({ state: "succeeded" });
  const after = await state(scope);
  expect(after.jobs[0]).toMatchObject({ state: "succeeded", attempts: 2, reason: null });
  expect(after.runs.map((r) => r.state)).toEqual(["killed", "finished"]);
  expect([after.versions.length, after.costs.length]).toEqual([1, 1]);
  expect(after.budget).toMatchObject({ reservedMicros: 0, committedMicros: after.costs[0]?.amountMicros });
});

test("two workers with the same job: one of them concludes", async () => {
  const scope = await project();
  const job = await request(scope);
  const outcomes = await Promise.all([runTrainingJob(deps, scope, job.id), runTrainingJob(deps, scope, job.id)]);
  expect(outcomes.map((o) => o.state).sort()).toEqual(["skipped", "succeeded"]);
  const after = await state(scope);
  expect([after.versions.length, after.costs.length]).toEqual([1, 1]);
});

test("kill -9 in the middle of a training: the next process finishes it, nothing is charged or registered twice", async () => {
  const scope = await project();
  const job = await request(scope, { maxTrees: 3_000, patience: 0 });
  const home = mkdtempSync(path.join(os.tmpdir(), "ballast-kill-"));
  const address = (file: string) => JSON.stringify(pathToFileURL(path.join(import.meta.dirname, file)).href);
  const code = `
    const { createDatabase } = await import(${JSON.stringify(pathToFileURL(path.join(import.meta.dirname, "../../db/src/index.ts")).href)});
    const { openPlugins, trainingDeps } = await import(${address("training-fixture.ts")});
    const { runTrainingJob } = await import(${address("run-training-job.ts")});
    const db = createDatabase(${JSON.stringify(t.appUrl)}, { max: 2 });
    await runTrainingJob(trainingDeps(db, await openPlugins(), ${ROWS}), ${JSON.stringify(scope)}, ${JSON.stringify(job.id)});`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: home,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const gone = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  await expect
    .poll(async () => (await state(scope)).jobs[0]?.progress?.step ?? complaint, { timeout: 30_000 })
    .toBe("train");
  child.kill("SIGKILL");
  expect(await gone).toBe("SIGKILL");
  expect((await state(scope)).jobs[0]).toMatchObject({ state: "running", attempts: 1 });
  expect(await runTrainingJob(deps, scope, job.id)).toMatchObject({ state: "succeeded" });
  const after = await state(scope);
  expect(after.runs.map((r) => r.state)).toEqual(["killed", "finished"]);
  expect([after.versions.length, after.costs.length, after.jobs[0]?.attempts]).toEqual([1, 1, 2]);
  expect(after.reservations).toMatchObject([{ state: "committed" }]);
  rmSync(home, { recursive: true, force: true });
});

test("a plugin that is not there fails the job by name", async () => {
  const scope = await project();
  const job = await request(scope);
  const elsewhere = { ...pluginSource, options: { folders: [os.tmpdir()] } };
  const outcome = await runTrainingJob({ ...deps, pluginSource: elsewhere }, scope, job.id);
  expect(outcome).toMatchObject({
    state: "failed",
    reason: expect.stringContaining('Trainer "gbdt" is not installed'),
  });
  const mine = and(eq(trainingJobs.projectId, scope.projectId), eq(trainingJobs.state, "failed"));
  expect(await inTenant(scope, (tx) => tx.select().from(trainingJobs).where(mine))).toHaveLength(1);
});
