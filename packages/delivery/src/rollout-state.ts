import type { EpochMs } from "@ballast/core";
import type { RolloutEvidence } from "@ballast/db";
import { guardInputs, inNumbers, inShadowNumbers, qualityInputs, round } from "./decision-inputs.ts";
import { daysSince, qualityVerdict } from "./evidence.ts";
import { UNPROVEN_PERCENT_LIMIT } from "./plan.ts";
import { type Decision, isPolicyCaused, type RolloutFacts } from "./rollout-facts.ts";

interface Context {
  facts: RolloutFacts;
  evidence: RolloutEvidence;
  now: EpochMs;
}

function decide(
  { facts, evidence }: Context,
  verdict: Pick<Decision, "decision" | "toState" | "ruleId" | "rule" | "summary"> & { step?: number },
  inputs: Record<string, number | string> = {},
): Decision {
  const numbers = { ...qualityInputs(evidence, facts.plan), ...guardInputs(evidence, facts.plan), ...inputs };
  return { step: facts.step, ...verdict, inputs: numbers };
}

/** Ends a rollout that lost: refused if no caller met it and nobody would call it harmful, else rolled back. */
function lose(context: Context, refused: boolean, words: { ruleId: string; rule: string; summary: string }): Decision {
  const { decision, toState } = refused
    ? ({ decision: "refuse", toState: "refused" } as const)
    : ({ decision: "roll_back", toState: "rolled_back" } as const);
  return decide(context, { decision, toState, step: -1, ...words });
}

function hold(
  context: Context,
  ruleId: string,
  rule: string,
  summary: string,
  inputs?: Record<string, number | string>,
) {
  return decide(context, { decision: "hold", toState: context.facts.state, ruleId, rule, summary }, inputs);
}

/** The event-rate guards: a breach ends the rollout at once, whatever else is known. */
function breachedGuard(context: Context): Decision | null {
  const { evidence, facts } = context;
  for (const [name, guard, what] of [
    ["errors", evidence.errors, "failed requests"],
    ["latency", evidence.latency, `requests slower than ${facts.plan.sloMs} ms`],
  ] as const) {
    const needed = 1 / facts.plan.alpha[name];
    if (guard.e >= needed) {
      return lose(context, false, {
        ruleId: `guard.${name}`,
        rule: `Roll back as soon as the evidence that the candidate has more ${what} than the champion reaches ${needed}.`,
        summary:
          `Rolled back: ${what} ${guard.candidate} of ${guard.exposedCandidate} by the candidate against ` +
          `${guard.champion} of ${guard.exposedChampion} by the champion, e = ${round(guard.e, 3)} ≥ ${needed}.`,
      });
    }
    const { alone } = guard;
    if (alone === undefined || alone.e < alone.needed) continue;
    const allowed = `${round(100 * alone.rate, 3)} %`;
    return lose(context, false, {
      ruleId: `guard.${name}_alone`,
      rule: `Where no champion answers beside it, roll back as soon as the evidence that the candidate has ${what} beyond what is allowed reaches ${alone.needed}: three times the champion's rate, and no less than one in twenty.`,
      summary:
        `Rolled back: ${what} ${alone.events} of ${alone.requests} by the candidate alone, where ${allowed} are allowed ` +
        `(the champion had ${guard.champion} of ${guard.exposedChampion}), e = ${round(alone.e, 3)} ≥ ${alone.needed}.`,
    });
  }
  return null;
}

/** A day matures one window after its own, and the day on which a rollout begins is not judged. */
const MATURING_DAYS = 2;

/** The quality test's ways to end a rollout: proven harm, or no proof in the time the plan gave. */
function lostQuality(context: Context): Decision | null {
  const { evidence, facts } = context;
  const { plan } = facts;
  const verdict = qualityVerdict(evidence.quality, plan);
  const policy = isPolicyCaused(facts.cause);
  const unexposed = evidence.exposures === 0;
  const numbers = inNumbers(evidence);
  if (verdict === "harm") {
    const refused = policy && unexposed;
    return lose(context, refused, {
      ruleId: "quality.harm",
      rule: `End as soon as the paired day test proves, at alpha ${plan.alpha.harm}, that the candidate's Brier score is worse.`,
      summary: refused
        ? `Refused: retraining does not help; the candidate is worse, ${numbers}, e = ${round(evidence.quality?.eHarm ?? 0, 3)}.`
        : `Rolled back: the candidate is worse, ${numbers}, e = ${round(evidence.quality?.eHarm ?? 0, 3)}; ${evidence.exposures} answers to callers.`,
    });
  }
  const mostTraffic = plan.maxDays + MATURING_DAYS;
  if (evidence.days.length < plan.maxDays && (evidence.trafficDays ?? 0) < mostTraffic) return null;
  const proven = verdict === "non_inferior" && !lacksBenefit(facts, evidence);
  if (proven) return null;
  const why = verdict === "non_inferior" ? "no gain" : `not proven to be within ${plan.margin} of the champion`;
  return lose(context, unexposed, {
    ruleId: "quality.unproven",
    rule: `Refuse a candidate that ${plan.maxDays} matured days, or ${mostTraffic} days with traffic, could not prove ${policy ? "useful" : "not worse"}.`,
    summary: `${unexposed ? "Refused" : "Rolled back"}: ${policy ? "retraining does not help; " : ""}${why}, ${numbers}${inShadowNumbers(evidence)}.`,
  });
}

/** A retrain that a policy asked for replaces a working champion only if it looks better, not merely "not worse". */
function lacksBenefit(facts: RolloutFacts, evidence: RolloutEvidence): boolean {
  return isPolicyCaused(facts.cause) && (evidence.quality?.mean ?? 0) >= 0;
}

/** Null when non-inferiority is proven (and a retrain looks better); otherwise the reason to wait. */
function unproven(context: Context): { ruleId: string; summary: string } | null {
  const { evidence, facts } = context;
  const verdict = qualityVerdict(evidence.quality, facts.plan);
  if (verdict !== "non_inferior") {
    return { ruleId: "quality.collecting", summary: `Waiting: ${inNumbers(evidence)}; not proven yet.` };
  }
  if (lacksBenefit(facts, evidence)) {
    return { ruleId: "quality.no_gain", summary: `Waiting: not worse, but no gain yet; ${inNumbers(evidence)}.` };
  }
  return null;
}

function afterGates(context: Context): Decision | null {
  const { facts } = context;
  const { plan, gates } = facts;
  if (!gates) return null;
  if (!gates.passed) {
    return decide(context, {
      decision: "refuse",
      toState: "refused",
      step: -1,
      ruleId: "gates.failed",
      rule: "Every gate must pass before a version meets traffic.",
      summary: `Refused: ${gates.summary}`,
    });
  }
  if (!facts.hasChampion || plan.strategy === "all_at_once") {
    return decide(context, {
      decision: "promote",
      toState: "promoted",
      step: -1,
      ruleId: facts.hasChampion ? "plan.all_at_once" : "plan.first_version",
      rule: facts.hasChampion
        ? "The plan asks for no comparison: gates alone decide."
        : "The first version of a deployment has nobody to be compared with: gates alone decide.",
      summary: `Promoted: ${gates.summary}`,
    });
  }
  if (plan.strategy === "shadow_then_canary") {
    return decide(context, {
      decision: "start_shadow",
      toState: "shadow",
      step: -1,
      ruleId: "plan.shadow",
      rule: "Gates passed: score a copy of every request beside the champion; no caller sees it.",
      summary: `Shadow started: ${gates.summary}`,
    });
  }
  return startCanary(context, "Gates passed: begin with the plan's first step.", `Gates: ${gates.summary}`);
}

function startCanary(context: Context, rule: string, why: string): Decision {
  const percent = context.facts.plan.steps[0]?.percent ?? 0;
  const summary = `Canary started: ${percent} % of callers. ${why}`;
  const verdict = {
    decision: "start_canary",
    toState: "canary",
    step: 0,
    ruleId: "plan.canary",
    rule,
    summary,
  } as const;
  return decide(context, verdict, { percent });
}

function inShadow(context: Context): Decision {
  const { facts, evidence } = context;
  const wait = unproven(context);
  const rule = `Leave the shadow when the paired day test proves, at alpha ${facts.plan.alpha.quality}, a Brier difference below ${facts.plan.margin}${isPolicyCaused(facts.cause) ? " and the mean difference is below 0" : ""}.`;
  if (facts.plan.steps.length === 0) return hold(context, "plan.no_steps", rule, "Waiting: the plan has no steps.");
  if (evidence.days.length === 0) {
    return hold(
      context,
      "no_data",
      "No measurement is never a success.",
      `Waiting: no matured day with pairs yet${inShadowNumbers(evidence)}.`,
    );
  }
  if (wait) return hold(context, wait.ruleId, rule, wait.summary);
  if (facts.paused) return heldByHand(context);
  return startCanary(context, rule, `Not worse: ${inNumbers(evidence)}.`);
}

function heldByHand(context: Context): Decision {
  const rule = "A person paused the rollout; only guards act until it is resumed.";
  return hold(context, "paused", rule, "Waiting: paused by a person.");
}

/** What keeps a canary step from ending, or null. */
function heldInCanary(context: Context): Decision | null {
  const { facts, evidence, now } = context;
  const { plan } = facts;
  const step = plan.steps[facts.step];
  const next = plan.steps[facts.step + 1];
  const percent = step?.percent ?? 0;
  const waitedDays = facts.stepSince === null ? 0 : Math.floor((now - facts.stepSince) / 86_400_000);
  const matured = daysSince(evidence, facts.stepSince);
  const inputs = { percent, stepMaturedDays: matured, stepExposures: evidence.stepExposures ?? 0, waitedDays };
  if (evidence.srm.e >= 1 / plan.alpha.srm) {
    const rule = `Hold while the evidence of a wrong split reaches ${1 / plan.alpha.srm}: the arms cannot be compared.`;
    const counts = `${evidence.srm.candidate} to the candidate, ${evidence.srm.champion} to the champion at ${percent} %`;
    return hold(context, "srm.mismatch", rule, `Held: requests are split wrongly (${counts}).`, inputs);
  }
  if ((evidence.stepExposures ?? 0) === 0) {
    const summary = `Waiting: no caller has met the candidate at ${percent} % yet.`;
    return hold(context, "no_data", "No measurement is never a success.", summary, inputs);
  }
  const needed = step?.minDays ?? 1;
  if (matured < needed) {
    const rule = `A step lasts until ${needed} of its days ${needed === 1 ? "has" : "have"} matured.`;
    return hold(
      context,
      "step.min_days",
      rule,
      `Waiting: ${matured} of ${needed} days at ${percent} % matured.`,
      inputs,
    );
  }
  const beyond = next === undefined || next.percent > UNPROVEN_PERCENT_LIMIT;
  const wait = beyond ? unproven(context) : null;
  if (wait) {
    const rule = `Beyond ${UNPROVEN_PERCENT_LIMIT} % only with the quality proven on pairs.`;
    return hold(context, wait.ruleId, rule, wait.summary, inputs);
  }
  return facts.paused ? heldByHand(context) : null;
}

function inCanary(context: Context): Decision {
  const { facts, evidence, now } = context;
  const held = heldInCanary(context);
  const waited = facts.stepSince === null ? 0 : (now - facts.stepSince) / 86_400_000;
  if (held?.ruleId === "srm.mismatch" && waited >= facts.plan.maxDays) {
    return lose(context, false, {
      ruleId: "srm.unresolved",
      rule: `Roll back a canary whose split stayed wrong for ${facts.plan.maxDays} days.`,
      summary: `Rolled back: requests were split wrongly for ${facts.plan.maxDays} days; the comparison is void.`,
    });
  }
  const mostTraffic = Math.max(facts.plan.maxDays, facts.plan.steps[facts.step]?.minDays ?? 1) + MATURING_DAYS;
  if (held?.ruleId === "step.min_days" && (evidence.stepTrafficDays ?? 0) >= mostTraffic) {
    return lose(context, false, {
      ruleId: "step.unresolved",
      rule: "Roll back a canary of whose step too few days mature: without outcomes nobody knows what it does.",
      summary: `Rolled back: after ${evidence.stepTrafficDays} days with traffic at this step, ${held.inputs.stepMaturedDays} have matured.`,
    });
  }
  if (held) return held;
  const next = facts.plan.steps[facts.step + 1];
  const rule = "Advance when the step's days have matured, no guard is breached and, beyond 10 %, quality is proven.";
  if (next) {
    const summary = `Advanced to ${next.percent} %: no guard breached; ${inNumbers(evidence)}.`;
    const verdict = { decision: "advance", toState: "canary", step: facts.step + 1, ruleId: "step.passed" } as const;
    return decide(context, { ...verdict, rule, summary }, { percent: next.percent });
  }
  const summary = `Promoted: every step passed; ${inNumbers(evidence)}; ${evidence.exposures} answers to callers.`;
  const verdict = { decision: "promote", toState: "promoted", step: -1, ruleId: "steps.passed" } as const;
  return decide(context, { ...verdict, rule, summary });
}

/**
 * What a rollout does next, decided from its plan and its evidence alone; `now` is event time, epoch ms. Null when
 * there is nothing to decide (queued, ended, or gates still running).
 *
 * Order: a breached guard, then proven harm or time run out, then reasons to hold, then a step forward. Absent evidence
 * never counts as success, and nothing here can promote while a guard is breached.
 */
export function nextRolloutStep(facts: RolloutFacts, evidence: RolloutEvidence, now: EpochMs): Decision | null {
  const context = { facts, evidence, now };
  if (facts.state === "gating") return afterGates(context);
  if (facts.state !== "shadow" && facts.state !== "canary") return null;
  const lost = breachedGuard(context) ?? lostQuality(context);
  if (lost) return lost;
  return facts.state === "shadow" ? inShadow(context) : inCanary(context);
}
