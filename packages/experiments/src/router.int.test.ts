import type { Permission, Scope } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createCallerFactory, type Identity } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { experimentsRouter } from "./router.ts";

let t: TestDatabase;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
});
afterAll(() => t.close());

function caller(...permissions: Permission[]) {
  const { teamId, projectId } = scope;
  const token = {
    tokenId: "tok_1",
    name: "ci",
    teamId,
    projectId,
    permissions,
    expiresAt: null,
    serviceAccountId: null,
  };
  const identity: Identity = { kind: "token", token };
  return createCallerFactory(experimentsRouter)({ db: t.db, identity, requestId: "test" });
}
const where = () => ({ team: scope.teamId.slice(-10), project: "project" });

test("a run from start to end over the API, and bad input by field", async () => {
  const [reader, writer] = [caller("project.read"), caller("experiment.write")];
  const run = { ...where(), experiment: "flights", name: "by hand", codeVersion: "v1" };
  await expect(reader.startRun(run)).rejects.toMatchObject({ code: "FORBIDDEN" });
  const { id: runId } = await writer.startRun(run);
  await writer.log({ ...where(), runId, params: { depth: 3 }, metrics: { auc: 0.7 } });
  const nan = writer.log({ ...where(), runId, metrics: { auc: Number.NaN } });
  await expect(nan).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await writer.finishRun({ ...where(), runId, state: "finished" });
  await expect(writer.finishRun({ ...where(), runId, state: "failed" })).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await reader.run({ ...where(), runId })).toMatchObject({
    state: "finished",
    createdBy: "ci",
    metrics: { auc: 0.7 },
  });
  expect(await reader.runs({ ...where(), query: { states: ["finished"] } })).toMatchObject({
    total: 1,
    nextOffset: null,
  });
  expect(await reader.experiments(where())).toMatchObject([{ name: "flights", runs: 1 }]);
  await expect(reader.run({ ...where(), runId: "run_x" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a batch over the API carries NaN and infinity; a trashed run or experiment is refused, and restored as it was", async () => {
  const [reader, writer] = [caller("project.read"), caller("experiment.write")];
  const { id: experimentId } = await writer.createExperiment({ ...where(), name: "nested", tags: { a: "b" } });
  const again = writer.createExperiment({ ...where(), name: "nested" });
  await expect(again).rejects.toMatchObject({ code: "CONFLICT" });
  const { id: runId } = await writer.startRun({ ...where(), experimentId, name: "outer", parentId: "run_p" });
  const one = { ...where(), runId };
  const metrics = [Number.NaN, "Infinity" as const, 1].map((value, step) => ({ key: "loss", value, at: 5, step }));
  await writer.logBatch({ ...one, metrics, params: { depth: 3 }, tags: { note: "x" } });
  await writer.logInputs({ ...one, datasets: [{ name: "d", digest: "1", sourceType: "local", source: "{}" }] });
  expect((await reader.history({ ...one, key: "loss" })).points).toEqual([
    { at: 5, step: 0, value: Number.NaN },
    { at: 5, step: 1, value: Number.POSITIVE_INFINITY },
    { at: 5, step: 2, value: 1 },
  ]);
  await writer.updateRun({ ...one, state: "finished", name: "renamed" });
  await writer.updateRun({ ...one, state: "running" });
  await writer.untagRun({ ...one, key: "note" });
  const run = await reader.run(one);
  expect(run).toMatchObject({
    name: "renamed",
    state: "running",
    endedAt: null,
    parentId: "run_p",
    metrics: { loss: 1 },
  });
  expect(run.tags).toEqual({ "mlflow.runName": "renamed" });
  expect(run.links.datasets).toMatchObject([{ dataset: { name: "d", digest: "1" }, tags: {} }]);

  const { id: other } = await writer.startRun({ ...where(), experimentId, name: "trashed before" });
  await writer.trashRun({ ...where(), runId: other });
  await expect(writer.tagRun({ ...where(), runId: other, tags: { a: "b" } })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  await writer.trashExperiment({ ...where(), experimentId });
  await expect(writer.logBatch({ ...one, tags: { a: "b" } })).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(writer.restoreRun(one)).rejects.toMatchObject({ code: "CONFLICT" });
  // The name is free; and taken when its first owner wants it back.
  const { id: second } = await writer.createExperiment({ ...where(), name: "nested" });
  const restore = () => writer.restoreExperiment({ ...where(), experimentId });
  await expect(restore()).rejects.toMatchObject({ code: "CONFLICT" });
  await writer.renameExperiment({ ...where(), experimentId: second, name: "other" });
  await restore();
  expect((await reader.run(one)).deletedAt).toBeNull();
  expect((await reader.run({ ...where(), runId: other })).deletedAt).not.toBeNull();
  const experiments = await reader.experiments(where());
  expect(experiments.map((e) => [e.name, e.runs])).toEqual(
    expect.arrayContaining([
      ["nested", 1],
      ["other", 0],
    ]),
  );
});
