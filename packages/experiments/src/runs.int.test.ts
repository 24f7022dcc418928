import type { Scope } from "@ballast/core";
import { type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listExperiments } from "./experiments.ts";
import { listRuns } from "./list-runs.ts";
import { finishRun, getRun, logInputs, logMetrics, logParams, startRun } from "./runs.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const start = (scope: Scope, name: string, more: Partial<Parameters<typeof startRun>[2]> = {}) =>
  inTenant(scope, (tx) => startRun(tx, scope, { experiment: "flights", name, codeVersion: "abc", ...more }));

test("a run holds its params, its last metrics, its inputs once and its outputs", async () => {
  const scope = await t.newScope();
  const { id } = await start(scope, "first", { params: { maxTrees: 100 } });
  const input = { kind: "dataset_version", id: "dsv_1", label: "flights v1" } as const;
  await inTenant(scope, async (tx) => {
    await logParams(tx, scope, id, { maxTrees: 100, learningRate: 0.1 });
    await logMetrics(tx, scope, id, { auc: 0.6, loss: 2 });
    await logMetrics(tx, scope, id, { auc: 0.7 });
    await logInputs(tx, scope, id, [input]);
    await logInputs(tx, scope, id, [input]);
  });
  const outputs = [{ kind: "artifact", id: "d1", label: "model.onnx" } as const];
  const end = () =>
    inTenant(scope, (tx) => finishRun(tx, scope, { runId: id, state: "finished", metrics: { brier: 0.1 }, outputs }));
  await end();
  await end();
  const run = await inTenant(scope, (tx) => getRun(tx, scope, id));
  expect(run).toMatchObject({
    experiment: "flights",
    state: "finished",
    params: { maxTrees: 100, learningRate: 0.1 },
    metrics: { auc: 0.7, loss: 2, brier: 0.1 },
    inputs: [input],
    outputs,
  });
  expect(run.endedAt).not.toBeNull();
});

test("a parameter that changes, a NaN metric, an ended run and a foreign one are refused", async () => {
  const scope = await t.newScope();
  const other = await t.newScope();
  const { id } = await start(scope, "r", { params: { depth: 3 } });
  await expect(inTenant(scope, (tx) => logParams(tx, scope, id, { depth: 4 }))).rejects.toThrow("params.depth");
  await expect(inTenant(scope, (tx) => logMetrics(tx, scope, id, { auc: Number.NaN }))).rejects.toThrow("metrics.auc");
  await expect(inTenant(other, (tx) => getRun(tx, other, id))).rejects.toThrow("does not exist");
  await inTenant(scope, (tx) => finishRun(tx, scope, { runId: id, state: "failed", error: "no rows" }));
  await expect(inTenant(scope, (tx) => logMetrics(tx, scope, id, { auc: 1 }))).rejects.toThrow("failed");
  await expect(inTenant(scope, (tx) => finishRun(tx, scope, { runId: id, state: "finished" }))).rejects.toThrow(
    "already",
  );
});

test("runs are filtered, sorted by what they measured, and paged without gaps or repeats", async () => {
  const scope = await t.newScope();
  for (let i = 0; i < 9; i++) {
    const run = await start(scope, `run-${i}`, {
      experiment: i % 3 === 0 ? "a" : "b",
      params: { maxTrees: 10 * (9 - i) },
      tags: { cause: i % 2 === 0 ? "policy:calibration" : "manual" },
    });
    if (i !== 4) await inTenant(scope, (tx) => logMetrics(tx, scope, run.id, { auc: ((i * 5) % 9) / 10 }));
    if (i < 2) await inTenant(scope, (tx) => finishRun(tx, scope, { runId: run.id, state: "finished" }));
  }
  const names = async (query: Parameters<typeof listRuns>[2]) =>
    (await inTenant(scope, (tx) => listRuns(tx, scope, query))).runs.map((r) => Number(r.name.slice(4)));
  const best = { sort: { by: "metric:auc", descending: true } };
  expect(await names(best)).toEqual([7, 5, 3, 1, 8, 6, 2, 0, 4]);
  expect((await names({ sort: { by: "metric:auc", descending: false } })).at(-1)).toBe(4);
  expect(await names({ sort: { by: "param:maxTrees", descending: false }, limit: 2 })).toEqual([8, 7]);
  expect(await names({ states: ["finished"] })).toEqual([1, 0]);
  expect(await names({ search: "un-3" })).toEqual([3]);
  expect(await names({ search: "POLICY", sort: { by: "name", descending: false } })).toEqual([0, 2, 4, 6, 8]);
  expect(await names({ tags: { cause: "manual" } })).toEqual([7, 5, 3, 1]);
  expect(await names({ search: "%" })).toEqual([]);
  const paged: number[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const page = await inTenant(scope, (tx) => listRuns(tx, scope, { ...best, offset: offset ?? 0, limit: 4 }));
    expect(page.total).toBe(9);
    paged.push(...page.runs.map((r) => Number(r.name.slice(4))));
    offset = page.nextOffset;
  }
  expect(paged).toEqual([7, 5, 3, 1, 8, 6, 2, 0, 4]);
  await expect(names({ sort: { by: "shoe size", descending: true } })).rejects.toThrow("sort.by");
  const counted = await inTenant(scope, (tx) => listExperiments(tx, scope));
  expect(counted.map((e) => [e.name, e.runs])).toEqual([
    ["a", 3],
    ["b", 6],
  ]);
});
