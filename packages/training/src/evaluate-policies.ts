import { DAY_MS, isoDay, type Scope } from "@ballast/core";
import {
  deployments,
  domainEvents,
  emit,
  performanceDays,
  rollouts,
  type Tx,
  trainingJobs,
  trainingPipelines,
  triggerPolicies,
} from "@ballast/db";
import { and, asc, desc, eq, gte, inArray, isNull, lt, sql } from "drizzle-orm";
import { DEFAULT_PLAN } from "./index.ts";
import { requestTraining, type TrainingJob, type TrainingRequestDeps } from "./request-training.ts";
import { decideCalibration, type MaturedDay, type TriggerDecision } from "./trigger-policy.ts";

export interface PolicyEvaluation {
  policy: string;
  decision: TriggerDecision;
  /** The job asked for, queued or refused; null when the policy did not fire. */
  job: TrainingJob | null;
}

type Deployment = typeof deployments.$inferSelect;

/**
 * Holds every enabled policy of a deployment against its matured days up to `through` (event time). A policy that fires emits
 * `calibration.breached` and asks for training on the days before `through`. Idempotent per window: the policy's row is locked, and one that
 * fired at `through` is in its cooldown. A refused request counts as asked, so that an empty budget is not asked daily.
 */
export async function evaluatePolicies(
  tx: Tx,
  scope: Scope,
  input: { deploymentId: string; through: Date },
  deps: TrainingRequestDeps,
): Promise<PolicyEvaluation[]> {
  const mine = and(eq(triggerPolicies.teamId, scope.teamId), eq(triggerPolicies.projectId, scope.projectId));
  const policies = await tx
    .select()
    .from(triggerPolicies)
    .where(and(mine, eq(triggerPolicies.deploymentId, input.deploymentId), eq(triggerPolicies.enabled, true)))
    .orderBy(asc(triggerPolicies.name))
    .for("update");
  const [deployment] = await tx
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        eq(deployments.id, input.deploymentId),
      ),
    );
  const champion = deployment?.routing.champion;
  if (!deployment || !champion) return [];
  const evaluations: PolicyEvaluation[] = [];
  for (const policy of policies) {
    const days = await maturedDays(tx, scope, deployment.id, champion, input.through, policy.spec.days);
    // Asked anew for each policy: the one before may have put a job in the queue.
    const busy = await whatIsUnderWay(tx, scope, deployment);
    const state = { through: input.through.getTime(), lastFired: policy.lastFired?.getTime() ?? null, busy };
    const decision = decideCalibration(policy.spec, days, state);
    const job = decision.fire ? await fire(tx, scope, deployment, policy, decision, input.through, deps) : null;
    evaluations.push({ policy: policy.name, decision, job });
  }
  return evaluations;
}

async function fire(
  tx: Tx,
  scope: Scope,
  deployment: Deployment,
  policy: typeof triggerPolicies.$inferSelect,
  decision: TriggerDecision,
  through: Date,
  deps: TrainingRequestDeps,
): Promise<TrainingJob> {
  await tx
    .update(triggerPolicies)
    .set({ lastFired: through })
    .where(
      and(
        eq(triggerPolicies.teamId, scope.teamId),
        eq(triggerPolicies.projectId, scope.projectId),
        eq(triggerPolicies.id, policy.id),
      ),
    );
  await emit(tx, scope, {
    name: "calibration.breached",
    subject: deployment.id,
    summary: `${deployment.name} at ${isoDay(through.getTime() - 1)}: ${decision.summary}`,
    data: { policy: policy.name, policyId: policy.id, versionId: deployment.routing.champion, ...decision },
    eventTime: through,
  });
  return requestTraining(
    tx,
    scope,
    {
      pipeline: policy.pipelineId,
      cause: `policy:${policy.name}`,
      from: new Date(through.getTime() - policy.spec.trainDays * DAY_MS),
      to: through,
      plan: DEFAULT_PLAN,
      eventTime: through,
    },
    deps,
  );
}

/** The present champion's newest days before `through`: also those it scored before it became champion. */
async function maturedDays(
  tx: Tx,
  scope: Scope,
  deploymentId: string,
  versionId: string,
  through: Date,
  days: number,
): Promise<MaturedDay[]> {
  const rows = await tx
    .select()
    .from(performanceDays)
    .where(
      and(
        eq(performanceDays.teamId, scope.teamId),
        eq(performanceDays.projectId, scope.projectId),
        eq(performanceDays.deploymentId, deploymentId),
        eq(performanceDays.versionId, versionId),
        lt(performanceDays.day, through),
        gte(performanceDays.day, new Date(through.getTime() - (days + 2) * DAY_MS)),
      ),
    );
  return rows.map(({ day, n, meanPrediction, meanOutcome }) => ({
    day: day.getTime(),
    n,
    meanPrediction,
    meanOutcome,
  }));
}

/** A rollout or a training of the deployment that has not ended, in words. */
async function whatIsUnderWay(tx: Tx, scope: Scope, deployment: Deployment): Promise<string | null> {
  const [rollout] = await tx
    .select({ id: rollouts.id, state: rollouts.state })
    .from(rollouts)
    .where(
      and(
        eq(rollouts.teamId, scope.teamId),
        eq(rollouts.projectId, scope.projectId),
        eq(rollouts.deploymentId, deployment.id),
        inArray(rollouts.state, ["queued", "gating", "shadow", "canary"]),
      ),
    )
    .limit(1);
  if (rollout) return `rollout ${rollout.id} is in state ${rollout.state}`;
  const ofDeployment = and(
    eq(trainingJobs.teamId, scope.teamId),
    eq(trainingJobs.projectId, scope.projectId),
    eq(trainingPipelines.projectId, scope.projectId),
    sql`${trainingPipelines.spec} ->> 'deploymentName' = ${deployment.name}`,
  );
  const pipelineOfJob = and(
    eq(trainingPipelines.teamId, trainingJobs.teamId),
    eq(trainingPipelines.id, trainingJobs.pipelineId),
  );
  const [job] = await tx
    .select({ id: trainingJobs.id, state: trainingJobs.state })
    .from(trainingJobs)
    .innerJoin(trainingPipelines, pipelineOfJob)
    .where(and(ofDeployment, inArray(trainingJobs.state, ["queued", "running"])))
    .limit(1);
  if (job) return `training ${job.id} is ${job.state}`;
  // Between a training's success and its rollout stands an event: until it is handled, neither table shows the work.
  const [handedOver] = await tx
    .select({ id: trainingJobs.id })
    .from(trainingJobs)
    .innerJoin(trainingPipelines, pipelineOfJob)
    .innerJoin(
      domainEvents,
      and(
        eq(domainEvents.teamId, trainingJobs.teamId),
        eq(domainEvents.projectId, trainingJobs.projectId),
        eq(domainEvents.subject, trainingJobs.id),
        eq(domainEvents.name, "training.succeeded"),
        isNull(domainEvents.handledAt),
      ),
    )
    .where(and(ofDeployment, eq(trainingJobs.state, "succeeded")))
    .orderBy(desc(trainingJobs.createdAt))
    .limit(1);
  return handedOver ? `training ${handedOver.id} waits for its rollout` : null;
}
