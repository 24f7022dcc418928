import { PLATFORM, type Scope } from "@ballast/core";
import { rollouts, type Tx } from "@ballast/db";
import { type Approval, lockModel, missingApproval, newestApproval, requestApproval } from "@ballast/registry/server";
import { and, asc, eq } from "drizzle-orm";
import { applyDecision } from "./apply-decision.ts";
import { type DeploymentRow, ofRollouts, type RolloutRow, readWatermark } from "./records.ts";
import type { Decision } from "./rollout-facts.ts";

const ALIAS = "champion";

/** What waits in a deployment's queue, longest first. */
const queuedRollouts = (tx: Tx, scope: Scope, deploymentId: string): Promise<RolloutRow[]> =>
  tx
    .select()
    .from(rollouts)
    .where(and(ofRollouts(scope), eq(rollouts.deploymentId, deploymentId), eq(rollouts.state, "queued")))
    .orderBy(asc(rollouts.createdAt), asc(rollouts.id));

/** Asks, as the platform, that a version may become champion: a rollout of it waits. */
export async function askForRollout(tx: Tx, scope: Scope, deployment: DeploymentRow, versionId: string): Promise<void> {
  const reason = `A rollout to the deployment "${deployment.name}" waits for it.`;
  await requestApproval(tx, { ...scope, actor: PLATFORM }, { versionId, alias: ALIAS, reason });
}

/** Why a rollout leaves the queue without having run. */
type Reason = Pick<Decision, "ruleId" | "rule" | "summary" | "inputs">;

function refusalOf(approval: Approval): Reason {
  const reason = {
    ruleId: "approval.rejected",
    rule: `A version that people do not approve as ${ALIAS} leaves the queue, so that a better one can be trained.`,
  };
  const word = approval.decisions.findLast((decision) => !decision.approved);
  const inputs = { approvalId: approval.id, approval: approval.state };
  if (approval.state === "rejected" && word) {
    const summary = `Aborted: ${word.by} does not approve the version as ${ALIAS}: ${word.reason}`;
    return { ...reason, summary, inputs: { ...inputs, by: word.by, reason: word.reason } };
  }
  return { ...reason, summary: `Aborted: the request to approve the version as ${ALIAS} was taken back.`, inputs };
}

/** The version was asked for twice, and the other rollout has made it champion: it cannot be compared with itself. */
const CHAMPION_ALREADY: Reason = {
  ruleId: "queue.champion",
  rule: "A version that has become champion while its rollout waited has nothing left to prove.",
  summary: "Aborted: the version is the champion already.",
  inputs: {},
};

async function leaveQueue(
  tx: Tx,
  scope: Scope,
  { deployment, rollout, reason }: { deployment: DeploymentRow; rollout: RolloutRow; reason: Reason },
): Promise<void> {
  const evidenceAt = performance.now();
  const now = await readWatermark(tx, scope);
  await applyDecision(
    tx,
    { ...scope, actor: PLATFORM },
    {
      ...{ deployment, rollout, now, evidenceAt, routedFrom: now, evidence: rollout.evidence },
      decision: { decision: "abort", toState: "aborted", step: -1, ...reason },
    },
  );
}

/**
 * Settles what waits in a deployment's queue against the approvals as they stand now, and returns the longest-waiting rollout whose
 * version may become champion, or null. A version that nobody was asked about (the rule came, or was raised, while it waited) is asked
 * about; the rollout of one whose newest request was rejected, withdrawn or taken back is aborted: left in the queue, it would keep
 * policies from retraining for ever; so is that of a version that has become champion meanwhile. Any number of calls come to the same. The deployment is locked by the caller.
 */
export async function settleQueue(tx: Tx, scope: Scope, deployment: DeploymentRow): Promise<RolloutRow | null> {
  const queued = await queuedRollouts(tx, scope, deployment.id);
  if (queued.length === 0) return null;
  // No approval is given or withdrawn between this look and the start that rests on it.
  await lockModel(tx, scope, { id: deployment.modelId });
  let next: RolloutRow | null = null;
  for (const rollout of queued) {
    if (rollout.candidateId === deployment.routing.champion) {
      await leaveQueue(tx, scope, { deployment, rollout, reason: CHAMPION_ALREADY });
      continue;
    }
    const wanted = { modelId: deployment.modelId, alias: ALIAS, versionId: rollout.candidateId };
    if ((await missingApproval(tx, scope, wanted)) === null) {
      next ??= rollout;
      continue;
    }
    const approval = await newestApproval(tx, scope, wanted);
    if (approval === null || approval.state === "approved") {
      await askForRollout(tx, scope, deployment, rollout.candidateId);
    } else if (approval.state !== "pending") {
      await leaveQueue(tx, scope, { deployment, rollout, reason: refusalOf(approval) });
    }
  }
  return next;
}
