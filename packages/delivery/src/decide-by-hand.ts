import { AppError, mayDo, type Scope } from "@ballast/core";
import type { RolloutState, Tx } from "@ballast/db";
import { applyDecision } from "./apply-decision.ts";
import { findRollout, isPaused, lockDeployment, type RolloutRow, readWatermark } from "./records.ts";
import type { DecideByHand } from "./schemas.ts";

/** States in which a person may decide what. */
const ALLOWED: Record<DecideByHand["decision"], readonly RolloutState[]> = {
  promote: ["shadow", "canary"],
  roll_back: ["shadow", "canary"],
  abort: ["queued", "gating", "shadow"],
  pause: ["shadow", "canary"],
  resume: ["shadow", "canary"],
};

/** The state a decision ends in; null where the rollout goes on. */
const TO_STATE: Record<DecideByHand["decision"], RolloutState | null> = {
  promote: "promoted",
  roll_back: "rolled_back",
  abort: "aborted",
  pause: null,
  resume: null,
};
const WORDS = {
  promote: "Promoted",
  roll_back: "Rolled back",
  abort: "Aborted",
  pause: "Paused",
  resume: "Resumed",
} as const;

/**
 * A person's decision on a rollout, with a reason, recorded beside the platform's own. Promoting by hand overrides the
 * quality test, not the gates: a version that has not passed them cannot be promoted.
 * @throws AppError `forbidden` without the permission rollout.decide; `not_found`; `conflict` when the rollout's state does
 * not allow it
 */
export async function decideByHand(tx: Tx, scope: Scope, input: DecideByHand): Promise<RolloutRow> {
  if (!mayDo(scope.actor, "rollout.decide")) {
    throw new AppError("forbidden", `This needs the permission rollout.decide, which ${scope.actor.name} lacks.`);
  }
  const evidenceAt = performance.now();
  const found = await findRollout(tx, scope, input.rolloutId);
  const deployment = await lockDeployment(tx, scope, found.deploymentId);
  const rollout = await findRollout(tx, scope, input.rolloutId);
  if (!ALLOWED[input.decision].includes(rollout.state)) {
    const allowed = ALLOWED[input.decision].join(" or ");
    throw new AppError(
      "conflict",
      `decision: ${input.decision} is possible while a rollout is in ${allowed}; this one is ${rollout.state}.`,
      { details: { field: "decision", state: rollout.state } },
    );
  }
  const paused = await isPaused(tx, scope, rollout.id);
  if ((input.decision === "pause" && paused) || (input.decision === "resume" && !paused)) return rollout;
  const ending = TO_STATE[input.decision];
  const now = await readWatermark(tx, scope);
  await applyDecision(tx, scope, {
    deployment,
    rollout,
    evidence: rollout.evidence,
    decision: {
      decision: input.decision,
      toState: ending ?? rollout.state,
      step: ending ? -1 : rollout.step,
      ruleId: "by_hand",
      rule: "Decided by hand.",
      inputs: {
        reason: input.reason,
        exposures: rollout.evidence.exposures,
        maturedDays: rollout.evidence.days.length,
      },
      summary: `${WORDS[input.decision]} by ${scope.actor.name}: ${input.reason}`,
    },
    now,
    routedFrom: now,
    evidenceAt,
  });
  return findRollout(tx, scope, rollout.id);
}
