import { formatCount, formatDifference, formatEvidence, type Tone } from "@ballast/ui";
import { versionName } from "../../../../../page/version-name.ts";
import type { Deployment, RolloutDetail } from "./deployment-data";
import { isOpen } from "./deployment-data.ts";

export interface Opening {
  tone: Tone;
  headline: string;
  why: string[];
  act: string;
}

/** What is still needed before the rollout may go on, in words with the numbers. */
function stillNeeded({ rollout }: RolloutDetail): string {
  const { evidence, plan } = rollout;
  const days = evidence.days.length;
  if (days < plan.minDays) {
    return `${formatCount(plan.minDays - days)} more matured ${plan.minDays - days === 1 ? "day" : "days"} at least; a day matures one event day after it ends.`;
  }
  const e = evidence.quality?.eNonInferior ?? 1;
  const needed = 1 / plan.alpha.quality;
  if (e < needed) {
    return `The proof that it is not worse stands at E = ${formatEvidence(e)} and needs ${formatEvidence(needed)}; after ${formatCount(plan.maxDays)} matured days without it the candidate is refused.`;
  }
  return "The proof is there; each step still lasts until its own days have matured.";
}

function ofOpenRollout(detail: RolloutDetail): Opening {
  const { rollout, candidate, paused, decisions } = detail;
  const name = candidate ? `v${candidate.version}` : "The candidate";
  const last = decisions[0]?.summary;
  if (paused) {
    return {
      tone: "warning",
      headline: `${name} is paused by a person.`,
      why: ["No step forward is taken. The guards go on and still roll back on harm.", ...(last ? [last] : [])],
      act: "Resume it, or roll it back.",
    };
  }
  if (rollout.state === "queued" || rollout.state === "gating") {
    return {
      tone: "running",
      headline: rollout.state === "queued" ? `${name} waits for its turn.` : `${name} is in its gates.`,
      why: ["No caller has met it. The champion answers every request."],
      act: "Nothing. The gates take seconds; what they measured is shown below.",
    };
  }
  const quality = rollout.evidence.quality;
  const measured = quality
    ? `Brier difference ${formatDifference(quality.mean, 5)}, between ${formatDifference(quality.lower, 4)} and ${formatDifference(quality.upper, 4)} (${formatCount(quality.days)} days, n = ${formatCount(quality.rows)} pairs); margin ${formatDifference(rollout.plan.margin, 4)}.`
    : "No day has matured yet, so quality is unknown.";
  const proven = quality?.verdict === "non_inferior";
  const unknown = quality === null && rollout.evidence.exposures === 0;
  return {
    tone: unknown ? "running" : "healthy",
    headline: unknown
      ? `${name} scores in shadow; nothing is known yet.`
      : proven
        ? "Safe so far, and proven not worse."
        : "Safe so far, not yet proven.",
    why: [unknown ? `No caller has met it. ${measured}` : `No guard has evidence of harm. ${measured}`],
    act: `Nothing. ${stillNeeded(detail)}`,
  };
}

/** Is it healthy, why not, what do I do: for a deployment and, if one is under way, its rollout. Pure. */
export function openingOf(deployment: Deployment, detail: RolloutDetail | undefined): Opening {
  const { champion } = deployment.routing;
  if (detail && isOpen(detail.rollout) && champion !== null) return ofOpenRollout(detail);
  if (champion === null) {
    return {
      tone: "idle",
      headline: "Nobody answers yet.",
      why: ["The first version of the model that passes its gates serves at once."],
      act: `Register a version of ${deployment.model} and ask for a rollout.`,
    };
  }
  const name = versionName(deployment.versions, champion);
  const reason = detail?.rollout.outcomeReason;
  return {
    tone: "healthy",
    headline: `${name} answers every request.`,
    why: [reason ? `Last rollout: ${reason}` : "No rollout is under way."],
    act: "Nothing. A retrain that a policy asks for, or a version registered by hand, starts the next rollout.",
  };
}
