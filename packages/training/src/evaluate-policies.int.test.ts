import { DAY_MS, newId, type Scope } from "@ballast/core";
import { segmentContents } from "@ballast/datasets/testing";
import {
  deployments,
  domainEvents,
  journalSegments,
  performanceDays,
  rollouts,
  type Tx,
  trainingJobs,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { setBudget } from "@ballast/finops/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluatePolicies } from "./evaluate-policies.ts";
import { definePipeline, definePolicy, listPipelines, listPolicies } from "./pipelines.ts";
import { countRowsAtMost } from "./row-bounds.ts";
import { openPlugins, seedProject, spec } from "./training-fixture.ts";

let t: TestDatabase;
let plugins: PluginHost;
beforeAll(async () => {
  t = await testDatabase();
  plugins = await openPlugins();
});
afterAll(() => t.close());

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const DAY0 = Date.UTC(2001, 1, 1);
const at = (n: number) => new Date(DAY0 + n * DAY_MS);
const policy = { kind: "calibration" as const, days: 3, limit: 0.05, cooldownDays: 7, trainDays: 14 };

interface Project {
  scope: Scope;
  deploymentId: string;
  evaluate(day: number): ReturnType<typeof evaluatePolicies>;
}

/** A champion that says 21 % while `outcome(day)` happens, watched by one policy. */
async function project(outcome: (day: number) => number, limitMicros = 1_000_000): Promise<Project> {
  const scope = await t.newScope();
  const { teamId, projectId } = scope;
  await seedProject(t.db, scope, plugins);
  const deploymentId = newId("deployment");
  await inTenant(scope, async (tx) => {
    await setBudget(tx, scope, { name: "project", currency: "USD", hard: true, limitMicros });
    const routing = { champion: "mv_1", candidate: null, shadows: [], salt: "s" };
    await tx
      .insert(deployments)
      .values({ teamId, projectId, id: deploymentId, name: "flight-late", modelId: "mdl_1", routing });
    const input = {
      name: "calibration",
      deployment: "flight-late",
      pipeline: "flight-late",
      spec: policy,
      enabled: true,
    };
    await definePolicy(tx, scope, input);
    for (let n = 0; n < 30; n++) {
      const common = { teamId, projectId, deploymentId, day: at(n), scored: 1_000, reliability: [] };
      const quality = { auc: 0.6, brier: 0.15, brierSkill: 0.05, meanPrediction: 0.21, n: 1_000 };
      await tx.insert(performanceDays).values([
        { ...common, ...quality, versionId: "mv_1", champion: true, meanOutcome: outcome(n) },
        { ...common, ...quality, versionId: "mv_other", champion: false, meanOutcome: 0.9 },
      ]);
    }
  });
  const deps = { plugins, countRows: async () => 6_000 };
  const evaluate = (day: number) =>
    inTenant(scope, (tx) => evaluatePolicies(tx, scope, { deploymentId, through: at(day) }, deps));
  return { scope, deploymentId, evaluate };
}

test("a storm asks for training on the days before it, once per window and not again within the cooldown", async () => {
  const { scope, evaluate } = await project((day) => (day >= 10 ? 0.3 : 0.21));
  expect(await evaluate(10)).toMatchObject([
    { policy: "calibration", decision: { outcome: "within_limit" }, job: null },
  ]);
  const [fired] = await evaluate(13);
  expect(fired).toMatchObject({
    decision: { fire: true, n: 3_000 },
    job: { state: "queued", cause: "policy:calibration" },
  });
  expect(fired?.job).toMatchObject({
    from: at(-1),
    to: at(13),
    eventTime: at(13),
    plan: { strategy: "shadow_then_canary" },
  });
  expect(await evaluate(13)).toMatchObject([{ job: null }]);
  await inTenant(scope, (tx) => tx.update(trainingJobs).set({ state: "failed" }));
  expect(await evaluate(14)).toMatchObject([{ decision: { outcome: "cooldown" }, job: null }]);
  expect(await evaluate(20)).toMatchObject([{ decision: { outcome: "fired" }, job: { state: "queued" } }]);
  const events = await inTenant(scope, (tx) => tx.select().from(domainEvents).orderBy(domainEvents.id));
  expect(events.map((e) => e.name)).toEqual([
    ...["calibration.breached", "budget.reserved", "training.requested"],
    ...["calibration.breached", "budget.reserved", "training.requested"],
  ]);
  expect(events[0]?.summary).toContain("predicted 21.0 %, realised 30.0 %");
});

test("two evaluations of one window at once ask once", async () => {
  const { evaluate, scope } = await project(() => 0.3);
  const both = await Promise.all([evaluate(13), evaluate(13)]);
  expect(both.flat().filter((e) => e.job !== null)).toHaveLength(1);
  expect(await inTenant(scope, (tx) => tx.select().from(trainingJobs))).toHaveLength(1);
});

test("a queued job, a success not yet handed over and a rollout under way each hold the policy back", async () => {
  const { scope, deploymentId, evaluate } = await project(() => 0.3);
  const busyAt = async (day: number) => (await evaluate(day))[0]?.decision;
  const [fired] = await evaluate(5);
  const jobId = fired?.job?.id ?? "";
  expect(await busyAt(12)).toMatchObject({ outcome: "busy", summary: expect.stringContaining(`${jobId} is queued`) });
  const { teamId, projectId } = scope;
  await inTenant(scope, async (tx) => {
    await tx.update(trainingJobs).set({ state: "succeeded", versionId: "mv_2" });
    await tx
      .insert(domainEvents)
      .values({ teamId, projectId, name: "training.succeeded", subject: jobId, summary: "", data: {} });
  });
  expect(await busyAt(12)).toMatchObject({
    outcome: "busy",
    summary: expect.stringContaining("waits for its rollout"),
  });
  await inTenant(scope, async (tx) => {
    await tx.update(domainEvents).set({ handledAt: new Date() });
    await tx.insert(rollouts).values({
      ...{
        teamId,
        projectId,
        id: "rol_1",
        deploymentId,
        candidateId: "mv_2",
        planDigest: "",
        state: "shadow" as const,
      },
      ...{ plan: {} as never, evidence: {} as never, cause: "policy:calibration", createdBy: "platform" },
    });
  });
  expect(await busyAt(12)).toMatchObject({
    outcome: "busy",
    summary: expect.stringContaining("rol_1 is in state shadow"),
  });
  await inTenant(scope, (tx) => tx.update(rollouts).set({ state: "refused" }));
  expect(await busyAt(12)).toMatchObject({ outcome: "fired" });
});

test("a refusal by the budget counts as asked: recorded once, not daily", async () => {
  const { scope, evaluate } = await project(() => 0.3, 1);
  expect(await evaluate(5)).toMatchObject([{ job: { state: "refused", reason: expect.stringContaining("short by") } }]);
  expect(await evaluate(6)).toMatchObject([{ decision: { outcome: "cooldown" }, job: null }]);
  const refused = await inTenant(scope, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.name, "training.refused")),
  );
  expect(refused).toHaveLength(1);
});

test("a disabled policy and a deployment without champion are left alone", async () => {
  const { scope, deploymentId, evaluate } = await project(() => 0.3);
  const input = {
    name: "calibration",
    deployment: "flight-late",
    pipeline: "flight-late",
    spec: policy,
    enabled: false,
  };
  await inTenant(scope, (tx) => definePolicy(tx, scope, input));
  expect(await inTenant(scope, (tx) => listPolicies(tx, scope))).toMatchObject([{ enabled: false }]);
  expect(await evaluate(13)).toEqual([]);
  await inTenant(scope, async (tx) => {
    await definePolicy(tx, scope, { ...input, enabled: true });
    const routing = { champion: null, candidate: null, shadows: [], salt: "s" };
    await tx.update(deployments).set({ routing }).where(eq(deployments.id, deploymentId));
  });
  expect(await evaluate(13)).toEqual([]);
});

test("a pipeline names only what exists", async () => {
  const { scope } = await project(() => 0.2);
  const define = (change: Partial<typeof spec>) =>
    inTenant(scope, (tx) => definePipeline(tx, scope, { name: "p", spec: { ...spec, ...change } }, { plugins }));
  await expect(define({ trainer: "nope" })).rejects.toThrow('Trainer "nope"');
  await expect(define({ params: { depth: 3 } })).rejects.toThrow("params.depth");
  await expect(define({ dataset: "nope" })).rejects.toThrow('spec.dataset: dataset "nope"');
  await expect(define({ features: [{ input: "x", view: "flight", feature: "nope" }] })).rejects.toThrow('"nope"');
  const first = await define({});
  expect((await define({ params: { maxTrees: 5 } })).id).toBe(first.id);
  const listed = await inTenant(scope, (tx) => listPipelines(tx, scope));
  expect(listed.map((p) => [p.name, p.spec.params])).toEqual([
    ["flight-late", { maxTrees: 20 }],
    ["p", { maxTrees: 5 }],
  ]);
});

test("rows are bounded from the metadata of what overlaps the range", async () => {
  const { scope } = await project(() => 0.2);
  const { teamId, projectId } = scope;
  const file = (source: string, from: number, to: number, rows: number) => ({
    ...{ kind: "source_rows" as const, source, digest: "d", rows },
    ...{ minTime: at(from).getTime(), maxTime: at(to).getTime() },
  });
  const files = [
    file("flights", 0, 1, 10),
    file("flights", 5, 6, 100),
    file("other", 5, 6, 7),
    file("flights", 20, 21, 1_000),
  ];
  await inTenant(scope, (tx) =>
    tx.insert(journalSegments).values({
      teamId,
      projectId,
      id: "g/p/1",
      sequence: 1,
      path: "",
      bytes: 1,
      records: 1,
      state: "compacted",
      ...segmentContents(files),
    }),
  );
  const bound = (from: number, to: number) =>
    inTenant(scope, (tx) => countRowsAtMost(tx, scope, { spec, from: at(from), to: at(to) }));
  expect(await bound(4, 10)).toBe(100);
  expect(await bound(0, 30)).toBe(1_110);
  expect(await bound(12, 15)).toBe(0);
  // A file that says when its labels were known is not counted for the days around them.
  const known = { known_at: [at(5.5).getTime(), at(7).getTime()] as [number, number] };
  const exact = [{ ...file("flights", 5, 6, 100), ranges: known }];
  await inTenant(scope, (tx) => tx.update(journalSegments).set(segmentContents(exact)));
  expect([await bound(4, 5.4), await bound(4, 6), await bound(6.9, 9), await bound(7.1, 9)]).toEqual([0, 100, 100, 0]);
});
