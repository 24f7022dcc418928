import type { Scope } from "@ballast/core";
import { gateResults, modelVersions, type RolloutState, rolloutDecisions, rollouts, type Tx } from "@ballast/db";
import { and, asc, count, desc, eq, inArray, lt } from "drizzle-orm";
import { findDeployment, findRollout, isPaused, ofDecisions, ofRollouts } from "./records.ts";

/** Rollouts newest first, a page at a time (`before` is the last one's id), of one deployment or of all. */
export async function listRollouts(
  tx: Tx,
  scope: Scope,
  page: { deployment?: string | undefined; before?: string | undefined; limit: number },
) {
  const deployment = page.deployment ? await findDeployment(tx, scope, page.deployment) : null;
  const rows = await tx
    .select({
      id: rollouts.id,
      deploymentId: rollouts.deploymentId,
      candidateId: rollouts.candidateId,
      candidateVersion: modelVersions.version,
      championId: rollouts.championId,
      state: rollouts.state,
      step: rollouts.step,
      plan: rollouts.plan,
      cause: rollouts.cause,
      outcomeReason: rollouts.outcomeReason,
      evidence: rollouts.evidence,
      startedEventTime: rollouts.startedEventTime,
      endedEventTime: rollouts.endedEventTime,
      createdBy: rollouts.createdBy,
      createdAt: rollouts.createdAt,
      endedAt: rollouts.endedAt,
    })
    .from(rollouts)
    .innerJoin(modelVersions, eq(modelVersions.id, rollouts.candidateId))
    .where(
      and(
        ofRollouts(scope),
        deployment ? eq(rollouts.deploymentId, deployment.id) : undefined,
        page.before ? lt(rollouts.id, page.before) : undefined,
      ),
    )
    .orderBy(desc(rollouts.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  return { rollouts: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

/** How many rollouts a deployment has had, by their state; states that none is in are left out. */
export async function countRollouts(
  tx: Tx,
  scope: Scope,
  deploymentId: string,
): Promise<Partial<Record<RolloutState, number>>> {
  const rows = await tx
    .select({ state: rollouts.state, n: count() })
    .from(rollouts)
    .where(and(ofRollouts(scope), eq(rollouts.deploymentId, deploymentId)))
    .groupBy(rollouts.state);
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

/** A rollout's decisions newest first, a page at a time. 404 if the rollout is not of the project. */
export async function listDecisions(
  tx: Tx,
  scope: Scope,
  page: { rolloutId: string; before?: string | undefined; limit: number },
) {
  await findRollout(tx, scope, page.rolloutId);
  const rows = await tx
    .select()
    .from(rolloutDecisions)
    .where(
      and(
        ofDecisions(scope),
        eq(rolloutDecisions.rolloutId, page.rolloutId),
        page.before ? lt(rolloutDecisions.id, page.before) : undefined,
      ),
    )
    .orderBy(desc(rolloutDecisions.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  return { decisions: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

/** A rollout with its plan, evidence, versions, gates and first page of decisions. 404 if it is not of the project. */
export async function getRollout(tx: Tx, scope: Scope, rolloutId: string, decisionLimit = 50) {
  const rollout = await findRollout(tx, scope, rolloutId);
  const ids = [rollout.candidateId, ...(rollout.championId ? [rollout.championId] : [])];
  const versions = await tx
    .select({
      id: modelVersions.id,
      version: modelVersions.version,
      cause: modelVersions.cause,
      description: modelVersions.description,
      metrics: modelVersions.metrics,
    })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        inArray(modelVersions.id, ids),
      ),
    );
  const gates = await tx
    .select()
    .from(gateResults)
    .where(
      and(
        eq(gateResults.teamId, scope.teamId),
        eq(gateResults.projectId, scope.projectId),
        eq(gateResults.versionId, rollout.candidateId),
      ),
    )
    .orderBy(asc(gateResults.gate));
  return {
    rollout,
    paused: await isPaused(tx, scope, rollout.id),
    candidate: versions.find((version) => version.id === rollout.candidateId) ?? null,
    champion: versions.find((version) => version.id === rollout.championId) ?? null,
    gates,
    ...(await listDecisions(tx, scope, { rolloutId, limit: decisionLimit })),
  };
}
