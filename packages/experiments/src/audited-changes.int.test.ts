/** Every change of the tracking services is told once, by whom and of what; the stream of a run's metrics, parameters and tags is not. */
import type { Scope } from "@ballast/core";
import { type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createCallerFactory, type Identity } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLoggedModel, finishLoggedModel } from "./logged-models.ts";
import { experimentsRouter } from "./router.ts";
import { logRunOutputs } from "./run-links.ts";
import { startRun } from "./runs.ts";
import { TrackingWriter } from "./tracking-writer.ts";

let t: TestDatabase;
let scope: Scope;
let cursor = 0;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
});
afterAll(() => t.close());

const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const where = () => ({ team: scope.teamId.slice(-10), project: "project" });
function api() {
  const { teamId, projectId } = scope;
  const permissions = ["experiment.write" as const];
  const token = {
    ...{ tokenId: "tok_1", name: "ci", teamId, projectId, permissions },
    ...{ expiresAt: null, serviceAccountId: null },
  };
  const identity: Identity = { kind: "token", token };
  return createCallerFactory(experimentsRouter)({ db: t.db, identity, requestId: "test" });
}

/** `action subject` of what was audited since the last look. */
async function told(): Promise<string[]> {
  const rows = await t.owner.sql`select action, subject from audit_events
    where team_id = ${scope.teamId} order by created_at, id offset ${cursor}`;
  cursor += rows.length;
  return rows.map(({ action, subject }) => `${action} ${subject}`);
}

test("each change over the API is one audit event", async () => {
  const { id: experimentId } = await api().createExperiment({ ...where(), name: "flights" });
  const e = { ...where(), experimentId };
  expect(await told()).toEqual([`experiment.create ${experimentId}`]);
  await api().renameExperiment({ ...e, name: "late flights" });
  await api().tagExperiment({ ...e, tags: { a: "b", c: "d" } });
  await api().untagExperiment({ ...e, key: "a" });
  const { id: runId } = await api().startRun({ ...where(), experimentId, name: "first" });
  const r = { ...where(), runId };
  await api().updateRun({ ...r, name: "renamed" });
  await api().tagRun({ ...r, tags: { note: "x".repeat(5000) } });
  await api().untagRun({ ...r, key: "note" });
  await api().logInputs({ ...r, datasets: [{ name: "d", digest: "1", sourceType: "local", source: "{}" }] });
  await api().finishRun({ ...r, state: "finished" });
  await api().trashRun(r);
  await api().restoreRun(r);
  await api().trashExperiment(e);
  await api().restoreExperiment(e);
  expect(await told()).toEqual([
    ...["rename", "tag", "untag"].map((verb) => `experiment.${verb} ${experimentId}`),
    ...["start", "update", "tag", "untag", "log_inputs", "finish", "trash", "restore"].map((v) => `run.${v} ${runId}`),
    ...["trash", "restore"].map((verb) => `experiment.${verb} ${experimentId}`),
  ]);
  const [tagged] = await t.owner.sql`select actor_name, pg_column_size(detail) size from audit_events
    where team_id = ${scope.teamId} and action = 'run.tag'`;
  expect(tagged?.actor_name).toBe("ci");
  expect(Number(tagged?.size)).toBeLessThan(500);
});

test("what changes nothing and what is refused is not told", async () => {
  const { id: runId } = await api().startRun({ ...where(), experiment: "idle", name: "r" });
  const [created] = (await told()).filter((line) => line.startsWith("experiment.create"));
  const experimentId = created?.split(" ")[1] ?? "";
  const r = { ...where(), runId };
  await api().restoreRun(r);
  await api().restoreExperiment({ ...where(), experimentId });
  await expect(api().untagRun({ ...r, key: "nope" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(api().createExperiment({ ...where(), name: "idle" })).rejects.toMatchObject({ code: "CONFLICT" });
  await api().finishRun({ ...r, state: "failed" });
  await api().finishRun({ ...r, state: "failed" });
  await api().trashRun(r);
  await api().trashRun(r);
  expect(await told()).toEqual([`run.finish ${runId}`, `run.trash ${runId}`]);
});

test("services and the writer tell starts, models and outputs once, and never the stream", async () => {
  const writer = new TrackingWriter(t.db);
  const [a, b] = await Promise.all([
    writer.startRun(scope, { name: "a" }), // makes the default experiment
    writer.startRun(scope, { name: "b" }),
  ]);
  expect((await told()).sort()).toEqual(
    [`experiment.create ${a.experimentId}`, `run.start ${a.id}`, `run.start ${b.id}`].sort(),
  );
  const metrics = [{ key: "loss", value: 1, at: 5, step: 0 }];
  await writer.logBatch(scope, a.id, { metrics, params: [{ key: "p", value: "1" }], tags: [{ key: "t", value: "1" }] });
  await api().log({ ...where(), runId: a.id, params: { depth: 3 }, metrics: { auc: 1 } });
  await api().logBatch({ ...where(), runId: a.id, tags: { note: "x" } });
  expect(await told()).toEqual([]);

  const run = await inTenant((tx) => startRun(tx, scope, { experiment: "Default", name: "of a service" }));
  const model = await inTenant((tx) => createLoggedModel(tx, scope, { experimentId: run.experimentId, name: "m" }));
  await inTenant((tx) => finishLoggedModel(tx, scope, model.id, "ready"));
  await inTenant((tx) => logRunOutputs(tx, scope, run.id, [{ modelId: model.id }]));
  const m = { ...where(), modelId: model.id };
  await api().tagLoggedModel({ ...m, tags: { a: "b" } });
  await api().untagLoggedModel({ ...m, key: "a" });
  await api().trashLoggedModel(m);
  await api().trashLoggedModel(m);
  await api().restoreLoggedModel(m);
  expect(await told()).toEqual([
    `run.start ${run.id}`,
    ...["create", "finish"].map((verb) => `logged_model.${verb} ${model.id}`),
    `run.log_outputs ${run.id}`,
    ...["tag", "untag", "trash", "restore"].map((verb) => `logged_model.${verb} ${model.id}`),
  ]);
});
