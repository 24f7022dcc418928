import type { Scope } from "@ballast/core";
import { type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createExperiment, trashExperiment } from "./experiments.ts";
import {
  addLoggedModelParams,
  createLoggedModel,
  finishLoggedModel,
  getLoggedModel,
  restoreLoggedModel,
  tagLoggedModel,
  trashLoggedModel,
  untagLoggedModel,
} from "./logged-models.ts";
import { logRunInputs, logRunOutputs } from "./run-links.ts";
import { getRun, startRun, trashRun } from "./runs.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

async function place() {
  const scope = await t.newScope();
  const { id: experimentId } = await inTenant(scope, (tx) => createExperiment(tx, scope, { name: "e" }));
  const run = await inTenant(scope, (tx) => startRun(tx, scope, { experimentId, name: "r" }));
  const model = await inTenant(scope, (tx) =>
    createLoggedModel(tx, scope, { experimentId, name: "m", sourceRunId: run.id, params: { depth: "3" } }),
  );
  return { scope, experimentId, runId: run.id, model };
}

test("a logged model gains parameters and tags, is finished, trashed and restored; another project sees none of it", async () => {
  const { scope, experimentId, model } = await place();
  const other = await t.newScope();
  expect(model.id).toMatch(/^m-[0-9a-f]{32}$/);
  expect(model.state).toBe("pending");
  const on = <T>(fn: (tx: Tx) => Promise<T>) => inTenant(scope, fn);
  await on((tx) => addLoggedModelParams(tx, scope, model.id, { depth: "3", seed: "1" }));
  const changed = on((tx) => addLoggedModelParams(tx, scope, model.id, { rate: "1", depth: "4" }));
  await expect(changed).rejects.toMatchObject({ code: "conflict", details: { was: "3", given: "4" } });
  await on((tx) => tagLoggedModel(tx, scope, model.id, { a: "b", c: "d" }));
  await on((tx) => untagLoggedModel(tx, scope, model.id, "a"));
  await expect(on((tx) => untagLoggedModel(tx, scope, model.id, "a"))).rejects.toMatchObject({ code: "not_found" });
  await on((tx) => finishLoggedModel(tx, scope, model.id, "ready"));
  expect(await on((tx) => getLoggedModel(tx, scope, model.id))).toMatchObject({
    ...{ state: "ready", params: { depth: "3", seed: "1" }, tags: { c: "d" }, deletedAt: null },
  });
  await on((tx) => trashLoggedModel(tx, scope, model.id));
  const tagged = on((tx) => tagLoggedModel(tx, scope, model.id, { a: "b" }));
  await expect(tagged).rejects.toMatchObject({ code: "not_found" });
  await on((tx) => restoreLoggedModel(tx, scope, model.id));
  expect((await on((tx) => getLoggedModel(tx, scope, model.id))).deletedAt).toBeNull();
  // The same team's other project, which Row Level Security does not keep apart.
  const sibling = { ...scope, projectId: other.projectId };
  for (const foreign of [other, sibling]) {
    const seen = inTenant(foreign, (tx) => getLoggedModel(tx, foreign, model.id));
    await expect(seen).rejects.toMatchObject({ code: "not_found" });
    const made = inTenant(foreign, (tx) => createLoggedModel(tx, foreign, { experimentId, name: "m" }));
    await expect(made).rejects.toMatchObject({ code: "not_found" });
  }
  await on((tx) => trashExperiment(tx, scope, experimentId));
  const late = on((tx) => createLoggedModel(tx, scope, { experimentId, name: "m" }));
  await expect(late).rejects.toMatchObject({ code: "conflict" });
});

test("what a run read and made is noted once, with the tags of every time, and only of its own project", async () => {
  const { scope, runId, model } = await place();
  const theirs = await place();
  const dataset = { name: "flights", digest: "d1", sourceType: "local", source: "{}", schema: "{}" };
  const inputs = (context: string) => ({ datasets: [{ ...dataset, tags: { [context]: "yes" } }], models: [model.id] });
  const log = (given: Parameters<typeof logRunInputs>[3]) =>
    inTenant(scope, (tx) => logRunInputs(tx, scope, runId, given));
  await log(inputs("training"));
  await log(inputs("validation"));
  // Another schema of the same digest: the first description stays.
  await log({
    datasets: [
      { ...dataset, schema: "other" },
      { ...dataset, digest: "d2" },
    ],
  });
  await inTenant(scope, (tx) => logRunOutputs(tx, scope, runId, [{ modelId: model.id, step: 3 }]));
  await inTenant(scope, (tx) => logRunOutputs(tx, scope, runId, [{ modelId: model.id, step: 5 }]));
  const { links } = await inTenant(scope, (tx) => getRun(tx, scope, runId));
  expect(links.datasets.map(({ dataset: d, tags }) => [d.digest, d.schema, tags])).toEqual([
    ["d1", "{}", { training: "yes", validation: "yes" }],
    ["d2", "{}", {}],
  ]);
  expect(links.inputModels).toEqual([{ modelId: model.id }]);
  expect(links.outputModels).toEqual([{ modelId: model.id, step: 5 }]);
  await expect(log({ models: [theirs.model.id] })).rejects.toMatchObject({ code: "not_found" });
  const foreign = inTenant(theirs.scope, (tx) => logRunInputs(tx, theirs.scope, runId, { datasets: [dataset] }));
  await expect(foreign).rejects.toMatchObject({ code: "not_found" });
  await inTenant(scope, (tx) => trashRun(tx, scope, runId));
  await expect(log({ datasets: [dataset] })).rejects.toMatchObject({ code: "conflict" });
});
