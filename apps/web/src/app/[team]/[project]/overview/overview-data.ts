import type { Outputs } from "@/page/outputs";
import { weightedMean } from "../../../../page/weighted-mean.ts";

export type Overview = Outputs["overview"]["get"];
/** An overview whose busiest deployment exists. */
export type ServingOverview = Overview & { deployment: NonNullable<Overview["deployment"]> };
export type OpenRollout = NonNullable<ServingOverview["deployment"]["rollout"]>;
export type Happening = Overview["happenings"][number];

export const RANGES = [7, 30, 90] as const;
/** The share of failed requests above which monitoring calls a day broken. */
export const ERROR_LIMIT = 0.01;

/** Event days shown, from the URL. */
export function daysOf(params: { get(name: string): string | null }): number {
  const asked = Number(params.get("days"));
  return RANGES.find((days) => days === asked) ?? 30;
}

export interface Level {
  /** Brier score of always saying the base rate. */
  brier: number;
  n: number;
  /** The champion's own, over the same rows. */
  champion: number;
}

/**
 * The champion's Brier score over its newest `days` matured days, beside what saying the base rate alone would have scored on
 * the same rows, p̄ (1 − p̄): the level a useful model stays under. Undefined before the first matured day.
 */
export function brierLevel(championDays: Overview["championDays"], days: number): Level | undefined {
  const used = championDays.filter((day) => day.brier !== null && day.meanOutcome !== null).slice(-days);
  const rate = weightedMean(used, (day) => day.meanOutcome)?.mean;
  const champion = weightedMean(used, (day) => day.brier);
  if (rate === undefined || !champion) return undefined;
  return { brier: rate * (1 - rate), n: champion.n, champion: champion.mean };
}

/** Events listed at first, more per press, and at most. */
const FIRST_EVENTS = 12;
export const MORE_EVENTS = 40;
export const MOST_EVENTS = 200;

/** Events listed, from the URL. */
export function eventsShown(params: { get(name: string): string | null }): number {
  const asked = Number(params.get("events"));
  return Number.isInteger(asked) && asked > FIRST_EVENTS ? Math.min(MOST_EVENTS, asked) : FIRST_EVENTS;
}

type SeenWindow = Overview["windows"][number] & { tally: NonNullable<Overview["windows"][number]["tally"]> };

/** Complete days that were counted, oldest first. */
export function countedDays({ windows }: Pick<Overview, "windows">): SeenWindow[] {
  return windows.flatMap(({ tally, ...window }) => (tally ? [{ ...window, tally }] : []));
}

/** The newest complete day on which anybody asked, and how many complete days without a request came after it. */
export function newestTraffic(
  overview: Pick<Overview, "windows">,
): { day: SeenWindow; silentDays: number } | undefined {
  const seen = countedDays(overview);
  const at = seen.findLastIndex(({ tally }) => tally.predictions + tally.errors > 0);
  const day = seen[at] ?? seen.at(-1);
  return day && { day, silentDays: at < 0 ? seen.length : seen.length - 1 - at };
}
