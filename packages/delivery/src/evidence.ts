import type { EpochMs } from "@ballast/core";
import type { GuardEvidence, RolloutEvidence, RolloutPlan } from "@ballast/db";
import {
  emptyRateRatio,
  logSampleRatioE,
  pairedDayTest,
  rateRatioLogE,
  updateRateRatio,
  WORSE_RATE_RATIOS,
} from "@ballast/statistics";
import { allowanceOf, foldLone, type LoneLimits } from "./lone-candidate.ts";

/** Distinct requests that were assigned to one variant. */
export interface VariantCounts {
  requests: number;
  /** Of these, with a failed answer. */
  failed: number;
  /** Of these, with an answer over the latency objective. */
  slow: number;
}

/** Requests that were assigned under one routing revision, so at one share. */
export interface AssignedBlock {
  routing: number;
  candidate: VariantCounts;
  champion: VariantCounts;
}

/** One matured event day on which both versions scored the same rows. */
export type PairedDayEvidence = RolloutEvidence["days"][number];

/** What one processed window has to say about a rollout. Times are epoch ms, end exclusive. */
export interface WindowEvidence {
  from: EpochMs;
  to: EpochMs;
  /** Oldest revision first. */
  blocks: AssignedBlock[];
  /** The routing revision of the present step. */
  routing: number;
  /**
   * The candidate's share of requests that the present step intends, 0 to 1, where requests are assigned one by one; null otherwise,
   * and then the sample ratio is not judged.
   */
  intendedShare: number | null;
  /** Answers the candidate gave to callers, failed ones and those to callers that named it included. */
  exposures: number;
  /** True if the deployment was asked anything. */
  traffic: boolean;
  /** Rows that the champion answered, and those the candidate scored as well, where it was in shadow throughout; else null. */
  shadowed: { rows: number; scored: number } | null;
  /** Days that matured with this window; days without a pair are left out. */
  pairs: PairedDayEvidence[];
}

/**
 * Requests over the objective come in bursts (one pause delays a whole batch): each counts as this share of an independent
 * event. A likelihood ratio to a power below 1 stays a valid e-value (Jensen), so this only ever asks for more evidence.
 */
const LATENCY_EVENT_WEIGHT = 0.25;

interface GuardKind extends LoneLimits {
  event: "failed" | "slow";
}
const ERRORS: GuardKind = { event: "failed", eventWeight: 1, mostExcused: 0.5, mostPerBlock: Number.MAX_VALUE };
/**
 * Some objectives are missed by most answers of any version. And where nobody answers beside it, a pause of the machine looks like the
 * candidate's: no single block is enough to roll back.
 */
const LATENCY: GuardKind = { event: "slow", eventWeight: LATENCY_EVENT_WEIGHT, mostExcused: 1, mostPerBlock: 50 };
/** e-values are stored as JSON, which has no ∞. */
const LARGEST_E = 1e300;
/** Brier scores lie in [0, 1], so a difference lies in [−1, 1]: bounds that are infinite say no more than that. */
const clampDifference = (value: number) => Math.min(1, Math.max(-1, value));
const eValue = (logE: number) => Math.min(LARGEST_E, Math.exp(logE));

/** Evidence before the first window. */
export function emptyEvidence(): RolloutEvidence {
  const guard = () => ({
    e: 1,
    candidate: 0,
    champion: 0,
    exposedCandidate: 0,
    exposedChampion: 0,
    state: [...emptyRateRatio(WORSE_RATE_RATIOS)],
  });
  return {
    days: [],
    quality: null,
    errors: guard(),
    latency: guard(),
    srm: { e: 1, candidate: 0, champion: 0, baseLogE: 0 },
    exposures: 0,
    stepExposures: 0,
    through: null,
  };
}

/**
 * Adds a block to a guard. The share is that of the requests assigned in the block: assignment is a hash of the key, made
 * before there is an answer, so events cannot move it. Given the assigned requests the candidate's part of the events is
 * hypergeometric, and the binomial that the test assumes is more spread out (Hoeffding 1963): the evidence stays valid. Where the
 * champion answered nothing there is no comparison: the candidate is held against the worst that the champion is known to do.
 */
function foldGuard(guard: GuardEvidence, block: AssignedBlock, kind: GuardKind, alpha: number): GuardEvidence {
  const { candidate, champion } = block;
  const events = { candidate: candidate[kind.event], champion: champion[kind.event] };
  const counts = {
    candidate: guard.candidate + events.candidate,
    champion: guard.champion + events.champion,
    exposedCandidate: guard.exposedCandidate + candidate.requests,
    exposedChampion: guard.exposedChampion + champion.requests,
  };
  if (champion.requests === 0) {
    const allowance = allowanceOf({ events: guard.champion, requests: guard.exposedChampion }, kind, alpha);
    const alone = { events: events.candidate, requests: candidate.requests };
    return { ...guard, ...counts, alone: foldLone(guard.alone, alone, allowance, kind) };
  }
  const state = updateRateRatio(guard.state, {
    share: candidate.requests / (candidate.requests + champion.requests),
    treatmentEvents: events.candidate * kind.eventWeight,
    controlEvents: events.champion * kind.eventWeight,
  });
  return { ...guard, ...counts, state: [...state], e: eValue(rateRatioLogE(state)) };
}

/** Requests that met the present step's routes. Live, a step begins within a day, of which the rest was assigned at another share. */
const ofStep = ({ blocks, routing }: WindowEvidence) => blocks.filter((block) => block.routing === routing);

function foldSampleRatio(srm: RolloutEvidence["srm"], window: WindowEvidence): RolloutEvidence["srm"] {
  const share = window.intendedShare;
  if (share === null || share <= 0 || share >= 1) return srm;
  const candidate = srm.candidate + requestsOf(ofStep(window), "candidate");
  const champion = srm.champion + requestsOf(ofStep(window), "champion");
  const baseLogE = srm.baseLogE ?? 0;
  const logE = baseLogE + logSampleRatioE([candidate, champion], [share, 1 - share]);
  return { e: eValue(logE), candidate, champion, baseLogE };
}

const requestsOf = (blocks: readonly AssignedBlock[], variant: "candidate" | "champion") =>
  blocks.reduce((sum, block) => sum + block[variant].requests, 0);

function judgeQuality(days: PairedDayEvidence[], plan: RolloutPlan): RolloutEvidence["quality"] {
  if (days.length === 0) return null;
  const test = pairedDayTest(
    days.map((day) => ({ meanDifference: day.meanDiff, rows: day.n })),
    { margin: plan.margin, alpha: plan.alpha.quality, minDays: plan.minDays },
  );
  const quality = {
    days: test.days,
    rows: test.rows,
    mean: test.mean ?? 0,
    lower: clampDifference(test.lower ?? -1),
    upper: clampDifference(test.upper ?? 1),
    eNonInferior: eValue(test.logENonInferior),
    eHarm: eValue(test.logEHarm),
  };
  return { ...quality, verdict: qualityVerdict(quality, plan) };
}

/** Fewest days on which harm may be called: below that, two days that happen to agree pass for certainty. */
const HARM_MIN_DAYS = 3;

/**
 * `non_inferior`: mean difference < margin is proven; `harm`: mean difference > 0 is proven; else `collecting`. Both at once (a
 * real loss inside the margin) is `non_inferior`: the margin was stated beforehand as acceptable.
 */
export function qualityVerdict(
  quality: { days: number; eNonInferior: number; eHarm: number } | null,
  plan: RolloutPlan,
): "non_inferior" | "harm" | "collecting" {
  if (!quality) return "collecting";
  if (quality.days >= plan.minDays && quality.eNonInferior >= 1 / plan.alpha.quality) return "non_inferior";
  if (quality.days >= Math.min(plan.minDays, HARM_MIN_DAYS) && quality.eHarm >= 1 / plan.alpha.harm) return "harm";
  return "collecting";
}

/**
 * Folds one processed window into the evidence. Pure, and idempotent by `through`: a window that ends no later than what
 * was counted in changes nothing, so a step that is run again after a crash counts nobody twice.
 *
 * Units: a guard counts requests, assigned one by one by hash; quality counts event days, because rows of one day share
 * their weather (variance of daily means 13 to 260 times the i.i.d. value on the reference data).
 */
export function foldWindow(evidence: RolloutEvidence, window: WindowEvidence, plan: RolloutPlan): RolloutEvidence {
  if (evidence.through !== null && window.to <= Date.parse(evidence.through)) return evidence;
  const known = new Set(evidence.days.map((day) => day.day));
  const days = [...evidence.days, ...window.pairs.filter((pair) => pair.n > 0 && !known.has(pair.day))];
  const canary = window.blocks.filter((block) => block.candidate.requests > 0);
  return {
    days,
    quality: judgeQuality(days, plan),
    errors: canary.reduce((guard, block) => foldGuard(guard, block, ERRORS, plan.alpha.errors), evidence.errors),
    latency: canary.reduce((guard, block) => foldGuard(guard, block, LATENCY, plan.alpha.latency), evidence.latency),
    srm: foldSampleRatio(evidence.srm, window),
    exposures: evidence.exposures + window.exposures,
    stepExposures: (evidence.stepExposures ?? 0) + requestsOf(ofStep(window), "candidate"),
    trafficDays: (evidence.trafficDays ?? 0) + Number(window.traffic),
    stepTrafficDays: (evidence.stepTrafficDays ?? 0) + Number(window.traffic),
    shadowed: {
      rows: (evidence.shadowed?.rows ?? 0) + (window.shadowed?.rows ?? 0),
      scored: (evidence.shadowed?.scored ?? 0) + (window.shadowed?.scored ?? 0),
    },
    through: new Date(window.to).toISOString(),
  };
}

/** The evidence as a new step begins: what was learnt stays; what is counted per step starts again. */
export function beginStep(evidence: RolloutEvidence): RolloutEvidence {
  const baseLogE = Math.log(Math.max(evidence.srm.e, Number.MIN_VALUE));
  const srm = { e: evidence.srm.e, candidate: 0, champion: 0, baseLogE };
  return { ...evidence, srm, stepExposures: 0, stepTrafficDays: 0 };
}

/** Matured days that began at or after `since`: a step's own days. Null: the step began before there was event time. */
export function daysSince(evidence: RolloutEvidence, since: EpochMs | null): number {
  if (since === null) return evidence.days.length;
  return evidence.days.filter((day) => Date.parse(`${day.day}T00:00:00Z`) >= since).length;
}

/**
 * Days (start, epoch ms) whose outcomes matured with a window that ends at `to`, when everything up to `through` was
 * counted before: normally one, more when windows without traffic left a gap. A day matures one window (a day) after
 * its end, and counts only if it began at or after `since`, when the candidate had begun to score.
 */
export function maturedDays(through: EpochMs | null, to: EpochMs, since: EpochMs, dayMs: EpochMs): EpochMs[] {
  const last = to - 2 * dayMs;
  const first = through === null ? last : Math.min(last, Math.floor(through / dayMs) * dayMs - dayMs);
  const days: EpochMs[] = [];
  for (let day = first; day <= last; day += dayMs) if (day >= since) days.push(day);
  return days;
}
