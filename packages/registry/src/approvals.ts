import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { type ApprovalDecision, approvals, deployments, emit, rollouts, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq, inArray } from "drizzle-orm";
import { moveAlias } from "./aliases.ts";
import { type Approval, approvalsGiven, ofApprovals, ruleOf, standingApproval } from "./approval-rules.ts";
import { ROUTED_ALIASES } from "./index.ts";
import { findVersion, lockModel, personBehind } from "./records.ts";

const OPEN_ROLLOUTS = ["gating", "shadow", "canary"] as const;

/** True where the alias follows a deployment's routes, so that only rollouts move it. */
export async function isRouted(tx: Tx, scope: Scope, modelId: string, alias: string): Promise<boolean> {
  if (!ROUTED_ALIASES.includes(alias)) return false;
  const [row] = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        eq(deployments.modelId, modelId),
      ),
    )
    .limit(1);
  return row !== undefined;
}

async function pendingRequest(tx: Tx, scope: Scope, modelId: string, alias: string, versionId: string) {
  const [row] = await tx
    .select()
    .from(approvals)
    .where(
      and(
        ofApprovals(scope),
        eq(approvals.modelId, modelId),
        eq(approvals.alias, alias),
        eq(approvals.versionId, versionId),
        eq(approvals.state, "pending"),
      ),
    );
  return row ?? null;
}

/**
 * Asks that a version may carry a guarded alias. Asking again while a request is pending returns that one.
 * Emits `model.approval_requested`. @throws AppError `not_found`; `precondition_failed` for an alias that no rule guards;
 * `conflict` when the version is approved already
 */
export async function requestApproval(
  tx: Tx,
  scope: Scope,
  input: { versionId: string; alias: string; reason?: string | undefined },
): Promise<Approval> {
  const { version, model } = await findVersion(tx, scope, { id: input.versionId });
  await lockModel(tx, scope, { id: model.id });
  const rule = await ruleOf(tx, scope, model.id, input.alias);
  if (rule === null) {
    const message = `alias: no rule guards "${input.alias}" of ${model.name}, so it needs no approval.`;
    throw new AppError("precondition_failed", message, { details: { field: "alias" } });
  }
  if (await standingApproval(tx, scope, rule, version.id)) {
    const message = `versionId: version ${version.version} is approved for "${input.alias}" already.`;
    throw new AppError("conflict", message, { details: { field: "versionId" } });
  }
  const open = await pendingRequest(tx, scope, model.id, input.alias, version.id);
  if (open) return open;
  const { teamId, projectId, actor } = scope;
  const [made] = await tx
    .insert(approvals)
    .values({
      ...{ teamId, projectId, id: newId("approval"), modelId: model.id, alias: input.alias, versionId: version.id },
      ...{ state: "pending" as const, needed: rule.approvals, reason: input.reason ?? "" },
      ...{ requestedBy: actor.name, requestedById: await personBehind(tx, scope) },
    })
    .returning();
  if (!made) throw new AppError("internal", "the request for approval was not written");
  const data = {
    approvalId: made.id,
    modelId: model.id,
    model: model.name,
    versionId: version.id,
    version: version.version,
    alias: input.alias,
  };
  const summary = `${model.name} version ${version.version} waits for approval as ${input.alias}, asked for by ${actor.name}`;
  await emit(tx, scope, { name: "model.approval_requested", subject: version.id, summary, data });
  await audit(tx, scope, { action: "approval.request", subject: made.id, detail: data });
  return made;
}

/** A request, its model locked first: the order in which everything that decides on aliases takes its locks. */
async function lockApproval(tx: Tx, scope: Scope, id: string): Promise<Approval> {
  const byId = and(ofApprovals(scope), eq(approvals.id, id));
  const [found] = await tx.select({ modelId: approvals.modelId }).from(approvals).where(byId);
  if (!found) throw notFound("Approval", id);
  await lockModel(tx, scope, { id: found.modelId });
  const [row] = await tx.select().from(approvals).where(byId).for("update");
  if (!row) throw notFound("Approval", id);
  return row;
}

function refuseUnless(approval: Approval, state: Approval["state"]): void {
  if (approval.state === state) return;
  const message = `approvalId: the request is ${approval.state}; only one that is ${state} can be changed so.`;
  throw new AppError("conflict", message, { details: { field: "approvalId", state: approval.state } });
}

function reasonOf(reason: string): string {
  if (reason.trim() !== "") return reason.trim();
  throw new AppError("invalid_input", "reason: say why, so that the requester knows what to mend.", {
    details: { field: "reason" },
  });
}

/** Nobody approves their own: not what they made, and not what they asked for, be it as themselves or by a token of theirs. */
async function refuseOwn(tx: Tx, scope: Scope, approval: Approval, author: string | null): Promise<string> {
  const person = await personBehind(tx, scope);
  const why =
    person === approval.requestedById ? "you asked for it" : person === author ? "you registered this version" : null;
  if (why) {
    throw new AppError("forbidden", `Somebody else must decide this: ${why}.`, {
      details: { approvalId: approval.id },
    });
  }
  return person;
}

/**
 * An approver's word on a pending request. One rejection ends it; enough approvals end it too, and the alias moves in the same
 * transaction, unless it follows a deployment's routes: then a rollout may start. Emits `model.approval_decided` when it ends.
 * @throws AppError `forbidden` for the version's author and the requester; `conflict` for a request that has ended, or a second
 * word of the same person; `invalid_input` for a rejection without a reason; `not_found`, also where model or version went to the trash
 */
export async function decideApproval(
  tx: Tx,
  scope: Scope,
  input: { approvalId: string; approved: boolean; reason?: string | undefined },
): Promise<Approval> {
  const approval = await lockApproval(tx, scope, input.approvalId);
  refuseUnless(approval, "pending");
  const { version, model } = await findVersion(tx, scope, { id: approval.versionId });
  const byId = await refuseOwn(tx, scope, approval, version.createdById);
  if (approval.decisions.some((decision) => decision.byId === byId)) {
    throw new AppError("conflict", "approvalId: you have approved this already; somebody else must, too.", {
      details: { field: "approvalId" },
    });
  }
  const reason = input.approved ? (input.reason ?? "").trim() : reasonOf(input.reason ?? "");
  const word: ApprovalDecision = {
    by: scope.actor.name,
    byId,
    approved: input.approved,
    reason,
    at: new Date().toISOString(),
  };
  const decisions = [...approval.decisions, word];
  const rule = await ruleOf(tx, scope, approval.modelId, approval.alias);
  const enough = approvalsGiven({ ...approval, decisions }) >= (rule?.approvals ?? approval.needed);
  const state = !input.approved ? "rejected" : enough ? "approved" : "pending";
  const decided = await writeState(tx, scope, approval, { state, decisions });
  const action = input.approved ? "approval.approve" : "approval.reject";
  await audit(tx, scope, {
    action,
    subject: approval.id,
    detail: { alias: approval.alias, versionId: version.id, reason },
  });
  if (state === "pending") return decided;
  await announce(
    tx,
    scope,
    decided,
    `${model.name} version ${version.version} ${state} as ${approval.alias} by ${scope.actor.name}`,
    {
      model: model.name,
      version: version.version,
      reason,
    },
  );
  if (state === "approved" && !(await isRouted(tx, scope, model.id, approval.alias))) {
    await moveAlias(tx, scope, { modelId: model.id, alias: approval.alias, versionId: version.id });
  }
  return decided;
}

async function writeState(
  tx: Tx,
  scope: Scope,
  approval: Approval,
  set: Pick<Approval, "state" | "decisions">,
): Promise<Approval> {
  const [row] = await tx
    .update(approvals)
    .set({ ...set, decidedAt: set.state === "pending" ? null : new Date() })
    .where(and(ofApprovals(scope), eq(approvals.id, approval.id)))
    .returning();
  if (!row) throw notFound("Approval", approval.id);
  return row;
}

async function announce(
  tx: Tx,
  scope: Scope,
  approval: Approval,
  summary: string,
  more: Record<string, unknown>,
): Promise<void> {
  const { id: approvalId, modelId, versionId, alias, state } = approval;
  const data = { approvalId, modelId, versionId, alias, state, ...more };
  await emit(tx, scope, { name: "model.approval_decided", subject: versionId, summary, data });
}

/** Takes a pending request back. @throws AppError `not_found`; `conflict` for one that has ended */
export async function cancelApproval(tx: Tx, scope: Scope, approvalId: string): Promise<Approval> {
  const approval = await lockApproval(tx, scope, approvalId);
  refuseUnless(approval, "pending");
  const cancelled = await writeState(tx, scope, approval, { state: "cancelled", decisions: approval.decisions });
  await announce(tx, scope, cancelled, `Request for ${approval.alias} taken back by ${scope.actor.name}`, {});
  await audit(tx, scope, { action: "approval.cancel", subject: approval.id });
  return cancelled;
}

/**
 * Withdraws an approval that was given: the version cannot be given the alias again without a new one. What carries it keeps it; a
 * rollout that waits in a queue on it is aborted upon the event, `model.approval_decided`.
 * @throws AppError `conflict` for one that is not approved; `precondition_failed` while a rollout rests on it
 */
export async function withdrawApproval(
  tx: Tx,
  scope: Scope,
  input: { approvalId: string; reason: string },
): Promise<Approval> {
  const reason = reasonOf(input.reason);
  const approval = await lockApproval(tx, scope, input.approvalId);
  refuseUnless(approval, "approved");
  const [open] = await tx
    .select({ id: rollouts.id })
    .from(rollouts)
    .where(
      and(
        eq(rollouts.teamId, scope.teamId),
        eq(rollouts.projectId, scope.projectId),
        eq(rollouts.candidateId, approval.versionId),
        inArray(rollouts.state, [...OPEN_ROLLOUTS]),
      ),
    )
    .limit(1);
  if (open) {
    const message = `approvalId: the rollout ${open.id} rests on this approval. Abort it first.`;
    throw new AppError("precondition_failed", message, { details: { field: "approvalId", rolloutId: open.id } });
  }
  const word = {
    by: scope.actor.name,
    byId: await personBehind(tx, scope),
    approved: false,
    reason,
    at: new Date().toISOString(),
  };
  const withdrawn = await writeState(tx, scope, approval, {
    state: "rejected",
    decisions: [...approval.decisions, word],
  });
  await announce(tx, scope, withdrawn, `Approval for ${approval.alias} withdrawn by ${scope.actor.name}: ${reason}`, {
    reason,
  });
  await audit(tx, scope, { action: "approval.withdraw", subject: approval.id, detail: { reason } });
  return withdrawn;
}
