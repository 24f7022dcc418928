import { PLATFORM, type Scope } from "@ballast/core";
import { rollouts, type Tx } from "@ballast/db";
import { type Approval, lockModel, missingApproval, newestApproval, requestApproval } from "@ballast/registry/server";
import { and, asc, eq } from "drizzle-orm";
import { applyDecision } from "./apply-decision.ts";
import { type DeploymentRow, ofRollouts, type RolloutRow, readWatermark } from "./records.ts";

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

function refusalOf(approval: Approval): { summary: string; inputs: Record<string, string> } {
  const word = approval.decisions.findLast((decision) => !decision.approved);
  const inputs = { approvalId: approval.id, approval: approval.state };
  if (approval.state === "rejected" && word) {
    const summary = `Aborted: ${word.by} does not approve the version as ${ALIAS}: ${word.reason}`;
    return { summary, inputs: { ...inputs, by: word.by, reason: word.reason } };
  }
  return { summary: `Aborted: the request to approve the version as ${ALIAS} was taken back.`, inputs };
}

async function abortRefused(
  tx: Tx,
  scope: Scope,
  { deployment, rollout, approval }: { deployment: DeploymentRow; rollout: RolloutRow; approval: Approval },
): Promise<void> {
  const evidenceAt = performance.now();
  const now = await readWatermark(tx, scope);
  await applyDecision(
    tx,
    { ...scope, actor: PLATFORM },
    {
      ...{ deployment, rollout, now, evidenceAt, routedFrom: now, evidence: rollout.evidence },
      decision: {
        ...{ decision: "abort", toState: "aborted", step: -1, ruleId: "approval.rejected" },
        rule: `A version that people do not approve as ${ALIAS} leaves the queue, so that a better one can be trained.`,
        ...refusalOf(approval),
      },
    },
  );
}

/**
 * Settles what waits in a deployment's queue against the approvals as they stand now, and returns the longest-waiting rollout whose
 * version may become champion, or null. A version that nobody was asked about (the rule came, or was raised, while it waited) is asked
 * about; the rollout of one whose newest request was rejected, withdrawn or taken back is aborted: left in the queue, it would keep
 * policies from retraining for ever. Any number of calls come to the same. The deployment is locked by the caller.
 */
export async function settleQueue(tx: Tx, scope: Scope, deployment: DeploymentRow): Promise<RolloutRow | null> {
  const queued = await queuedRollouts(tx, scope, deployment.id);
  if (queued.length === 0) return null;
  // No approval is given or withdrawn between this look and the start that rests on it.
  await lockModel(tx, scope, { id: deployment.modelId });
  let next: RolloutRow | null = null;
  for (const rollout of queued) {
    const wanted = { modelId: deployment.modelId, alias: ALIAS, versionId: rollout.candidateId };
    if ((await missingApproval(tx, scope, wanted)) === null) {
      next ??= rollout;
      continue;
    }
    const approval = await newestApproval(tx, scope, wanted);
    if (approval === null || approval.state === "approved") {
      await askForRollout(tx, scope, deployment, rollout.candidateId);
    } else if (approval.state !== "pending") await abortRefused(tx, scope, { deployment, rollout, approval });
  }
  return next;
}
