import { AppError, notFound, type Scope } from "@ballast/core";
import { approvalRules, approvals, emit, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, desc, eq } from "drizzle-orm";
import { aliasName } from "./names.ts";
import { lockModel } from "./records.ts";

export type ApprovalRule = typeof approvalRules.$inferSelect;
export type Approval = typeof approvals.$inferSelect;

/** The alias that follows a rollout's candidate. */
const CANDIDATE = "candidate";
const MOST_APPROVALS = 10;

const ofRule = (scope: Scope, modelId: string, alias: string) =>
  and(
    eq(approvalRules.teamId, scope.teamId),
    eq(approvalRules.projectId, scope.projectId),
    eq(approvalRules.modelId, modelId),
    eq(approvalRules.alias, alias),
  );
export const ofApprovals = (scope: Scope) =>
  and(eq(approvals.teamId, scope.teamId), eq(approvals.projectId, scope.projectId));

/** The rule that guards an alias of a model; null where it moves freely. */
export async function ruleOf(tx: Tx, scope: Scope, modelId: string, alias: string): Promise<ApprovalRule | null> {
  const [rule] = await tx
    .select()
    .from(approvalRules)
    .where(ofRule(scope, modelId, alias));
  return rule ?? null;
}

/** A model's rules by alias. */
export async function listApprovalRules(tx: Tx, scope: Scope, modelId: string): Promise<ApprovalRule[]> {
  return tx
    .select()
    .from(approvalRules)
    .where(
      and(
        eq(approvalRules.teamId, scope.teamId),
        eq(approvalRules.projectId, scope.projectId),
        eq(approvalRules.modelId, modelId),
      ),
    )
    .orderBy(asc(approvalRules.alias));
}

/** How many different people approved. */
export const approvalsGiven = (approval: Approval) => approval.decisions.filter((decision) => decision.approved).length;

/** The newest request that lets a version carry an alias under its present rule: approved, by as many as it now asks for. */
export async function standingApproval(
  tx: Tx,
  scope: Scope,
  rule: ApprovalRule,
  versionId: string,
): Promise<Approval | null> {
  const rows = await tx
    .select()
    .from(approvals)
    .where(
      and(
        ofApprovals(scope),
        eq(approvals.modelId, rule.modelId),
        eq(approvals.alias, rule.alias),
        eq(approvals.versionId, versionId),
        eq(approvals.state, "approved"),
      ),
    )
    .orderBy(desc(approvals.id));
  return rows.find((row) => approvalsGiven(row) >= rule.approvals) ?? null;
}

/** What a version still lacks to carry an alias: null where no rule guards it or where it is approved. */
export async function missingApproval(
  tx: Tx,
  scope: Scope,
  wanted: { modelId: string; alias: string; versionId: string },
): Promise<ApprovalRule | null> {
  const rule = await ruleOf(tx, scope, wanted.modelId, wanted.alias);
  if (rule === null) return null;
  return (await standingApproval(tx, scope, rule, wanted.versionId)) === null ? rule : null;
}

/** The newest request that a version may carry an alias, whatever became of it; null where nobody ever asked. */
export async function newestApproval(
  tx: Tx,
  scope: Scope,
  wanted: { modelId: string; alias: string; versionId: string },
): Promise<Approval | null> {
  const [row] = await tx
    .select()
    .from(approvals)
    .where(
      and(
        ofApprovals(scope),
        eq(approvals.modelId, wanted.modelId),
        eq(approvals.alias, wanted.alias),
        eq(approvals.versionId, wanted.versionId),
      ),
    )
    .orderBy(desc(approvals.createdAt), desc(approvals.id))
    .limit(1);
  return row ?? null;
}

const counted = (n: number) => `${n} approval${n === 1 ? "" : "s"}`;

/**
 * Guards an alias of a model: from now on it moves only to versions that so many people approved. What carries it stays, and a
 * rollout that is under way goes on. Emits `approval_rule.changed`. @throws AppError `not_found`, `invalid_input`
 */
export async function setApprovalRule(
  tx: Tx,
  scope: Scope,
  input: { modelId: string; alias: string; approvals: number },
): Promise<ApprovalRule> {
  const alias = aliasName(input.alias);
  if (alias === CANDIDATE) {
    const message = `alias: "${CANDIDATE}" follows whatever a rollout tries. Guard "champion": it keeps unapproved rollouts from starting.`;
    throw new AppError("invalid_input", message, { details: { field: "alias" } });
  }
  if (!Number.isInteger(input.approvals) || input.approvals < 1 || input.approvals > MOST_APPROVALS) {
    const message = `approvals: ${input.approvals} were asked for; 1 to ${MOST_APPROVALS} can be required.`;
    throw new AppError("invalid_input", message, { details: { field: "approvals" } });
  }
  const model = await lockModel(tx, scope, { id: input.modelId });
  const { teamId, projectId } = scope;
  const [rule] = await tx
    .insert(approvalRules)
    .values({ teamId, projectId, modelId: model.id, alias, approvals: input.approvals, createdBy: scope.actor.name })
    .onConflictDoUpdate({
      target: [approvalRules.teamId, approvalRules.projectId, approvalRules.modelId, approvalRules.alias],
      set: { approvals: input.approvals, updatedAt: new Date() },
    })
    .returning();
  if (!rule) throw new AppError("internal", `the rule for ${alias} was not written`);
  const data = { modelId: model.id, model: model.name, alias, approvals: input.approvals };
  const summary = `${model.name}: ${alias} now needs ${counted(input.approvals)}`;
  await emit(tx, scope, { name: "approval_rule.changed", subject: model.id, summary, data });
  await audit(tx, scope, { action: "approval_rule.set", subject: model.id, detail: data });
  return rule;
}

/** Lets an alias move freely again. Emits `approval_rule.changed`. @throws AppError `not_found` for an alias without a rule */
export async function removeApprovalRule(
  tx: Tx,
  scope: Scope,
  input: { modelId: string; alias: string },
): Promise<void> {
  const model = await lockModel(tx, scope, { id: input.modelId });
  const [gone] = await tx
    .delete(approvalRules)
    .where(ofRule(scope, model.id, input.alias))
    .returning();
  if (!gone) throw notFound("Approval rule", input.alias);
  const data = { modelId: model.id, model: model.name, alias: input.alias, approvals: 0 };
  const summary = `${model.name}: ${input.alias} needs no approval any more`;
  await emit(tx, scope, { name: "approval_rule.changed", subject: model.id, summary, data });
  await audit(tx, scope, { action: "approval_rule.remove", subject: model.id, detail: data });
}
