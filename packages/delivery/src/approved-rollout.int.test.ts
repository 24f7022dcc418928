import type { Scope } from "@ballast/core";
import { deployments, modelAliases, rollouts, withTenant } from "@ballast/db";
import { decideApproval, listApprovals, requestApproval, setApprovalRule } from "@ballast/registry/server";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestRollout, startApprovedRollouts } from "./request-rollout.ts";
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
