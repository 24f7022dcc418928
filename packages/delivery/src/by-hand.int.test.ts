import { auditEvents, withTenant } from "@ballast/db";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decideByHand } from "./decide-by-hand.ts";
import { createDeployment, getDeployment, listDeployments } from "./deployments.ts";
import { requestRollout } from "./request-rollout.ts";
import { countRollouts, getRollout, listDecisions, listRollouts } from "./rollout-queries.ts";
import { asAdmin, asViewer, type SampleDelivery, SampleProject, sampleDelivery } from "./sample-delivery.ts";
import { createDeploymentSchema, type DecideByHand } from "./schemas.ts";

let sample: SampleDelivery;
beforeAll(async () => {
  sample = await sampleDelivery();
});
afterAll(() => sample.close());

function decide(
  project: SampleProject,
  rolloutId: string,
  decision: DecideByHand["decision"],
  scope = asAdmin(project.scope),
) {
  return withTenant(sample.deps.db, scope.teamId, (tx) =>
    decideByHand(tx, scope, { rolloutId, decision, reason: "because" }),
  );
}

async function inShadow(): Promise<{ project: SampleProject; first: string; next: string; rolloutId: string }> {
  const project = await SampleProject.create(sample);
  const first = await project.withChampion();
  await project.step({ rows: 50 });
  const next = await project.register();
  return { project, first, next, rolloutId: await project.rollOut(next, { plan: { minDays: 2 } }) };
}

test("a person may promote, and the audit log names them and the reason", async () => {
  const { project, next, rolloutId } = await inShadow();
  expect(await decide(project, rolloutId, "promote")).toMatchObject({ state: "promoted" });
  expect(await project.routing()).toMatchObject({ champion: next, shadows: [] });
  const page = await withTenant(sample.deps.db, project.scope.teamId, (tx) => getRollout(tx, project.scope, rolloutId));
  expect(page.decisions[0]).toMatchObject({
    actor: "Ada",
    summary: "Promoted by Ada: because",
    rule: "Decided by hand.",
  });
  const audited = await withTenant(sample.deps.db, project.scope.teamId, (tx) =>
    tx.select().from(auditEvents).where(eq(auditEvents.action, "rollout.promote")),
  );
  expect(audited.map((row) => row.actorName)).toContain("Ada");
  await expect(decide(project, rolloutId, "roll_back")).rejects.toMatchObject({ code: "conflict", status: 409 });
});

test("paused, a rollout goes on collecting and takes no step; resumed, it does", async () => {
  const { project, rolloutId } = await inShadow();
  await decide(project, rolloutId, "pause");
  await decide(project, rolloutId, "pause");
  let last = null;
  for (let i = 0; i < 10; i++) last = await project.step({ rows: 300, candidateError: 0.15 });
  expect(last?.decision).toMatchObject({ decision: "hold", ruleId: "paused" });
  await decide(project, rolloutId, "resume");
  last = await project.step({ rows: 300, candidateError: 0.15 });
  expect(last?.decision.decision).toBe("start_canary");
  expect(await decide(project, rolloutId, "roll_back")).toMatchObject({ state: "rolled_back" });
  expect((await project.routing()).candidate).toBeNull();
});

test("a queued rollout can be aborted without touching the one under way", async () => {
  const { project, next, rolloutId } = await inShadow();
  const queued = await project.rollOut(await project.register());
  expect(await decide(project, queued, "abort")).toMatchObject({ state: "aborted" });
  expect(await project.routing()).toMatchObject({ shadows: [next] });
  await expect(decide(project, queued, "promote")).rejects.toMatchObject({ code: "conflict" });
  expect(await decide(project, rolloutId, "abort")).toMatchObject({ state: "aborted" });
  expect(await project.routing()).toMatchObject({ shadows: [] });
});

test("who may only look may not decide, and strangers find nothing", async () => {
  const { project, rolloutId } = await inShadow();
  const stranger = await SampleProject.create(sample);
  await expect(decide(project, rolloutId, "pause", asViewer(project.scope))).rejects.toMatchObject({ status: 403 });
  const scope = asAdmin(stranger.scope);
  const foreign = <T>(fn: Parameters<typeof withTenant<T>>[2]) => withTenant(sample.deps.db, scope.teamId, fn);
  const missing = { code: "not_found", status: 404 };
  await expect(decide(stranger, rolloutId, "pause")).rejects.toMatchObject(missing);
  await expect(foreign((tx) => getRollout(tx, scope, rolloutId))).rejects.toMatchObject(missing);
  await expect(foreign((tx) => listDecisions(tx, scope, { rolloutId, limit: 5 }))).rejects.toMatchObject(missing);
  await expect(foreign((tx) => getDeployment(tx, scope, project.deploymentId))).rejects.toMatchObject(missing);
  await expect(
    foreign((tx) => listRollouts(tx, scope, { deployment: project.deploymentId, limit: 5 })),
  ).rejects.toMatchObject(missing);
  expect((await foreign((tx) => listRollouts(tx, scope, { limit: 5 }))).rollouts).toEqual([]);
});

test("the other project of the same team is as foreign as another team's", async () => {
  const { project, rolloutId } = await inShadow();
  const sibling = { ...asAdmin(project.scope), projectId: "prj_sibling" };
  const inTeam = withTenant(sample.deps.db, sibling.teamId, (tx) => getRollout(tx, sibling, rolloutId));
  await expect(inTeam).rejects.toMatchObject({ code: "not_found" });
  await expect(decide(project, rolloutId, "pause", sibling)).rejects.toMatchObject({ code: "not_found" });
});

test("a rollout is asked for once, of the deployment's own model, and never of its champion", async () => {
  const { project, first, next, rolloutId } = await inShadow();
  const ask = (versionId: string, deployment = project.deploymentId, scope = asAdmin(project.scope)) =>
    withTenant(sample.deps.db, scope.teamId, (tx) =>
      requestRollout(tx, scope, { deployment, versionId, strategy: "canary", cause: "manual", plan: {} }),
    );
  expect((await ask(next)).id).toBe(rolloutId);
  await expect(ask(first)).rejects.toMatchObject({ code: "conflict", details: { field: "versionId" } });
  await expect(ask("mv_nobody")).rejects.toMatchObject({ code: "not_found" });
  await expect(ask(next, "nowhere")).rejects.toMatchObject({ code: "not_found" });
  await withTenant(sample.deps.db, project.scope.teamId, (tx) =>
    createDeployment(tx, project.scope, createDeploymentSchema.parse({ name: "other", modelName: "another" })),
  );
  await expect(ask(next, "other")).rejects.toMatchObject({ code: "unprocessable", details: { field: "versionId" } });
  const again = createDeploymentSchema.parse({ name: "other", modelName: "another" });
  await expect(
    withTenant(sample.deps.db, project.scope.teamId, (tx) => createDeployment(tx, project.scope, again)),
  ).rejects.toMatchObject({ code: "conflict", details: { field: "name" } });
});

test("a deployment shows its versions, its rollouts and the counts of its newest day", async () => {
  const { project, first, next } = await inShadow();
  await project.rollOut(await project.register());
  await project.step({ rows: 40 });
  const [view] = await withTenant(sample.deps.db, project.scope.teamId, (tx) => listDeployments(tx, project.scope));
  expect(view).toMatchObject({ name: "delays", model: "delay", rollout: { state: "shadow", candidateId: next } });
  expect(view?.versions.map((version) => version.version).sort()).toEqual([1, 2, 3]);
  expect(view?.queued).toHaveLength(1);
  expect(view?.last24h?.tally).toMatchObject({ predictions: 40, versions: { [first]: { served: 40 } } });
  const named = await withTenant(sample.deps.db, project.scope.teamId, (tx) =>
    getDeployment(tx, project.scope, "delays"),
  );
  expect(named.id).toBe(project.deploymentId);
});

test("rollouts and decisions come a page at a time, each once", async () => {
  const { project, rolloutId } = await inShadow();
  for (let i = 0; i < 4; i++) await project.step({ rows: 30 });
  const inTenant = <T>(fn: Parameters<typeof withTenant<T>>[2]) => withTenant(sample.deps.db, project.scope.teamId, fn);
  const all = await inTenant((tx) => listDecisions(tx, project.scope, { rolloutId, limit: 200 }));
  const ids: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await inTenant((tx) => listDecisions(tx, project.scope, { rolloutId, before, limit: 2 }));
    ids.push(...page.decisions.map((decision) => decision.id));
    if (page.next === null) break;
    before = page.next;
  }
  expect(ids).toEqual(all.decisions.map((decision) => decision.id));
  const one = await inTenant((tx) => listRollouts(tx, project.scope, { limit: 1 }));
  expect(one.next).toBe(rolloutId);
  const counts = await inTenant((tx) => countRollouts(tx, project.scope, project.deploymentId));
  expect(counts).toEqual({ shadow: 1, promoted: 1 });
  const rest = await inTenant((tx) => listRollouts(tx, project.scope, { limit: 1, before: rolloutId }));
  expect(rest).toMatchObject({ rollouts: [{ state: "promoted", cause: "initial" }], next: null });
});
