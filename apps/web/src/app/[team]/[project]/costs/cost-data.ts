import type { Tone } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";
import { formatMicros } from "../../../../page/format-micros.ts";

export type Budget = Outputs["finops"]["budgets"][number];
export type CostRange = Outputs["finops"]["costPerDay"];
type DayCost = CostRange["costs"][number];
export type UnitCost = Outputs["finops"]["unitCosts"][number];
export type Refusal = Outputs["finops"]["refusals"][number];

export const REFUSALS_READ = 20;
const DAY_MS = 86_400_000;
export const RANGES = [30, 90, 365] as const;

/** Event days shown, from the URL. */
export function daysOf(params: { get(name: string): string | null }): number {
  return RANGES.find((days) => days === Number(params.get("days"))) ?? 90;
}

type Purpose = "serving" | "shadow" | "training";

/** Money per event day and purpose, every day from the first to the last with a charge, oldest first. */
export function costPerDay(costs: readonly DayCost[]): ({ day: number } & Record<Purpose, number>)[] {
  if (costs.length === 0) return [];
  const days = new Map<number, Record<Purpose, number>>();
  for (const { day, serving, shadow, training } of costs) {
    const at = Date.parse(day);
    const entry = days.get(at) ?? { serving: 0, shadow: 0, training: 0 };
    entry.serving += serving;
    entry.shadow += shadow;
    entry.training += training;
    days.set(at, entry);
  }
  const from = Math.min(...days.keys());
  const to = Math.max(...days.keys());
  return Array.from({ length: Math.round((to - from) / DAY_MS) + 1 }, (_, index) => {
    const day = from + index * DAY_MS;
    return { day, ...(days.get(day) ?? { serving: 0, shadow: 0, training: 0 }) };
  });
}

/** Spend up to each day of the range, what came before it included, and where it goes at the present pace over the next 30 days. In micros. */
export function spendSoFar(
  { costs, beforeMicros }: Pick<CostRange, "costs" | "beforeMicros">,
  budget: Pick<Budget, "forecast">,
): { spent: { x: number; y: number }[]; ahead: { x: number; y: number }[] } {
  let total = beforeMicros;
  const spent = costPerDay(costs).map(({ day, serving, shadow, training }) => {
    total += serving + shadow + training;
    return { x: day, y: total };
  });
  const last = spent.at(-1);
  const pace = budget.forecast.perDayMicros;
  if (!last || pace === null) return { spent, ahead: [] };
  return { spent, ahead: [last, { x: last.x + 30 * DAY_MS, y: last.y + 30 * pace }] };
}

export interface Opening {
  tone: Tone;
  headline: string;
  why: string[];
  act: string;
}

/** Is the money healthy, why not, what to do. Pure. */
export function openingOf(budget: Budget, refusals: readonly Refusal[]): Opening {
  const money = (micros: number | null) => formatMicros(micros, budget.currency);
  const { limitMicros, freeMicros, overageMicros, reservedMicros, committedMicros, forecast, hard } = budget;
  const pace =
    forecast.perDayMicros === null
      ? "Nothing has been metered yet."
      : `At ${money(forecast.perDayMicros)} a day (${forecast.basis}) it comes to ${money(forecast.in30DaysMicros)} in 30 days.`;
  if (limitMicros === 0 && !hard) {
    return {
      tone: "idle",
      headline: "No limit is set.",
      why: [`${money(committedMicros)} is committed. ${pace}`],
      act: "Set a budget: a hard one refuses trainings that would break it, and serving goes on.",
    };
  }
  const limit = `${hard ? "hard" : "soft"} limit of ${money(limitMicros)}`;
  if (overageMicros > 0 || freeMicros < 0) {
    return {
      tone: "breach",
      headline: "The limit is reached; serving goes on.",
      why: [`${money(overageMicros > 0 ? overageMicros : -freeMicros)} is beyond the ${limit}. ${pace}`],
      act: "Raise the limit: what was served beyond it is taken into it first. Until then training is refused.",
    };
  }
  const runsOut = forecast.in30DaysMicros !== null && forecast.in30DaysMicros + reservedMicros > limitMicros;
  const state = `${money(freeMicros)} is free under the ${limit}: ${money(committedMicros)} committed, ${money(reservedMicros)} reserved.`;
  if (runsOut) {
    return {
      tone: "warning",
      headline: "Inside the limit, not for long.",
      why: [state, `${pace} ${forecast.exhaustedOn ? `The limit is reached on ${forecast.exhaustedOn}.` : ""}`],
      act: "Raise the limit or train less. Serving is never cut; training would be refused first.",
    };
  }
  const [refused] = refusals;
  return {
    tone: "healthy",
    headline: "Inside the limit.",
    why: [state, pace],
    act: refused
      ? "Nothing. What was refused is listed below as an invoice with the ways out."
      : "Nothing. A job is admitted only if its worst case fits.",
  };
}
