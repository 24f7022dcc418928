import { newId, PERMISSIONS, type Scope } from "@ballast/core";
import {
  approvalRules,
  artifactEntries,
  deployments,
  experiments,
  loggedModels,
  metricPoints,
  metricSeries,
  modelAliases,
  modelVersions,
  projects,
  registeredModels,
  runLinks,
  runs,
  type Tx,
  trackedDatasets,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyExperiment, copyRuns } from "./copy-runs.ts";
import { moveExperiment, moveRuns } from "./move-runs.ts";
import { copyModel, moveModel } from "./transfer-model.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const mineOf = ({ teamId, projectId }: Scope) => ({ teamId, projectId });

/** A team with two projects, `project` and `other`. */
async function twoProjects(): Promise<{ scope: Scope; other: Scope }> {
  const scope = await t.newScope();
  const other = { ...scope, projectId: newId("project") };
  await inTenant(scope, (tx) =>
    tx.insert(projects).values({ id: other.projectId, teamId: scope.teamId, slug: "other", name: "Other" }),
  );
  return { scope, other };
}

async function newRun(scope: Scope, experimentId: string, more: Partial<typeof runs.$inferInsert> = {}) {
  const mine = mineOf(scope);
  const id = newId("run");
  const model = `m-${id
    .slice(-12)
    .padStart(32, "0")
    .replace(/[^0-9a-f]/g, "0")}`;
  await inTenant(scope, async (tx) => {
    await tx.insert(runs).values({
      ...{ ...mine, id, experimentId, name: "r", state: "finished", params: { depth: 3 }, tags: { a: "b" } },
      ...{ inputs: [], outputs: [], codeVersion: "", createdBy: "ada", endedAt: new Date() },
      ...more,
    });
    const [series] = await tx
      .insert(metricSeries)
      .values({ ...mine, runId: id, key: "loss", lastStep: 1, lastAt: 1, last: 2, firstStep: 0, received: 2 })
      .returning({ no: metricSeries.no });
    const at = { teamId: scope.teamId, series: series?.no ?? 0 };
    await tx.insert(metricPoints).values([1, 2].map((value) => ({ ...at, step: value, at: value, value })));
    const data = { ...mine, name: "titanic", digest: "d", sourceType: "local", source: "{}" };
    await tx
      .insert(trackedDatasets)
      .values({ ...data, id: newId("trackedDataset") })
      .onConflictDoNothing();
    const [dataset] = await tx.select().from(trackedDatasets).where(eq(trackedDatasets.projectId, scope.projectId));
    await tx.insert(loggedModels).values({
      ...{ ...mine, id: model, experimentId, sourceRunId: id, name: "clf", state: "ready", createdBy: "ada" },
    });
    await tx.insert(runLinks).values([
      { ...mine, runId: id, kind: "input_dataset", targetId: dataset?.id ?? "" },
      { ...mine, runId: id, kind: "output_model", targetId: model },
    ]);
    await tx.insert(artifactEntries).values([
      { ...mine, ownerId: id, path: "model/MLmodel", digest: "a".repeat(64), sizeBytes: 10 },
      { ...mine, ownerId: model, path: "MLmodel", digest: "b".repeat(64), sizeBytes: 20 },
    ]);
  });
  return { id, model };
}

async function newExperiment(scope: Scope, name: string): Promise<string> {
  const id = newId("experiment");
  await inTenant(scope, (tx) => tx.insert(experiments).values({ ...mineOf(scope), id, name }));
  return id;
}

/** All a project holds of runs, by run: experiment, parent, points, links and files. */
async function contents(scope: Scope) {
  return inTenant(scope, async (tx) => {
    const found = await tx
      .select({ run: runs, experiment: experiments.name })
      .from(runs)
      .innerJoin(experiments, and(eq(experiments.id, runs.experimentId), eq(experiments.projectId, scope.projectId)))
      .where(eq(runs.projectId, scope.projectId))
      .orderBy(asc(runs.id));
    return Promise.all(
      found.map(async ({ run, experiment }) => {
        const points = await tx
          .select({ value: metricPoints.value })
          .from(metricPoints)
          .innerJoin(metricSeries, eq(metricSeries.no, metricPoints.series))
          .where(and(eq(metricSeries.runId, run.id), eq(metricSeries.projectId, scope.projectId)));
        const links = await tx
          .select({ link: runLinks, dataset: trackedDatasets, model: loggedModels })
          .from(runLinks)
          .leftJoin(
            trackedDatasets,
            and(eq(trackedDatasets.id, runLinks.targetId), eq(trackedDatasets.projectId, runLinks.projectId)),
          )
          .leftJoin(
            loggedModels,
            and(eq(loggedModels.id, runLinks.targetId), eq(loggedModels.projectId, runLinks.projectId)),
          )
          .where(and(eq(runLinks.runId, run.id), eq(runLinks.projectId, scope.projectId)));
        const files = await tx
          .select()
          .from(artifactEntries)
          .where(and(eq(artifactEntries.ownerId, run.id), eq(artifactEntries.projectId, scope.projectId)));
        return {
          ...{ id: run.id, experiment, parent: run.parentId, origin: run.tags["ballast.origin"] ?? null },
          values: points.map(({ value }) => value).sort(),
          links: links.map(({ dataset, model }) => dataset?.name ?? model?.name ?? "nothing").sort(),
          files: files.map(({ path }) => path),
        };
      }),
    );
  });
}
const whole = { values: [1, 2], links: ["clf", "titanic"], files: ["model/MLmodel"] };

test("runs move with what is nested in them, keep their ids, and leave nothing behind", async () => {
  const { scope, other } = await twoProjects();
  const experiment = await newExperiment(scope, "e");
  const parent = await newRun(scope, experiment);
  const child = await newRun(scope, experiment, { parentId: parent.id });
  const stays = await newRun(scope, experiment);
  const moved = await inTenant(scope, (tx) =>
    moveRuns(tx, scope, { runIds: [parent.id], to: "other", experiment: "from e" }),
  );
  expect(moved.moved).toBe(2);
  const base = { ...whole, experiment: "from e", origin: null };
  expect(await contents(other)).toEqual([
    { ...base, id: parent.id, parent: null },
    { ...base, id: child.id, parent: parent.id },
  ]);
  expect((await contents(scope)).map(({ id, links }) => [id, links])).toEqual([[stays.id, whole.links]]);
  await expect(
    inTenant(scope, (tx) => moveRuns(tx, scope, { runIds: [parent.id], to: "other", experiment: "e" })),
  ).rejects.toMatchObject({ code: "not_found" });
  const back = await inTenant(scope, (tx) =>
    moveExperiment(tx, other, { experimentId: moved.experimentId, to: "project" }),
  );
  expect(back.moved).toBe(2);
  expect(await contents(other)).toEqual([]);
  expect((await contents(scope)).map(({ experiment }) => experiment)).toEqual(["from e", "from e", "e"]);
});

test("within a project a run's logged models go along to the other experiment, so that the first can be deleted without them", async () => {
  const { scope } = await twoProjects();
  const run = await newRun(scope, await newExperiment(scope, "e"));
  const { experimentId } = await inTenant(scope, (tx) =>
    moveRuns(tx, scope, { runIds: [run.id], to: "project", experiment: "later" }),
  );
  const [model] = await inTenant(scope, (tx) => tx.select().from(loggedModels).where(eq(loggedModels.id, run.model)));
  expect(model?.experimentId).toBe(experimentId);
  expect(await contents(scope)).toEqual([{ ...whole, id: run.id, experiment: "later", parent: null, origin: null }]);
});

test("what cannot move says why: running, registered from, a taken name, another team, a program", async () => {
  const { scope } = await twoProjects();
  const experiment = await newExperiment(scope, "e");
  const running = await newRun(scope, experiment, { state: "running", endedAt: null });
  const move = (runIds: string[], by = scope) =>
    inTenant(scope, (tx) => moveRuns(tx, by, { runIds, to: "other", experiment: "e" }));
  await expect(move([running.id])).rejects.toThrow("has not ended");
  const used = await newRun(scope, experiment);
  await newModel(scope, { loggedModelId: used.model, source: `models:/${used.model}` });
  await expect(move([used.id])).rejects.toThrow("was registered from one of the runs");
  const named = await newRun(scope, experiment);
  await newModel(scope, { source: `runs:/${named.id}/model` });
  await expect(move([named.id])).rejects.toThrow("was registered from one of the runs");
  const program = { id: "x", name: "ci", permissions: PERMISSIONS };
  for (const actor of [
    { ...program, type: "token" as const },
    { ...program, type: "service_account" as const, tokenId: "tok_1" },
  ])
    await expect(move([used.id], { ...scope, actor })).rejects.toMatchObject({ code: "forbidden" });
  const elsewhere = inTenant(scope, (tx) => moveRuns(tx, scope, { runIds: [used.id], to: "theirs", experiment: "e" }));
  await expect(elsewhere).rejects.toMatchObject({ code: "not_found" });
  const fallback = await newExperiment(scope, "Default");
  await expect(
    inTenant(scope, (tx) => moveExperiment(tx, scope, { experimentId: fallback, to: "other" })),
  ).rejects.toThrow("Default");
});

test("copies are whole, have ids of their own and name their origin; the original stays", async () => {
  const { scope, other } = await twoProjects();
  const experiment = await newExperiment(scope, "e");
  const parent = await newRun(scope, experiment);
  const child = await newRun(scope, experiment, { parentId: parent.id });
  const before = await contents(scope);
  const { copied } = await inTenant(scope, (tx) =>
    copyRuns(tx, scope, { runIds: [parent.id, child.id], to: "other", experiment: "copies" }),
  );
  const idOf = (id: string) => copied.find((one) => one.from === id)?.id ?? "";
  const base = { ...whole, experiment: "copies" };
  expect(await contents(other)).toEqual(
    [
      { ...base, id: idOf(parent.id), parent: null, origin: `project/${parent.id}` },
      { ...base, id: idOf(child.id), parent: idOf(parent.id), origin: `project/${child.id}` },
    ].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect(await contents(scope)).toEqual(before);
  const made = await inTenant(scope, (tx) => copyExperiment(tx, scope, { experimentId: experiment, to: "other" }));
  expect(made.copied).toBe(2);
  await expect(
    inTenant(scope, (tx) => copyExperiment(tx, scope, { experimentId: experiment, to: "other" })),
  ).rejects.toMatchObject({ code: "conflict", details: { field: "name" } });
  await expect(
    inTenant(scope, (tx) => moveExperiment(tx, scope, { experimentId: experiment, to: "other" })),
  ).rejects.toMatchObject({ code: "conflict", details: { field: "to" } });
});

test("an experiment of more runs than a copy takes says so of the experiment, not of a list that nobody sent", async () => {
  const { scope, other } = await twoProjects();
  const experimentId = await newExperiment(scope, "wide");
  const one = { ...mineOf(scope), experimentId, name: "r", params: {}, tags: {}, inputs: [], outputs: [] };
  const more = { state: "finished" as const, codeVersion: "", createdBy: "ada", endedAt: new Date() };
  const ids = Array.from({ length: 501 }, () => newId("run"));
  await inTenant(scope, (tx) => tx.insert(runs).values(ids.map((id) => ({ ...one, ...more, id }))));
  const copy = () => inTenant(scope, (tx) => copyExperiment(tx, scope, { experimentId, to: "other" }));
  const refusal = await copy().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "precondition_failed", details: { field: "experimentId", most: 500 } });
  expect(refusal).toMatchObject({ message: expect.stringMatching(/"wide" has more than 500 ended runs/) });
  expect(await contents(other)).toEqual([]);
  // Of those under way and in the trash there may be any number.
  const [running = "", trashed = ""] = ids;
  await inTenant(scope, async (tx) => {
    await tx.update(runs).set({ state: "running", endedAt: null }).where(eq(runs.id, running));
    await tx.update(runs).set({ deletedAt: new Date() }).where(eq(runs.id, trashed));
  });
  expect(await copy()).toMatchObject({ copied: 499 });
});

async function newModel(scope: Scope, more: Partial<typeof modelVersions.$inferInsert> = {}) {
  const modelId = newId("registeredModel");
  const id = newId("modelVersion");
  const mine = mineOf(scope);
  await inTenant(scope, async (tx) => {
    await tx.insert(registeredModels).values({ ...mine, id: modelId, name: `delay-${modelId.slice(-5)}` });
    await tx.insert(modelVersions).values({
      ...{ ...mine, id, modelId, version: 1, metrics: {}, cause: "manual", createdBy: "ada" },
      lineage: {
        ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
      ...more,
    });
    await tx.insert(modelAliases).values({ ...mine, modelId, alias: "best", versionId: id, movedBy: "ada" });
  });
  return { modelId, id };
}

test("a version whose run is gone moves as the ONNX file that it is, or not at all without one", async () => {
  const { scope, other } = await twoProjects();
  const gone = { source: "runs:/run_gone/model" };
  const { modelId, id } = await newModel(scope, { ...gone, digest: "d".repeat(64), sizeBytes: 5 });
  await inTenant(scope, (tx) => moveModel(tx, scope, { modelId, to: "other" }));
  const [moved] = await inTenant(scope, (tx) => tx.select().from(modelVersions).where(eq(modelVersions.id, id)));
  expect(moved).toMatchObject({ ...gone, projectId: other.projectId, loggedModelId: null, digest: "d".repeat(64) });
  const none = await newModel(scope, gone);
  const move = inTenant(scope, (tx) => moveModel(tx, scope, { modelId: none.modelId, to: "other" }));
  await expect(move).rejects.toThrow("it would arrive without them");
});

test("a model with a rule is moved by somebody who may change rules alone: its name would be free for one without", async () => {
  const { scope } = await twoProjects();
  const { modelId } = await newModel(scope);
  const rule = { ...mineOf(scope), modelId, alias: "prod", approvals: 1, createdBy: "ada" };
  await inTenant(scope, (tx) => tx.insert(approvalRules).values(rule));
  const move = (role: "engineer" | "admin") => {
    const by: Scope = { ...scope, actor: { type: "user", id: `usr_${role}`, name: role, role } };
    return inTenant(scope, (tx) => moveModel(tx, by, { modelId, to: "other" }));
  };
  await expect(move("engineer")).rejects.toMatchObject({
    ...{ code: "precondition_failed", details: { alias: "prod" }, message: expect.stringContaining('"prod"') },
  });
  expect(await move("admin")).toEqual({ versions: 1 });
});

test("a model whose files are not found stays, instead of arriving without them", async () => {
  const { scope } = await twoProjects();
  for (const source of ["models:/elsewhere/1", "mlflow-artifacts:/exp_1/run_gone/artifacts/model"]) {
    const { modelId } = await newModel(scope, { source });
    const move = () => inTenant(scope, (tx) => moveModel(tx, scope, { modelId, to: "other" }));
    await expect(move()).rejects.toMatchObject({ code: "precondition_failed" });
  }
});

test("the folder of a model may hold characters that JavaScript counts as two", async () => {
  const { scope, other } = await twoProjects();
  const run = await newRun(scope, await newExperiment(scope, "e"));
  const file = { ...mineOf(scope), ownerId: run.id, path: "𝛼/net/MLmodel", digest: "c".repeat(64), sizeBytes: 1 };
  await inTenant(scope, (tx) => tx.insert(artifactEntries).values(file));
  const { modelId } = await newModel(scope, { source: `runs:/${run.id}/𝛼/net` });
  await inTenant(scope, (tx) => moveModel(tx, scope, { modelId, to: "other" }));
  const there = await inTenant(scope, (tx) =>
    tx.select().from(artifactEntries).where(eq(artifactEntries.projectId, other.projectId)),
  );
  expect(there.map(({ path }) => path)).toEqual(["MLmodel"]);
});

test.each([
  ["runs:/", (_: string, run: string) => `runs:/${run}/model`],
  ["mlflow-artifacts:/", (experiment: string, run: string) => `mlflow-artifacts:/${experiment}/${run}/artifacts/model`],
])("a model of %s moves or is copied with its files; a deployed one stays", async (_name, sourceOf) => {
  const { scope, other } = await twoProjects();
  const experiment = await newExperiment(scope, "e");
  const run = await newRun(scope, experiment);
  const { modelId, id } = await newModel(scope, { source: sourceOf(experiment, run.id) });
  const version = async (of: Scope, model: string) => {
    const [row] = await inTenant(of, (tx) =>
      tx
        .select()
        .from(modelVersions)
        .where(and(eq(modelVersions.projectId, of.projectId), eq(modelVersions.modelId, model))),
    );
    const files = await inTenant(of, (tx) =>
      tx
        .select()
        .from(artifactEntries)
        .where(and(eq(artifactEntries.projectId, of.projectId), eq(artifactEntries.ownerId, row?.loggedModelId ?? ""))),
    );
    return { id: row?.id, files: files.map(({ path }) => path), origin: row?.tags["ballast.origin"] };
  };
  const copy = await inTenant(scope, (tx) => copyModel(tx, scope, { modelId, to: "other", name: "twin" }));
  expect(copy.modelId).not.toBe(modelId);
  expect(await version(other, copy.modelId)).toMatchObject({ files: ["MLmodel"], origin: `project/${id}` });
  const again = inTenant(scope, (tx) => copyModel(tx, scope, { modelId, to: "other", name: "twin" }));
  await expect(again).rejects.toMatchObject({ code: "conflict", details: { field: "name" } });
  const twin = inTenant(scope, (tx) => copyModel(tx, scope, { modelId, to: "other" }));
  await expect(
    twin.then(() => inTenant(scope, (tx) => moveModel(tx, scope, { modelId, to: "other" }))),
  ).rejects.toMatchObject({ code: "conflict", details: { field: "to" } });
  await inTenant(other, async (tx) => {
    const { modelId: extra } = await twin;
    await tx.update(registeredModels).set({ deletedAt: new Date() }).where(eq(registeredModels.id, extra));
  });
  expect(await inTenant(scope, (tx) => moveModel(tx, scope, { modelId, to: "other" }))).toEqual({ versions: 1 });
  expect(await version(other, modelId)).toMatchObject({ id, files: ["MLmodel"] });
  const [alias] = await inTenant(scope, (tx) =>
    tx.select().from(modelAliases).where(eq(modelAliases.modelId, modelId)),
  );
  expect(alias?.projectId).toBe(other.projectId);
  await inTenant(scope, (tx) =>
    tx.insert(deployments).values({
      ...{ ...mineOf(other), id: newId("deployment"), name: "late", modelId },
      routing: { champion: id, candidate: null, shadows: [], salt: "s" },
    }),
  );
  await expect(inTenant(scope, (tx) => moveModel(tx, other, { modelId, to: "project" }))).rejects.toThrow(
    "deployment late",
  );
});
