import type { CalibrationPolicy } from "@ballast/db";

const DAY_MS = 86_400_000;

/** How the champion did on one matured event day. */
export interface MaturedDay {
  /** Start of the event day, epoch ms. */
  day: number;
  /** Rows with a label. */
  n: number;
  meanPrediction: number;
  meanOutcome: number;
}

/** What keeps a policy from asking, whatever the numbers say. */
export interface PolicyState {
  /** Event time up to which windows are processed, epoch ms. */
  through: number;
  /** Event time of the last request, epoch ms; null before the first. */
  lastFired: number | null;
  /** A rollout or training of the same deployment under way, in words; null when there is none. */
  busy: string | null;
}

export interface TriggerDecision {
  fire: boolean;
  outcome: "fired" | "within_limit" | "too_few_days" | "cooldown" | "busy";
  /** Mean outcome − mean prediction over the rows of the days looked at; null when there are too few. */
  gap: number | null;
  meanPrediction: number | null;
  meanOutcome: number | null;
  days: number;
  n: number;
  /** One sentence with the numbers. */
  summary: string;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const points = (share: number) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

/**
 * Has the champion's mean prediction parted from the realised rate by more than the limit, over the newest `spec.days` matured days? Rows
 * are weighed equally. Days need to be recent: those older than `days + 2` event days are left out, so that a gap in the traffic does not
 * judge today by last month. Pure; the clock comes in as `state.through`.
 */
export function decideCalibration(
  spec: CalibrationPolicy,
  matured: readonly MaturedDay[],
  state: PolicyState,
): TriggerDecision {
  const oldest = state.through - (spec.days + 2) * DAY_MS;
  const used = matured
    .filter((d) => d.n > 0 && d.day >= oldest && d.day < state.through)
    .sort((a, b) => b.day - a.day)
    .slice(0, spec.days);
  const n = used.reduce((sum, d) => sum + d.n, 0);
  if (used.length < spec.days) {
    const summary = `${used.length} of ${spec.days} matured days; the policy waits for the rest.`;
    const none = { gap: null, meanPrediction: null, meanOutcome: null };
    return { fire: false, outcome: "too_few_days", ...none, days: used.length, n, summary };
  }
  const meanPrediction = used.reduce((sum, d) => sum + d.n * d.meanPrediction, 0) / n;
  const meanOutcome = used.reduce((sum, d) => sum + d.n * d.meanOutcome, 0) / n;
  const gap = meanOutcome - meanPrediction;
  const measured =
    `predicted ${percent(meanPrediction)}, realised ${percent(meanOutcome)} over ${used.length} matured days ` +
    `(n = ${n}): gap ${points(gap)} points, limit ±${(100 * spec.limit).toFixed(1)}`;
  const facts = { gap, meanPrediction, meanOutcome, days: used.length, n };
  const answer = (outcome: TriggerDecision["outcome"], tail: string): TriggerDecision => ({
    ...{ fire: outcome === "fired", outcome },
    ...facts,
    summary: `${measured}${tail}.`,
  });
  if (Math.abs(gap) <= spec.limit) return answer("within_limit", "");
  if (state.busy !== null) return answer("busy", `; not asked while ${state.busy}`);
  const since = state.lastFired === null ? null : (state.through - state.lastFired) / DAY_MS;
  if (since !== null && since < spec.cooldownDays) {
    return answer(
      "cooldown",
      `; asked ${Math.max(0, Math.floor(since))} event days ago, asks again after ${spec.cooldownDays}`,
    );
  }
  return answer("fired", "");
}
