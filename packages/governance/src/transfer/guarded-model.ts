import { AppError, mayDo, type Scope } from "@ballast/core";
import { approvalRules, type Tx } from "@ballast/db";
import { and, asc, eq } from "drizzle-orm";

/**
 * Refuses what takes a model away from its name, its project or the list while a rule guards one of its aliases: under the freed name
 * anybody could make a model without rules, and whoever loads `models:/<name>@<alias>` would get it. Who may change the rules may.
 * @throws AppError `precondition_failed` naming the alias
 */
export async function refuseWhileRuled(tx: Tx, scope: Scope, modelId: string, what: string): Promise<void> {
  if (mayDo(scope.actor, "governance.write")) return;
  const [rule] = await tx
    .select({ alias: approvalRules.alias })
    .from(approvalRules)
    .where(
      and(
        eq(approvalRules.teamId, scope.teamId),
        eq(approvalRules.projectId, scope.projectId),
        eq(approvalRules.modelId, modelId),
      ),
    )
    .orderBy(asc(approvalRules.alias))
    .limit(1);
  if (!rule) return;
  throw new AppError(
    "precondition_failed",
    `${what}: a rule guards its alias "${rule.alias}". An admin, or a program with governance.write, must do it.`,
    { details: { field: "alias", alias: rule.alias } },
  );
}
