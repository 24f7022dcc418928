import type { Permission } from "@ballast/core";
import { createCallerFactory, router } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentRouter, rolloutRouter } from "./router.ts";
import { type SampleDelivery, SampleProject, sampleDelivery } from "./sample-delivery.ts";

let sample: SampleDelivery;
let project: SampleProject;
beforeAll(async () => {
  sample = await sampleDelivery();
  project = await SampleProject.create(sample);
});
afterAll(() => sample.close());

const createCaller = createCallerFactory(router({ deployment: deploymentRouter, rollout: rolloutRouter }));
function callerWith(...permissions: Permission[]) {
  const { teamId, projectId } = project.scope;
  const token = {
    teamId,
    projectId,
    tokenId: "tok_1",
    name: "ci",
    permissions,
    expiresAt: null,
    serviceAccountId: null,
  };
  return createCaller({ db: sample.deps.db, identity: { kind: "token", token }, requestId: "test" });
}
const where = () => ({ team: project.scope.teamId.slice(-10), project: "project" });

test("a deployment is made, asked for a rollout and decided on over tRPC", async () => {
  const caller = callerWith("deployment.write", "project.read", "rollout.decide");
  const made = await caller.deployment.create({ ...where(), deployment: { name: "second", modelName: "delay" } });
  expect(made).toMatchObject({ sloMs: 25, deadlineMs: 1000, routing: { champion: null } });
  const versionId = await project.register();
  const rollout = await caller.rollout.request({ ...where(), rollout: { deployment: "second", versionId } });
  expect(rollout).toMatchObject({ state: "gating", createdBy: "ci", plan: { strategy: "shadow_then_canary" } });
  expect((await caller.deployment.get({ ...where(), deployment: "second" })).rollout?.id).toBe(rollout.id);
  const decision = { rolloutId: rollout.id, decision: "abort" as const, reason: "wrong file" };
  expect((await caller.rollout.decide({ ...where(), decision })).state).toBe("aborted");
  const { decisions } = await caller.rollout.decisions({ ...where(), rolloutId: rollout.id });
  expect(decisions.map((row) => [row.decision, row.actor])).toEqual([
    ["abort", "ci"],
    ["start_gates", "ci"],
  ]);
  expect((await caller.rollout.list({ ...where(), deployment: "second" })).rollouts).toHaveLength(1);
});

test("bad input is refused before anything is touched", async () => {
  const caller = callerWith("deployment.write", "project.read", "rollout.decide");
  const badRequest = { code: "BAD_REQUEST" };
  await expect(
    caller.deployment.create({ ...where(), deployment: { name: "no spaces", modelName: "delay" } }),
  ).rejects.toMatchObject(badRequest);
  const rollout = { deployment: "delays", versionId: await project.register() };
  await expect(
    caller.rollout.request({ ...where(), rollout: { ...rollout, plan: { margin: -1 } } }),
  ).rejects.toMatchObject(badRequest);
  await expect(
    caller.rollout.request({ ...where(), rollout: { ...rollout, plan: { minDays: 60 } } }),
  ).rejects.toMatchObject({ ...badRequest, message: "plan.maxDays: maxDays is smaller than minDays." });
  await expect(caller.rollout.get({ ...where(), rolloutId: "rol_nobody" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("each procedure asks for its own permission", async () => {
  const reader = callerWith("project.read");
  const forbidden = { code: "FORBIDDEN" };
  await expect(
    reader.deployment.create({ ...where(), deployment: { name: "third", modelName: "delay" } }),
  ).rejects.toMatchObject(forbidden);
  await expect(
    reader.rollout.request({ ...where(), rollout: { deployment: "delays", versionId: "mv_1" } }),
  ).rejects.toMatchObject(forbidden);
  const decision = { rolloutId: "rol_1", decision: "pause" as const, reason: "x" };
  await expect(callerWith("deployment.write").rollout.decide({ ...where(), decision })).rejects.toMatchObject(
    forbidden,
  );
  expect((await reader.deployment.list(where())).map((row) => row.name)).toContain("delays");
});
