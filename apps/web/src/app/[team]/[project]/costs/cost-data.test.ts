import { expect, it } from "vitest";
import { type Budget, costPerDay, daysOf, openingOf, spendSoFar } from "./cost-data.ts";

const cost = (day: string, over: { serving?: number; shadow?: number; training?: number }) => ({
  ...{ day, modelVersionId: null, serving: 0, shadow: 0, training: 0, ...over },
});
const forecast = {
  ...{ perDayMicros: 100_000, daysLeft: 90, exhaustedOn: "2001-09-01", in30DaysMicros: 4_000_000, basis: "2 days" },
  in30DaysRangeMicros: { low: 3_500_000, high: 4_500_000 },
};
const budget = (over: Partial<Budget>): Budget => ({
  ...{ id: "b", name: "project", currency: "USD", hard: true, limitMicros: 10_000_000, committedMicros: 1_000_000 },
  ...{ reservedMicros: 0, freeMicros: 9_000_000, overageMicros: 0, invariantHolds: true, refusals: 0 },
  forecast,
  ...over,
});

it("gives every day of the range a row, those without cost too, and keeps purposes apart", () => {
  const costs = [
    cost("2001-02-01", { serving: 5 }),
    cost("2001-02-01", { shadow: 3 }),
    cost("2001-02-03", { training: 7 }),
  ];
  expect(costPerDay(costs)).toEqual([
    { day: Date.UTC(2001, 1, 1), serving: 5, shadow: 3, training: 0 },
    { day: Date.UTC(2001, 1, 2), serving: 0, shadow: 0, training: 0 },
    { day: Date.UTC(2001, 1, 3), serving: 0, shadow: 0, training: 7 },
  ]);
  expect(costPerDay([])).toEqual([]);
  const { spent, ahead } = spendSoFar({ costs, beforeMicros: 100 }, budget({}));
  expect(spent.map(({ y }) => y)).toEqual([108, 108, 115]);
  expect(ahead.at(-1)).toEqual({ x: Date.UTC(2001, 2, 5), y: 3_000_115 });
});

it("shows the days that the address asks for, if there is such a range", () => {
  const asked = (query: string) => daysOf(new URLSearchParams(query));
  expect([asked("days=30"), asked("days=365"), asked("days=7000"), asked("")]).toEqual([30, 365, 90, 90]);
});

it.each([
  ["healthy", {}],
  ["idle", { hard: false, limitMicros: 0 }],
  ["breach", { overageMicros: 5 }],
  ["breach", { hard: false, freeMicros: -5 }],
  ["warning", { limitMicros: 3_000_000, freeMicros: 2_000_000 }],
] as const)("opens %s", (tone, over) => {
  expect(openingOf(budget(over), []).tone).toBe(tone);
});
