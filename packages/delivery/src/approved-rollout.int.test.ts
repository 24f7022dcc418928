import type { Scope } from "@ballast/core";
import { deployments, domainEvents, modelAliases, rollouts, withTenant } from "@ballast/db";
import {
  cancelApproval,
  decideApproval,
  listApprovals,
  removeApprovalRule,
  requestApproval,
  setApprovalRule,
  withdrawApproval,
} from "@ballast/registry/server";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decideByHand } from "./decide-by-hand.ts";
import { requestRollout, startApprovedRollouts } from "./request-rollout.ts";
import { getRollout } from "./rollout-queries.ts";
import { asAdmin, type SampleDelivery, SampleProject, sampleDelivery } from "./sample-delivery.ts";
import { requestRolloutSchema } from "./schemas.ts";

let sample: SampleDelivery;
beforeAll(async () => {
  sample = await sampleDelivery();
});
afterAll(() => sample.close());

const inTenant = <T>(scope: Scope, fn: Parameters<typeof withTenant<T>>[2]) =>
  withTenant(sample.deps.db, scope.teamId, fn);
const abe = (scope: Scope): Scope => ({
  ...scope,
  actor: { type: "user", id: "usr_abe", name: "Abe", role: "approver" },
});

async function guardedProject() {
  const project = await SampleProject.create(sample);
  const { scope } = project;
  const modelId = await inTenant(scope, async (tx) => {
    const [row] = await tx.select().from(deployments).where(eq(deployments.id, project.deploymentId));
    await setApprovalRule(tx, scope, { modelId: row?.modelId ?? "", alias: "champion", approvals: 1 });
    return row?.modelId ?? "";
  });
  const versionId = await project.register();
  const request = (by: Scope) =>
    inTenant(scope, (tx) =>
      requestRollout(tx, by, requestRolloutSchema.parse({ deployment: project.deploymentId, versionId })),
    );
  const stateOf = (id: string) =>
    inTenant(scope, (tx) => tx.select({ state: rollouts.state }).from(rollouts).where(eq(rollouts.id, id))).then(
      (rows) => rows[0]?.state,
    );
  return { project, scope, modelId, versionId, request, stateOf };
}

test("a rule on champion refuses a person's rollout until the version is approved", async () => {
  const { scope, versionId, request } = await guardedProject();
  await expect(request(asAdmin(scope))).rejects.toMatchObject({
    code: "precondition_failed",
    message: expect.stringContaining("1 approval as champion"),
  });
  await inTenant(scope, async (tx) => {
    const asked = await requestApproval(tx, asAdmin(scope), { versionId, alias: "champion" });
    await decideApproval(tx, abe(scope), { approvalId: asked.id, approved: true });
  });
  // Approving moves no alias of a deployment: its rollout does, once the gates and the guards say so.
  const aliases = await inTenant(scope, (tx) =>
    tx
      .select()
      .from(modelAliases)
      .where(and(eq(modelAliases.projectId, scope.projectId), eq(modelAliases.alias, "champion"))),
  );
  expect(aliases).toEqual([]);
  expect(await request(asAdmin(scope))).toMatchObject({ state: "gating" });
});

test("a retrained model's rollout waits in the queue with its approval asked for, and starts when it is given", async () => {
  const { scope, modelId, versionId, request, stateOf } = await guardedProject();
  const rollout = await request(scope);
  expect(rollout).toMatchObject({ state: "queued", candidateId: versionId });
  await inTenant(scope, (tx) => startApprovedRollouts(tx, scope, modelId));
  expect(await stateOf(rollout.id)).toBe("queued");
  const { approvals } = await inTenant(scope, (tx) => listApprovals(tx, abe(scope), { state: "pending", limit: 5 }));
  expect(approvals).toMatchObject([{ alias: "champion", versionId, requestedBy: "platform", own: false }]);
  await inTenant(scope, (tx) => decideApproval(tx, abe(scope), { approvalId: approvals[0]?.id ?? "", approved: true }));
  await inTenant(scope, (tx) => startApprovedRollouts(tx, scope, modelId));
  expect(await stateOf(rollout.id)).toBe("gating");
});

const pendingOf = (scope: Scope) =>
  inTenant(scope, (tx) => listApprovals(tx, abe(scope), { state: "pending", limit: 5 })).then((page) => page.approvals);
/** What the worker does upon `model.approval_decided` and `approval_rule.changed`; twice, as an event may be delivered. */
async function react(scope: Scope, modelId: string): Promise<void> {
  for (let i = 0; i < 2; i++) await inTenant(scope, (tx) => startApprovedRollouts(tx, scope, modelId));
}
const lookAt = (scope: Scope, id: string) => inTenant(scope, (tx) => getRollout(tx, scope, id));
const refusals = (scope: Scope, id: string) =>
  inTenant(scope, (tx) =>
    tx
      .select({ data: domainEvents.data })
      .from(domainEvents)
      .where(and(eq(domainEvents.subject, id), eq(domainEvents.name, "rollout.refused"))),
  );

test("a rejection aborts the rollout that waits for it, once and with the reason, and the next starts", async () => {
  const { project, scope, modelId, versionId, request, stateOf } = await guardedProject();
  const rollout = await request(scope);
  const better = await project.register();
  const second = await inTenant(scope, (tx) =>
    requestRollout(tx, scope, requestRolloutSchema.parse({ deployment: project.deploymentId, versionId: better })),
  );
  const asked = await pendingOf(scope);
  const decide = (version: string, word: { approved: boolean; reason?: string }) => {
    const approvalId = asked.find((approval) => approval.versionId === version)?.id ?? "";
    return inTenant(scope, (tx) => decideApproval(tx, abe(scope), { approvalId, ...word }));
  };
  await decide(better, { approved: true });
  await decide(versionId, { approved: false, reason: "trained on a leak" });
  await react(scope, modelId);
  const page = await lookAt(scope, rollout.id);
  expect(page.rollout).toMatchObject({ state: "aborted", outcomeReason: expect.stringContaining("Abe") });
  expect(page.rollout.outcomeReason).toContain("trained on a leak");
  expect(page.decisions).toMatchObject([{ decision: "abort", actor: "platform", inputs: { by: "Abe" } }]);
  expect(await refusals(scope, rollout.id)).toMatchObject([{ data: { rule: "approval.rejected", to: "aborted" } }]);
  expect(await stateOf(second.id)).toBe("gating");
  expect(await pendingOf(scope)).toEqual([]);
});

test("a request that is taken back aborts the rollout that waits for it", async () => {
  const { scope, modelId, request } = await guardedProject();
  const rollout = await request(scope);
  const [asked] = await pendingOf(scope);
  await inTenant(scope, (tx) => cancelApproval(tx, asAdmin(scope), asked?.id ?? ""));
  await react(scope, modelId);
  expect((await lookAt(scope, rollout.id)).rollout).toMatchObject({
    state: "aborted",
    outcomeReason: expect.stringContaining("taken back"),
  });
});

/** One rollout under way, an approved one of `versionId` in the queue behind it. */
async function behindAnother() {
  const guarded = await guardedProject();
  const { project, scope, modelId } = guarded;
  await inTenant(scope, (tx) => removeApprovalRule(tx, scope, { modelId, alias: "champion" }));
  const ahead = await project.register();
  const running = await inTenant(scope, (tx) =>
    requestRollout(tx, scope, requestRolloutSchema.parse({ deployment: project.deploymentId, versionId: ahead })),
  );
  const rollout = await guarded.request(scope);
  expect(rollout.state).toBe("queued");
  const guard = (approvals: number) =>
    inTenant(scope, (tx) => setApprovalRule(tx, scope, { modelId, alias: "champion", approvals }));
  const approve = async (by: string) => {
    const [asked] = await pendingOf(scope);
    const approver: Scope = { ...scope, actor: { type: "user", id: `usr_${by}`, name: by, role: "approver" } };
    await inTenant(scope, (tx) => decideApproval(tx, approver, { approvalId: asked?.id ?? "", approved: true }));
    return asked?.id ?? "";
  };
  return { ...guarded, running, rollout, guard, approve };
}

test("a withdrawn approval aborts the rollout that waits behind another, and leaves that one alone", async () => {
  const { scope, modelId, rollout, running, stateOf, guard, approve } = await behindAnother();
  await guard(1);
  await react(scope, modelId);
  const approvalId = await approve("abe");
  await react(scope, modelId);
  expect(await stateOf(rollout.id)).toBe("queued");
  await inTenant(scope, (tx) => withdrawApproval(tx, abe(scope), { approvalId, reason: "found a bias" }));
  await react(scope, modelId);
  const page = await lookAt(scope, rollout.id);
  expect(page.rollout).toMatchObject({ state: "aborted", outcomeReason: expect.stringContaining("found a bias") });
  expect(await stateOf(running.id)).toBe("gating");
});

test("a rule that is made, or raised, while a rollout waits has its approval asked for", async () => {
  const { scope, modelId, versionId, rollout, running, stateOf, guard, approve } = await behindAnother();
  await guard(1);
  await react(scope, modelId);
  expect(await pendingOf(scope)).toMatchObject([{ versionId, requestedBy: "platform", needed: 1 }]);
  await approve("abe");
  await guard(2);
  await react(scope, modelId);
  expect(await pendingOf(scope)).toMatchObject([{ versionId, requestedBy: "platform", needed: 2 }]);
  await inTenant(scope, (tx) =>
    decideByHand(tx, asAdmin(scope), { rolloutId: running.id, decision: "abort", reason: "make way" }),
  );
  await react(scope, modelId);
  expect(await stateOf(rollout.id)).toBe("queued");
  await approve("abe");
  await approve("bea");
  await react(scope, modelId);
  expect(await stateOf(rollout.id)).toBe("gating");
});
