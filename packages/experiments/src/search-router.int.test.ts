import type { Scope } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createCallerFactory } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePoints } from "./metric-write.ts";
import { experimentsRouter } from "./router.ts";
import { startRun } from "./runs.ts";

let t: TestDatabase;
let scope: Scope;
let runId: string;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
  await withTenant(t.db, scope.teamId, async (tx) => {
    const run = await startRun(tx, scope, { experiment: "flights", name: "r", codeVersion: "v", params: { depth: 3 } });
    runId = run.id;
    const metrics = [Number.NaN, Number.POSITIVE_INFINITY, 1].map((value, i) => ({
      key: "val loss",
      value,
      at: i,
      step: -i,
    }));
    await writePoints(tx, scope.teamId, [{ projectId: scope.projectId, runId, metrics }]);
  });
});
afterAll(() => t.close());

function caller() {
  const token = {
    ...{ tokenId: "tok_1", name: "ci", teamId: scope.teamId, projectId: scope.projectId },
    ...{ permissions: ["project.read" as const], expiresAt: null, serviceAccountId: null },
  };
  return createCallerFactory(experimentsRouter)({ db: t.db, identity: { kind: "token", token }, requestId: "test" });
}
const where = () => ({ team: scope.teamId.slice(-10), project: "project" });

test("search, columns, chart and metrics say NaN and infinity in words that JSON has", async () => {
  const api = caller();
  const found = await api.search({ ...where(), filter: "params.depth = '3'", orderBy: [{ by: "metrics.val loss" }] });
  expect(found).toMatchObject({
    total: 1,
    cursor: null,
    runs: [{ id: runId, experiment: "flights", state: "running" }],
  });
  expect(found.runs[0]?.metrics).toEqual({ "val loss": { last: "NaN", least: 1, greatest: "Infinity", lastStep: 0 } });
  expect((await api.columns(where())).metrics).toEqual([{ key: "val loss", runs: 1 }]);
  const charts = await api.chart({ ...where(), runIds: [runId, "run_none"], key: "val loss" });
  const values = [1, "Infinity", "NaN"];
  expect(charts).toEqual([
    { runId, exact: true, steps: [-2, -1, 0], last: values, least: values, greatest: values, at: [2, 1, 0], n: 3 },
  ]);
  expect(JSON.parse(JSON.stringify(charts))).toEqual(charts);
  expect(await api.metricsOf({ ...where(), runId })).toMatchObject([{ key: "val loss", firstStep: -2, points: 3 }]);
  expect((await api.complete({ ...where(), filter: "metrics.", position: 8 })).options).toContain("metrics.`val loss`");
});

test("bad input is named: the character of a filter, the field of the rest", async () => {
  const api = caller();
  await expect(api.search({ ...where(), filter: "metrics.a >> 1" })).rejects.toThrow("at character 11");
  await expect(api.search({ ...where(), orderBy: [{ by: "foo" }] })).rejects.toThrow("order_by");
  await expect(api.search({ ...where(), cursor: "x" })).rejects.toThrow("page_token");
  await expect(api.chart({ ...where(), runIds: [runId], key: "a", from: 5, to: 1 })).rejects.toThrow("from");
  await expect(api.metricsOf({ ...where(), runId: "run_none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
