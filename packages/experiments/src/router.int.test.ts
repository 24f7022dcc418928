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
  const token = { tokenId: "tok_1", name: "ci", teamId, projectId, permissions, expiresAt: null };
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
