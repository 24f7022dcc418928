import { type EpochMs, notFound, type Scope } from "@ballast/core";
import { deployments, projects, rolloutDecisions, rollouts, type Tx } from "@ballast/db";
import { and, desc, eq, inArray, ne, or } from "drizzle-orm";
import { ACTIVE_STATES } from "./rollout-facts.ts";

export type DeploymentRow = typeof deployments.$inferSelect;
export type RolloutRow = typeof rollouts.$inferSelect;
export type DecisionRow = typeof rolloutDecisions.$inferSelect;

export const ofDeployments = (scope: Scope) =>
  and(eq(deployments.teamId, scope.teamId), eq(deployments.projectId, scope.projectId));
export const ofRollouts = (scope: Scope) =>
  and(eq(rollouts.teamId, scope.teamId), eq(rollouts.projectId, scope.projectId));
export const ofDecisions = (scope: Scope) =>
  and(eq(rolloutDecisions.teamId, scope.teamId), eq(rolloutDecisions.projectId, scope.projectId));

/** A deployment by id or name. 404 if it is not of the project. */
export async function findDeployment(tx: Tx, scope: Scope, idOrName: string): Promise<DeploymentRow> {
  const [row] = await tx
    .select()
    .from(deployments)
    .where(and(ofDeployments(scope), or(eq(deployments.id, idOrName), eq(deployments.name, idOrName))));
  if (!row) throw notFound("Deployment", idOrName);
  return row;
}

/**
 * A deployment, locked until the transaction ends. Whatever changes routes or rollouts takes this lock first, so two deciders
 * never act on the same evidence.
 */
export async function lockDeployment(tx: Tx, scope: Scope, id: string): Promise<DeploymentRow> {
  const [row] = await tx
    .select()
    .from(deployments)
    .where(and(ofDeployments(scope), eq(deployments.id, id)))
    .for("update");
  if (!row) throw notFound("Deployment", id);
  return row;
}

/** A rollout by id. 404 if it is not of the project. */
export async function findRollout(tx: Tx, scope: Scope, id: string): Promise<RolloutRow> {
  const [row] = await tx
    .select()
    .from(rollouts)
    .where(and(ofRollouts(scope), eq(rollouts.id, id)));
  if (!row) throw notFound("Rollout", id);
  return row;
}

/** The deployment's rollout that is under way (gating, shadow or canary), if any: there is never more than one. */
export async function activeRollout(tx: Tx, scope: Scope, deploymentId: string): Promise<RolloutRow | null> {
  const [row] = await tx
    .select()
    .from(rollouts)
    .where(
      and(ofRollouts(scope), eq(rollouts.deploymentId, deploymentId), inArray(rollouts.state, [...ACTIVE_STATES])),
    );
  return row ?? null;
}

/** Event time up to which the project's stream is complete; null before the first watermark. */
export async function readWatermark(tx: Tx, scope: Scope): Promise<EpochMs | null> {
  const [row] = await tx
    .select({ watermark: projects.watermark })
    .from(projects)
    .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId)));
  return row?.watermark?.getTime() ?? null;
}

/** The last decision on a rollout that kept a given kind of record, newest first. */
async function lastDecision(tx: Tx, scope: Scope, rolloutId: string, kinds: string[]): Promise<DecisionRow | null> {
  const [row] = await tx
    .select()
    .from(rolloutDecisions)
    .where(
      and(ofDecisions(scope), eq(rolloutDecisions.rolloutId, rolloutId), inArray(rolloutDecisions.decision, kinds)),
    )
    .orderBy(desc(rolloutDecisions.createdAt), desc(rolloutDecisions.id))
    .limit(1);
  return row ?? null;
}

/** True while a person's `pause` is the last word. */
export async function isPaused(tx: Tx, scope: Scope, rolloutId: string): Promise<boolean> {
  return (await lastDecision(tx, scope, rolloutId, ["pause", "resume"]))?.decision === "pause";
}

/** The rule of the newest decision that was not made by hand. */
export async function lastRule(tx: Tx, scope: Scope, rolloutId: string): Promise<string | null> {
  const [row] = await tx
    .select({ rule: rolloutDecisions.rule })
    .from(rolloutDecisions)
    .where(
      and(
        ofDecisions(scope),
        eq(rolloutDecisions.rolloutId, rolloutId),
        ne(rolloutDecisions.decision, "pause"),
        ne(rolloutDecisions.decision, "resume"),
      ),
    )
    .orderBy(desc(rolloutDecisions.createdAt), desc(rolloutDecisions.id))
    .limit(1);
  return row?.rule ?? null;
}
