import { expect, test } from "vitest";
import { firstBlocked } from "./row-bounds.ts";

const at = (day: number) => new Date(Date.UTC(2001, 4, day));
const range = (from: number, to: number | null) => ({
  ...{ incidentId: "inc_1", title: "distance in kilometres" },
  from: at(from),
  to: to === null ? null : at(to),
});

// Rows have their label known in (from, to]; a row known at the very start of an incident may be part of it.
test.each([
  ["ends before it", [1, 9], range(10, null), false],
  ["ends with it", [1, 10], range(10, null), true],
  ["runs into it", [1, 20], range(10, null), true],
  ["lies within it", [12, 20], range(10, null), true],
  ["begins when it has ended", [15, 20], range(10, 15), false],
  ["begins before it has ended", [14, 20], range(10, 15), true],
] as const)("a range that %s", (_name, [from, to], blocked, expected) => {
  expect(firstBlocked([blocked], at(from), at(to)) !== null).toBe(expected);
});
