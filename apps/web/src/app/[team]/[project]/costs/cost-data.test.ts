import { expect, it } from "vitest";
import { type Budget, costPerDay, type DailyCost, openingOf, spendSoFar } from "./cost-data.ts";

const cost = (day: string, meter: string, amountMicros: number): DailyCost => ({
  ...{ day, meter, amountMicros, subject: "s", modelVersionId: null, deploymentId: null, quantity: 1 },
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
  const days = costPerDay([
    cost("2001-02-01", "inference.prediction", 5),
    cost("2001-02-01", "inference.shadow", 3),
    cost("2001-02-03", "training.Mrow_trees", 7),
  ]);
  expect(days).toEqual([
    { day: Date.UTC(2001, 1, 1), serving: 5, shadow: 3, training: 0 },
    { day: Date.UTC(2001, 1, 2), serving: 0, shadow: 0, training: 0 },
    { day: Date.UTC(2001, 1, 3), serving: 0, shadow: 0, training: 7 },
  ]);
  const { spent, ahead } = spendSoFar(days, budget({}));
  expect(spent.map(({ y }) => y)).toEqual([8, 8, 15]);
  expect(ahead.at(-1)).toEqual({ x: Date.UTC(2001, 2, 5), y: 3_000_015 });
  expect(costPerDay([])).toEqual([]);
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
