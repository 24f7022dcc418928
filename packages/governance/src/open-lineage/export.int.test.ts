import { newId, type Scope } from "@ballast/core";
import {
  experiments,
  modelVersions,
  registeredModels,
  runLinks,
  runs,
  type Tx,
  trackedDatasets,
  trainingJobs,
  trainingPipelines,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportLineage, lineageEventOf } from "./export.ts";
import { lineageUuid, type RunEvent } from "./run-event.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

/** A pipeline whose job made a run that failed, and a run of a client with a nested one, data and a registered version. */
async function fill(scope: Scope) {
  const { teamId, projectId } = scope;
  const mine = { teamId, projectId };
  const ids = { pipeline: newId("pipeline"), job: newId("trainingJob"), experiment: newId("experiment") };
  const [made, logged, nested] = [newId("run"), newId("run"), newId("run")];
  const dataset = newId("trackedDataset");
  await inTenant(scope, async (tx) => {
    const [started, ended] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T01:00:00Z")];
    await tx.insert(trainingPipelines).values({
      ...{ ...mine, id: ids.pipeline, name: "retrain", createdBy: "ada" },
      spec: {} as never,
    } as typeof trainingPipelines.$inferInsert);
    await tx.insert(trainingJobs).values({
      ...{ ...mine, id: ids.job, pipelineId: ids.pipeline, cause: "manual", state: "failed", reason: "no rows" },
      ...{ from: started, to: ended, params: {}, plan: { strategy: "canary" }, runId: made, createdBy: "ada" },
      ...{ startedAt: started, endedAt: ended },
    });
    await tx.insert(experiments).values({ ...mine, id: ids.experiment, name: "delays" });
    const run = { ...mine, experimentId: ids.experiment, name: "r", params: {}, outputs: [], createdBy: "ada" };
    await tx.insert(runs).values([
      {
        ...{ ...run, id: made, state: "failed", error: "no rows", codeVersion: "", tags: {}, startedAt: started },
        ...{ inputs: [{ kind: "stream", id: "flights", label: "flights" }], endedAt: ended },
      },
      {
        ...{
          ...run,
          id: logged,
          state: "finished",
          codeVersion: "abc",
          inputs: [],
          startedAt: started,
          endedAt: ended,
        },
        tags: { "mlflow.source.git.repoURL": "https://example.com/repo.git" },
      },
      {
        ...{ ...run, id: nested, state: "running", codeVersion: "", inputs: [], tags: {}, startedAt: started },
        parentId: logged,
      },
    ]);
    await tx.insert(trackedDatasets).values({
      ...{ ...mine, id: dataset, name: "titanic", digest: "d1", sourceType: "http" },
      source: JSON.stringify({ url: "https://example.com/titanic.csv" }),
      schema: JSON.stringify({ mlflow_colspec: [{ name: "age", type: "double", required: true }] }),
    });
    await tx.insert(runLinks).values({ ...mine, runId: logged, kind: "input_dataset", targetId: dataset });
    const modelId = newId("registeredModel");
    await tx.insert(registeredModels).values({ ...mine, id: modelId, name: "survival" });
    await tx.insert(modelVersions).values({
      ...{ ...mine, id: newId("modelVersion"), modelId, version: 7, metrics: {}, cause: "manual", createdBy: "ada" },
      lineage: {
        ...{ runId: logged, trainingJobId: null, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
    });
  });
  return { ...ids, made, logged, nested };
}

test("runs and jobs are told from start to end, with data, outputs, parents, code and errors; in pages, each once", async () => {
  const scope = await t.newScope();
  const ids = await fill(scope);
  const all: RunEvent[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = await inTenant(scope, (tx) => exportLineage(tx, scope, { limit: 1, after }));
    all.push(...page.events);
    if (page.next === null) break;
    after = page.next;
  }
  const typesOf = (id: string) =>
    all.filter((event) => (event.run as { runId: string }).runId === lineageUuid(id)).map(({ eventType }) => eventType);
  expect(typesOf(ids.job)).toEqual(["START", "FAIL"]);
  expect(typesOf(ids.made)).toEqual(["START", "FAIL"]);
  expect(typesOf(ids.logged)).toEqual(["START", "COMPLETE"]);
  expect(typesOf(ids.nested)).toEqual(["START"]);
  expect(all).toHaveLength(7);
  const newest = (id: string) => inTenant(scope, (tx) => lineageEventOf(tx, scope, id));
  const parentOf = (job: string, id: string) => ({
    run: { facets: { parent: { job: { name: job }, run: { runId: lineageUuid(id) } } } },
  });
  expect(await newest(ids.made)).toMatchObject({
    ...parentOf("retrain", ids.job),
    run: { facets: { ...parentOf("retrain", ids.job).run.facets, errorMessage: { message: "no rows" } } },
    job: { namespace: `ballast://${scope.teamId.slice(-10)}/project`, name: "delays" },
    inputs: [{ name: "stream/flights" }],
  });
  expect(await newest(ids.nested)).toMatchObject(parentOf("delays", ids.logged));
  expect(await newest(ids.logged)).toMatchObject({
    eventTime: "2026-01-01T01:00:00.000Z",
    job: { facets: { sourceCodeLocation: { version: "abc", repoUrl: "https://example.com/repo.git" } } },
    inputs: [
      {
        name: "titanic",
        facets: {
          schema: { fields: [{ name: "age", type: "double" }] },
          dataSource: { uri: "https://example.com/titanic.csv" },
          version: { datasetVersion: "d1" },
        },
      },
    ],
    outputs: [{ name: "models/survival", facets: { version: { datasetVersion: "7" } } }],
  });
  const other = await t.newScope();
  expect(await inTenant(other, (tx) => exportLineage(tx, other, { limit: 10, after: "run:" }))).toEqual({
    events: [],
    next: null,
  });
  expect(await inTenant(other, (tx) => lineageEventOf(tx, other, ids.logged))).toBeNull();
});
