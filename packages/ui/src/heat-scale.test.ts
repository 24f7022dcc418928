import { expect, it } from "vitest";
import { heatStep, moveInGrid } from "./heat-scale.ts";

it("gives nine equal steps up to 2.25 times the limit", () => {
  expect([0, 0.24, 0.25, 0.99, 1, 1.99, 2, 2.25, 9].map(heatStep)).toEqual([0, 0, 1, 3, 4, 7, 8, 8, 8]);
  expect(heatStep(-1)).toBe(0);
});

it("moves with arrows inside the grid only", () => {
  const size = { rows: 2, columns: 3 };
  expect(moveInGrid("ArrowRight", { row: 0, column: 1 }, size)).toEqual({ row: 0, column: 2 });
  expect(moveInGrid("ArrowRight", { row: 0, column: 2 }, size)).toBeUndefined();
  expect(moveInGrid("ArrowUp", { row: 0, column: 2 }, size)).toBeUndefined();
  expect(moveInGrid("End", { row: 1, column: 0 }, size)).toEqual({ row: 1, column: 2 });
  expect(moveInGrid("Enter", { row: 1, column: 0 }, size)).toBeUndefined();
});
