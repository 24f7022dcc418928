import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { deployments, modelVersions, rollouts, servableVersion, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { lockModel, missingApproval } from "@ballast/registry/server";
import { and, asc, desc, eq, inArray, isNull } from "drizzle-orm";
import { applyDecision } from "./apply-decision.ts";
import { askForRollout, settleQueue } from "./approval-queue.ts";
import { emptyEvidence } from "./evidence.ts";
import { planFor, planProblem } from "./plan.ts";
import { planDigest } from "./plan-digest.ts";
import {
  activeRollout,
  type DeploymentRow,
  findDeployment,
  findRollout,
  lockDeployment,
  ofDeployments,
  ofRollouts,
  type RolloutRow,
  readWatermark,
} from "./records.ts";
import { OPEN_STATES } from "./rollout-facts.ts";
import type { RequestRollout } from "./schemas.ts";

/**
 * A rule on `champion` keeps unapproved versions out. A person is told to ask for approval first; what the platform wants to roll out
 * (a retrained model) waits in the queue, its approval asked for.
 */
async function checkApproval(tx: Tx, scope: Scope, deployment: DeploymentRow, versionId: string): Promise<void> {
  const wanted = { modelId: deployment.modelId, alias: "champion", versionId };
  const rule = await missingApproval(tx, scope, wanted);
  if (rule === null) return;
  if (scope.actor.type === "platform") {
    await askForRollout(tx, scope, deployment, versionId);
    return;
  }
  const n = rule.approvals;
  const message = `versionId: the version needs ${n} approval${n === 1 ? "" : "s"} as champion before a rollout of it may start. Request approval for it first.`;
  throw new AppError("precondition_failed", message, { details: { field: "versionId", alias: "champion", needed: n } });
}

async function checkVersion(tx: Tx, scope: Scope, deployment: DeploymentRow, versionId: string): Promise<void> {
  const [version] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.id, versionId),
        isNull(modelVersions.deletedAt),
      ),
    )
    .for("share");
  if (!version) throw notFound("Model version", versionId);
  if (version.modelId !== deployment.modelId) {
    const message = `versionId: the version belongs to another model than the deployment "${deployment.name}" serves.`;
    throw new AppError("unprocessable", message, { details: { field: "versionId" } });
  }
  servableVersion(version);
  if (deployment.routing.champion === versionId) {
    const message = `versionId: version ${version.version} is the champion of "${deployment.name}" already.`;
    throw new AppError("conflict", message, { details: { field: "versionId" } });
  }
}

/** A rollout that the same request made before: still open, or ended where the platform's own event is delivered again. */
async function sameRequest(tx: Tx, scope: Scope, deploymentId: string, input: RequestRollout) {
  const [open] = await tx
    .select()
    .from(rollouts)
    .where(
      and(
        ofRollouts(scope),
        eq(rollouts.deploymentId, deploymentId),
        eq(rollouts.candidateId, input.versionId),
        scope.actor.type === "platform" ? eq(rollouts.cause, input.cause) : inArray(rollouts.state, [...OPEN_STATES]),
      ),
    )
    .orderBy(desc(rollouts.createdAt))
    .limit(1);
  return open ?? null;
}

/**
 * Asks that a version take over a deployment. One rollout per deployment is under way; later ones queue in order. The
 * plan is fixed and hashed here, before the first observation. Asking again for the same version returns the rollout
 * that is open (for the platform, whose events may be delivered twice, also the one that ended).
 * @throws AppError `not_found`, also for a version in the trash; `conflict` when the version is the champion;
 * `precondition_failed` for a version without an ONNX model to serve, or without the approvals that a rule on `champion` asks for; `unprocessable` for another model's version;
 * `invalid_input` naming the field of a plan that cannot be
 */
export async function requestRollout(tx: Tx, scope: Scope, input: RequestRollout): Promise<RolloutRow> {
  const found = await findDeployment(tx, scope, input.deployment);
  const deployment = await lockDeployment(tx, scope, found.id);
  const before = await sameRequest(tx, scope, deployment.id, input);
  if (before) return before;
  // Before the version, as everything takes them that decides on a model.
  await lockModel(tx, scope, { id: deployment.modelId });
  await checkVersion(tx, scope, deployment, input.versionId);
  await checkApproval(tx, scope, deployment, input.versionId);
  const problem = planProblem(input.strategy, deployment.sloMs, input.plan);
  if (problem) {
    const { field, message } = problem;
    throw new AppError("invalid_input", `${field}: ${message}.`, { details: { field } });
  }
  const plan = planFor(input.strategy, deployment.sloMs, input.plan);
  const [made] = await tx
    .insert(rollouts)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("rollout"),
      deploymentId: deployment.id,
      candidateId: input.versionId,
      plan,
      planDigest: planDigest(plan),
      state: "queued",
      evidence: emptyEvidence(),
      cause: input.cause,
      createdBy: scope.actor.name,
    })
    .returning();
  if (!made) throw new AppError("internal", `rollout of ${input.versionId} was not written`);
  const detail = { deploymentId: deployment.id, versionId: input.versionId, cause: input.cause, plan: made.planDigest };
  await audit(tx, scope, { action: "rollout.request", subject: made.id, detail });
  const started = await startNextRollout(tx, scope, deployment.id);
  return started?.id === made.id ? started : made;
}

/**
 * Starts what waited for approval, asks for what is missing, and aborts what was refused it: called when a request ended, an approval
 * was withdrawn, or a rule changed.
 */
export async function startApprovedRollouts(tx: Tx, scope: Scope, modelId: string): Promise<void> {
  const serving = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(ofDeployments(scope), eq(deployments.modelId, modelId)))
    .orderBy(asc(deployments.id))
    // All of them before the model, which the first one locks: the order in which a single start takes the two.
    .for("update");
  for (const { id } of serving) await startNextRollout(tx, scope, id);
}

/**
 * Starts the longest-waiting queued rollout of a deployment, of an approved version, unless one is under way; returns it, or null.
 * What else waits is asked for or, where approval was refused, aborted. Safe to call at any time and any number of times. Emits
 * `rollout.started`, upon which the gates run.
 */
export async function startNextRollout(tx: Tx, scope: Scope, deploymentId: string): Promise<RolloutRow | null> {
  const evidenceAt = performance.now();
  const deployment = await lockDeployment(tx, scope, deploymentId);
  // Also behind one that is under way: approvers have their time while it runs, and what they refused does not wait.
  const next = await settleQueue(tx, scope, deployment);
  if (!next || (await activeRollout(tx, scope, deploymentId))) return null;
  const now = await readWatermark(tx, scope);
  const start = { championId: deployment.routing.champion, startedEventTime: now === null ? null : new Date(now) };
  await tx
    .update(rollouts)
    .set(start)
    .where(and(ofRollouts(scope), eq(rollouts.id, next.id)));
  const rollout = { ...next, ...start };
  await applyDecision(tx, scope, {
    deployment,
    rollout,
    evidence: next.evidence,
    decision: {
      decision: "start_gates",
      toState: "gating",
      step: -1,
      ruleId: "queue.next",
      rule: "One rollout per deployment at a time, in the order they were asked for.",
      inputs: { planDigest: next.planDigest, strategy: next.plan.strategy },
      summary: `Rollout started (${next.cause}): gates run first.`,
    },
    now,
    routedFrom: now,
    evidenceAt,
  });
  return findRollout(tx, scope, next.id);
}
