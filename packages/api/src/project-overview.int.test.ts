import type { Permission, Scope } from "@ballast/core";
import { domainEvents, emit, modelVersions, monitorWindows, performanceDays, projects, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createDeployment } from "@ballast/delivery/server";
import { createCallerFactory, type Identity, router } from "@ballast/governance/trpc";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loopRouter } from "./loop-router.ts";
import { overviewRouter } from "./overview-router.ts";

let t: TestDatabase;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
});
afterAll(() => t.close());

const pages = router({ overview: overviewRouter, loop: loopRouter });
function caller(of: Scope, ...permissions: Permission[]) {
  const token = {
    tokenId: "tok_1",
    name: "ci",
    teamId: of.teamId,
    projectId: of.projectId,
    permissions,
    expiresAt: null,
    serviceAccountId: null,
  };
  const identity: Identity = { kind: "token", token };
  return createCallerFactory(pages)({ db: t.db, identity, requestId: "test" });
}
const where = (of: Scope) => ({ team: of.teamId.slice(-10), project: "project" });
const day = (date: number) => new Date(Date.UTC(2001, 1, date));

const tally = (predictions: number) => ({
  ...{
    predictions,
    errors: 1,
    duplicates: 0,
    outcomes: 0,
    outcomeDuplicates: 0,
    outcomeCorrections: 0,
    outcomeUnknown: 0,
  },
  ...{ sourceRows: 0, versions: {}, p50Ms: 1, p99Ms: 2, rowsChecked: 0, mismatches: 0, processingMs: 5 },
});

async function deploymentWithDays(of: Scope, name: string, days: { date: number; predictions: number }[]) {
  return withTenant(t.db, of.teamId, async (tx) => {
    const shape = { sloMs: 25, deadlineMs: 1000, assignmentColumn: null, timeColumn: null };
    const { id } = await createDeployment(tx, of, { name, modelName: name, ...shape });
    for (const { date, predictions } of days) {
      await tx.insert(monitorWindows).values({
        ...{
          teamId: of.teamId,
          projectId: of.projectId,
          id: `win_${name}_${date}`,
          deploymentId: id,
          state: "processed",
        },
        ...{ from: day(date), to: day(date + 1), tally: tally(predictions) },
      });
    }
    return id;
  });
}

test("an empty project answers with nothing in it, and only to who may read it", async () => {
  const overview = await caller(scope, "project.read").overview.get({ ...where(scope), days: 30 });
  expect(overview).toMatchObject({ deployment: null, windows: [], incidents: [], budget: null, happenings: [] });
  expect(overview.counts).toEqual({ deployments: 0, versions: 0, newest: null });
  await expect(caller(scope, "audit.read").overview.get({ ...where(scope) })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  const other = await t.newScope();
  await expect(caller(other, "project.read").overview.get({ ...where(scope) })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("the busiest deployment, its days of the range oldest first, its champion's days, and what is news", async () => {
  const days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((date) => ({ date, predictions: 100 + date }));
  await deploymentWithDays(scope, "quiet", [{ date: 10, predictions: 3 }]);
  const busy = await deploymentWithDays(scope, "busy", days);
  await withTenant(t.db, scope.teamId, async (tx) => {
    await tx
      .update(projects)
      .set({ watermark: day(11) })
      .where(eq(projects.id, scope.projectId));
    const score = {
      n: 90,
      scored: 100,
      auc: 0.7,
      brier: 0.15,
      brierSkill: 0.1,
      meanPrediction: 0.2,
      meanOutcome: 0.25,
      reliability: [],
    };
    const made = {
      ...{ teamId: scope.teamId, projectId: scope.projectId, modelId: "mdl_busy", digest: "d", sizeBytes: 1 },
      ...{ signature: { inputs: [], outputs: [] }, serving: { tensor: "x", output: "y", features: [] } },
      lineage: {
        ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
      ...{ metrics: {}, cause: "initial", createdBy: "test" },
    };
    for (const [id, version] of [
      ["mv_a", 1],
      ["mv_b", 2],
    ] as const) {
      await tx.insert(modelVersions).values({ ...made, id, version });
      await tx.insert(performanceDays).values({
        ...{ teamId: scope.teamId, projectId: scope.projectId, deploymentId: busy, versionId: id },
        ...{ day: day(8), champion: version === 1, ...score },
      });
    }
    const event = { subject: busy, summary: "s", data: {} };
    await emit(tx, scope, { ...event, name: "drift.detected", eventTime: day(9) });
    await emit(tx, scope, { ...event, name: "window.processed", eventTime: day(9) });
    await emit(tx, scope, { ...event, name: "drift.detected", eventTime: day(2) });
  });
  const reader = caller(scope, "project.read");
  const overview = await reader.overview.get({ ...where(scope), days: 7 });
  expect(overview.deployment?.name).toBe("busy");
  expect(overview.project.from).toEqual(day(4));
  expect(overview.windows.map((window) => window.from)).toEqual([4, 5, 6, 7, 8, 9, 10].map(day));
  expect(overview.championDays).toMatchObject([{ day: "2001-02-08", version: 1, champion: true, brier: 0.15, n: 90 }]);
  expect(overview.counts).toMatchObject({ deployments: 2, versions: 2, newest: 2 });
  expect(overview.happenings.map(({ name, eventTime }) => [name, eventTime])).toEqual([["drift.detected", day(9)]]);
  const news = await reader.loop.events({ ...where(scope), newsOnly: true });
  const told = ["drift.detected", "drift.detected", "registered_model.created", "registered_model.created"];
  expect(news.events.map(({ name }) => name)).toEqual(told);
  const all = await reader.loop.events({ ...where(scope) });
  expect(all.events).toHaveLength(5);
});

test("the picture of a busy range holds its newest events and says where it begins", async () => {
  const of = await t.newScope();
  const minute = (n: number) => new Date(+day(10) + n * 60_000);
  const event = { teamId: of.teamId, projectId: of.projectId, name: "drift.detected" as const, summary: "s", data: {} };
  await withTenant(t.db, of.teamId, async (tx) => {
    await tx
      .update(projects)
      .set({ watermark: day(11) })
      .where(eq(projects.id, of.projectId));
    const many = Array.from({ length: 400 }, (_, n) => ({ ...event, subject: `event ${n}`, eventTime: minute(n) }));
    await tx.insert(domainEvents).values(many);
  });
  const read = () => caller(of, "project.read").overview.get({ ...where(of), days: 7 });
  const whole = await read();
  expect([whole.happenings.length, whole.happenings[0]?.subject, whole.happeningsFrom]).toEqual([400, "event 0", null]);
  await withTenant(t.db, of.teamId, (tx) => emit(tx, of, { ...event, subject: "newest", eventTime: minute(400) }));
  const cut = await read();
  expect(cut.happenings).toHaveLength(400);
  expect([cut.happenings[0]?.subject, cut.happenings.at(-1)?.subject]).toEqual(["event 1", "newest"]);
  expect(cut.happeningsFrom).toEqual(minute(1));
});
