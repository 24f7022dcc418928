import { type DomainEventName, type EpochMs, newId, type Scope } from "@ballast/core";
import {
  deployments,
  emit,
  notify,
  type RolloutEvidence,
  type RoutingTable,
  rolloutDecisions,
  rollouts,
  type Tx,
} from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { dropAlias, moveAlias } from "@ballast/registry/server";
import { and, eq, sql } from "drizzle-orm";
import { beginStep } from "./evidence.ts";
import { type DeploymentRow, lastRule, ofDecisions, ofDeployments, ofRollouts, type RolloutRow } from "./records.ts";
import type { Decision, DecisionKind } from "./rollout-facts.ts";
import { changeRouting, type RoutingChange } from "./routing.ts";

/** A decision with what it is to be carried out on. Deployment and rollout are locked by the caller. */
export interface DecisionContext {
  deployment: DeploymentRow;
  rollout: RolloutRow;
  /** Evidence the decision was made from; written with it. */
  evidence: RolloutEvidence;
  decision: Decision;
  /** Event time of the decision; null before the first watermark. */
  now: EpochMs | null;
  /** Event time from which new routes hold: the newest that the stream has reached. */
  routedFrom: EpochMs | null;
  /** `performance.now()` when the deciding evidence was there to be read. */
  evidenceAt: number;
}

const EVENT_OF: Record<DecisionKind, DomainEventName | null> = {
  start_gates: "rollout.started",
  start_shadow: "rollout.advanced",
  start_canary: "rollout.advanced",
  advance: "rollout.advanced",
  hold: "rollout.held",
  promote: "rollout.promoted",
  refuse: "rollout.refused",
  roll_back: "rollout.rolled_back",
  // An aborted rollout frees the deployment like a refused one; the data says which it was.
  abort: "rollout.refused",
  pause: "rollout.held",
  resume: null,
};
const ENDED = new Set(["promoted", "refused", "rolled_back", "aborted"]);

function routingFor({ rollout, decision }: DecisionContext): RoutingChange | null {
  const candidateId = rollout.candidateId;
  switch (decision.decision) {
    case "start_shadow":
      return { kind: "shadow", candidateId };
    case "start_canary":
    case "advance":
      return { kind: "canary", candidateId, percent: rollout.plan.steps[decision.step]?.percent ?? 0 };
    case "promote":
      return { kind: "promote", candidateId };
    case "refuse":
    case "roll_back":
    case "abort":
      // One that waits or is in its gates never had a route; another rollout's must not be taken.
      return rollout.state === "queued" || rollout.state === "gating" ? null : { kind: "champion_only" };
    default:
      return null;
  }
}

/** Writes new routes and wakes the gateways when the transaction commits. Unchanged routes keep their revision. */
async function writeRoutes(tx: Tx, scope: Scope, deployment: DeploymentRow, routing: RoutingTable): Promise<void> {
  if (JSON.stringify(routing) === JSON.stringify(deployment.routing)) return;
  await tx
    .update(deployments)
    .set({ routing, routingRevision: deployment.routingRevision + 1, routedAt: new Date() })
    .where(and(ofDeployments(scope), eq(deployments.id, deployment.id)));
  await notify(tx, "ballast_routes", scope.projectId);
}

async function moveAliases(tx: Tx, scope: Scope, { deployment, rollout, decision }: DecisionContext): Promise<void> {
  const move = { modelId: deployment.modelId, versionId: rollout.candidateId };
  if (decision.decision === "start_gates") await moveAlias(tx, scope, { ...move, alias: "candidate" });
  if (decision.toState === "promoted") await moveAlias(tx, scope, { ...move, alias: "champion" });
  if (ENDED.has(decision.toState)) await dropAlias(tx, scope, { ...move, alias: "candidate" });
}

function rolloutAfter(context: DecisionContext): Partial<typeof rollouts.$inferInsert> {
  const { decision, evidence, rollout, routedFrom, now } = context;
  const time = (t: EpochMs | null) => (t === null ? null : new Date(t));
  const moved = decision.toState !== rollout.state || decision.step !== rollout.step;
  if (!moved) return { evidence };
  const ended = ENDED.has(decision.toState);
  const began = { ...beginStep(evidence), through: evidence.through ?? time(routedFrom)?.toISOString() ?? null };
  return {
    state: decision.toState,
    step: decision.step,
    evidence: ended ? evidence : began,
    stepSince: time(routedFrom),
    // Gates take their time: the candidate scores from here on, and only whole days after this are judged.
    ...(rollout.state === "gating" && !ended ? { startedEventTime: time(routedFrom) } : {}),
    ...(ended ? { outcomeReason: decision.summary, endedAt: new Date(), endedEventTime: time(now) } : {}),
  };
}

async function announce(tx: Tx, scope: Scope, context: DecisionContext): Promise<void> {
  const { decision, rollout, deployment, now } = context;
  const name = EVENT_OF[decision.decision];
  // A rollout that waits for the same reason as yesterday is no news.
  const repeated = decision.decision === "hold" && (await lastRule(tx, scope, rollout.id)) === decision.rule;
  const data = {
    rolloutId: rollout.id,
    deploymentId: deployment.id,
    candidateId: rollout.candidateId,
    championId: rollout.championId,
    cause: rollout.cause,
    decision: decision.decision,
    rule: decision.ruleId,
    from: rollout.state,
    to: decision.toState,
    percent: rollout.plan.steps[decision.step]?.percent ?? null,
    inputs: decision.inputs,
  };
  if (name && !repeated) {
    const eventTime = now === null ? null : new Date(now);
    await emit(tx, scope, { name, subject: rollout.id, summary: decision.summary, data, eventTime });
  }
  if (decision.decision === "hold") return;
  await audit(tx, scope, { action: `rollout.${decision.decision}`, subject: rollout.id, detail: data });
}

/**
 * Carries a decision out in the caller's transaction: rollout, routes with their revision and NOTIFY, aliases, event,
 * audit and the decision's own record with its inputs. All of it commits or none. Returns the decision's id.
 */
export async function applyDecision(tx: Tx, scope: Scope, context: DecisionContext): Promise<string> {
  const { decision, deployment, rollout } = context;
  const change = routingFor(context);
  if (change) {
    const begins = decision.decision === "start_shadow" || decision.decision === "start_canary";
    const salt = begins && rollout.state !== "shadow" ? rollout.id : deployment.routing.salt;
    await writeRoutes(tx, scope, deployment, changeRouting(deployment.routing, change, salt));
  }
  await tx
    .update(rollouts)
    .set(rolloutAfter(context))
    .where(and(ofRollouts(scope), eq(rollouts.id, rollout.id)));
  await moveAliases(tx, scope, context);
  await announce(tx, scope, context);
  const id = newId("decision");
  await tx.insert(rolloutDecisions).values({
    teamId: scope.teamId,
    projectId: scope.projectId,
    id,
    rolloutId: rollout.id,
    decision: decision.decision,
    summary: decision.summary,
    inputs: decision.inputs,
    rule: decision.rule,
    actor: scope.actor.name,
    decisionMs: performance.now() - context.evidenceAt,
    eventTime: context.now === null ? null : new Date(context.now),
  });
  return id;
}

/** Completes `decisionMs` once the decision has committed; a crash before this leaves the figure up to its writing. */
export async function recordDecisionTime(tx: Tx, scope: Scope, decisionId: string, decisionMs: number): Promise<void> {
  // Nor does it wait for the disk.
  await tx.execute(sql`set local synchronous_commit = off`);
  await tx
    .update(rolloutDecisions)
    .set({ decisionMs })
    .where(and(ofDecisions(scope), eq(rolloutDecisions.id, decisionId)));
}
