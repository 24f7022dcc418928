import type { Permission, Scope } from "@ballast/core";
import { auditEvents, modelVersions, rateCards, trainingJobs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { reserve } from "@ballast/finops/server";
import { createCallerFactory, type Identity } from "@ballast/governance/trpc";
import type { PluginHost } from "@ballast/plugin-sdk";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTrainingRouter } from "./router.ts";
import { END, openPlugins, START, seedProject, spec } from "./training-fixture.ts";

let t: TestDatabase;
let plugins: PluginHost;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  plugins = await openPlugins();
  scope = await t.newScope();
  await seedProject(t.db, scope, plugins);
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
  return createCallerFactory(createTrainingRouter({ plugins }))({ db: t.db, identity, requestId: "test" });
}
const where = () => ({ team: scope.teamId.slice(-10), project: "project" });
const training = { pipeline: "flight-late", from: new Date(START), to: new Date(END) };

test("a request needs its own permission; what it answers is audited and listed", async () => {
  const reader = caller("project.read");
  await expect(reader.request({ ...where(), training })).rejects.toMatchObject({ code: "FORBIDDEN" });
  // Nothing was pushed and no dataset version accepted: the refusal is an answer, not an error.
  const job = await caller("training.request").request({ ...where(), training });
  expect(job).toMatchObject({ state: "refused", cause: "manual", createdBy: "ci" });
  expect(await reader.jobs(where())).toMatchObject([{ id: job.id, pipeline: "flight-late", reservedMicros: null }]);
  expect(await reader.jobs({ ...where(), states: ["queued"] })).toEqual([]);
  expect(await reader.job({ ...where(), jobId: job.id })).toMatchObject({ reason: expect.stringContaining("No row") });
  await expect(reader.job({ ...where(), jobId: "trn_x" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const audited = await withTenant(t.db, scope.teamId, (tx) => tx.select().from(auditEvents));
  expect(audited.map((a) => [a.actorName, a.action])).toContainEqual(["ci", "training.request"]);
});

test("a job names the currency of its money and the number of the version it made", async () => {
  const reader = caller("project.read", "training.request");
  const { id } = await reader.request({ ...where(), training });
  expect(await reader.job({ ...where(), jobId: id })).toMatchObject({ currency: null, version: null });
  const { teamId, projectId } = scope;
  await withTenant(t.db, teamId, async (tx) => {
    await tx.insert(rateCards).values({ teamId, projectId, id: "rc_eur", card: { currency: "EUR", rates: {} } });
    const ask = { subject: id, amountMicros: 900, eventTime: new Date(END) };
    const { reservation } = await reserve(tx, scope, ask);
    await tx.insert(modelVersions).values({
      ...{ teamId, projectId, id: "mv_made", modelId: "mdl_made", version: 7, metrics: {} },
      lineage: {
        ...{ runId: null, trainingJobId: id, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
      ...{ cause: "manual", createdBy: "test" },
    });
    const made = { reservationId: reservation.id, versionId: "mv_made" };
    await tx.update(trainingJobs).set(made).where(eq(trainingJobs.id, id));
  });
  const made = { currency: "EUR", version: 7, reservedMicros: 900 };
  expect(await reader.job({ ...where(), jobId: id })).toMatchObject(made);
  expect((await reader.jobs(where())).find((job) => job.id === id)).toMatchObject(made);
});

test("bad input is refused by field, unknown names by name", async () => {
  const writer = caller("training.request", "policy.write", "project.read");
  const same = [spec.features[0], spec.features[0]].filter((f) => f !== undefined);
  const twice = { name: "p", spec: { ...spec, features: same } };
  await expect(writer.definePipeline({ ...where(), pipeline: twice })).rejects.toThrow("same input name");
  const elsewhere = { ...training, pipeline: "nope" };
  await expect(writer.request({ ...where(), training: elsewhere })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const rule = { kind: "calibration" as const, days: 3, limit: 0.05, cooldownDays: 7, trainDays: 21 };
  const policy = { name: "calibration", deployment: "flight-late", pipeline: "flight-late", spec: rule };
  await expect(writer.definePolicy({ ...where(), policy })).rejects.toThrow('Deployment "flight-late"');
  const never = { ...policy, spec: { ...rule, cooldownDays: 0 } };
  await expect(writer.definePolicy({ ...where(), policy: never })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect(await writer.pipelines(where())).toMatchObject([{ name: "flight-late", spec: { trainer: "gbdt" } }]);
});
