import { formatCount, formatDifference, formatEvidence, type Tone } from "@ballast/ui";
import type { Outputs } from "../../../../../page/outputs.ts";
import { paths } from "../../../../../page/paths.ts";
import { versionName } from "../../../../../page/version-name.ts";
import { advice } from "../../monitoring/advice.ts";
import { harmLevel, strongestHarm } from "../harm-evidence.ts";
import { slownessOf } from "../slowness.ts";
import type { Deployment, RolloutDetail } from "./deployment-data";
import { isOpen } from "./deployment-data.ts";

export interface Opening {
  tone: Tone;
  headline: string;
  why: string[];
  act: string;
  actions: { label: string; href: string }[];
}

type Watch = Outputs["monitoring"]["overview"];

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
      actions: [],
    };
  }
  if (rollout.state === "queued" || rollout.state === "gating") {
    return {
      tone: "running",
      headline: rollout.state === "queued" ? `${name} waits for its turn.` : `${name} is in its gates.`,
      why: ["No caller has met it. The champion answers every request."],
      act: "Nothing. The gates take seconds; what they measured is shown below.",
      actions: [],
    };
  }
  return ofEvidence(detail, name);
}

const harmTones = { none: "healthy", some: "warning", harm: "breach" } as const;

/** A rollout whose candidate scores beside the champion, or answers: what its guards and its paired days have come to. */
function ofEvidence(detail: RolloutDetail, name: string): Opening {
  const { rollout } = detail;
  const quality = rollout.evidence.quality;
  const measured = quality
    ? `Brier difference ${formatDifference(quality.mean, 5)}, between ${formatDifference(quality.lower, 4)} and ${formatDifference(quality.upper, 4)} (${formatCount(quality.days)} days, n = ${formatCount(quality.rows)} pairs); margin ${formatDifference(rollout.plan.margin, 4)}.`
    : "No day has matured yet, so quality is unknown.";
  if (quality === null && rollout.evidence.exposures === 0) {
    return {
      tone: "running",
      headline: `${name} scores in shadow; nothing is known yet.`,
      why: [`No caller has met it. ${measured}`],
      act: `Nothing. ${stillNeeded(detail)}`,
      actions: [],
    };
  }
  const strongest = strongestHarm(rollout);
  const level = harmLevel(strongest);
  const proven = quality?.verdict === "non_inferior";
  const strength = `${strongest.guard}: E = ${formatEvidence(strongest.e)}, the boundary is ${formatEvidence(strongest.needed)}.`;
  return {
    tone: harmTones[level],
    headline: {
      none: proven ? "Safe so far, and proven not worse." : "Safe so far, not yet proven.",
      some: `Some evidence that ${name} does harm, too little to roll it back.`,
      harm: `${name} does harm.`,
    }[level],
    why: [level === "none" ? `No guard has evidence of harm. ${measured}` : `${strength} ${measured}`],
    act: {
      none: `Nothing. ${stillNeeded(detail)}`,
      some: "Nothing has to be done: at the boundary it is rolled back by itself. Pause it to take no step forward meanwhile.",
      harm: "Nothing. The next look at the evidence rolls it back.",
    }[level],
    actions: [],
  };
}

const NEXT_ROLLOUT =
  "Nothing. A retrain that a policy asks for, or a version registered by hand, starts the next rollout.";

/** Who answers, where monitoring has nothing to say against it. */
function ofContent(name: string, detail: RolloutDetail | undefined, watch: Watch): Opening {
  const { state, reasons, headline } = watch.verdict;
  const outcome = detail && !isOpen(detail.rollout) ? detail.rollout.outcomeReason : null;
  const answers = `${name} answers every request`;
  if (state === "waiting") {
    const first = `${answers}; its first day is not complete yet.`;
    return { tone: "running", headline: first, why: reasons, act: NEXT_ROLLOUT, actions: [] };
  }
  return {
    tone: "healthy",
    headline: watch.window?.predictions === 0 ? `${headline}.` : `${answers}.`,
    why: [...reasons, outcome ? `Last rollout: ${outcome}` : "No rollout is under way."],
    act: NEXT_ROLLOUT,
    actions: [],
  };
}

/** Who answers, and what monitoring says of it. */
function ofServing(
  { versions, routing, last24h, sloMs, name: deployment }: Deployment,
  detail: RolloutDetail | undefined,
  watch: Watch | undefined,
  base: string,
): Opening {
  const name = versionName(versions, routing.champion);
  const actions = [{ label: "Open monitoring", href: paths.monitoring(base, deployment) }];
  if (!watch) {
    return {
      tone: "idle",
      headline: `${name} answers every request.`,
      why: ["What monitoring says of it has not been read."],
      act: "Wait a moment, or open monitoring.",
      actions,
    };
  }
  const { state, reasons, headline } = watch.verdict;
  const slow = last24h?.tally ? slownessOf({ from: last24h.from, tally: last24h.tally }, sloMs) : null;
  if (state === "broken" || state === "attention") {
    const [remedy] = watch.verdict.remedies;
    return {
      tone: state === "broken" ? "breach" : "warning",
      headline: `${headline}.`,
      why: [...reasons, ...(slow ? [slow] : [])],
      act:
        state === "broken"
          ? "Look at what broke; serving goes on meanwhile."
          : `Nothing has to be done at once. ${remedy ? advice[remedy.kind] : ""}`.trim(),
      actions,
    };
  }
  if (!slow) return ofContent(name, detail, watch);
  return {
    tone: "warning",
    headline: `${name} answers every request, slower than its objective.`,
    why: [slow],
    act: "Look at what else runs on the gateway's machine: answers came late, none was lost.",
    actions,
  };
}

const GRAVITY: Partial<Record<Tone, number>> = { warning: 1, breach: 2 };
const gravity = ({ tone }: Opening): number => GRAVITY[tone] ?? 0;

/** Is it healthy, why not, what do I do: for a deployment, what monitoring says of it and, if one is under way, its rollout. Pure. */
export function openingOf(
  deployment: Deployment,
  detail: RolloutDetail | undefined,
  watch: Watch | undefined,
  base: string,
): Opening {
  if (deployment.routing.champion === null) {
    return {
      tone: "idle",
      headline: "Nobody answers yet.",
      why: ["The first version of the model that passes its gates serves at once."],
      act: `Register a version of ${deployment.model} and ask for a rollout.`,
      actions: [],
    };
  }
  const serving = ofServing(deployment, detail, watch, base);
  if (!detail || !isOpen(detail.rollout)) return serving;
  const rollout = ofOpenRollout(detail);
  if (gravity(serving) === 0) return rollout;
  // What is wrong with serving is not hidden by a rollout that goes well, nor the other way round.
  const [first, second] = gravity(serving) > gravity(rollout) ? [serving, rollout] : [rollout, serving];
  return { ...first, why: [...first.why, ...second.why], actions: serving.actions };
}
