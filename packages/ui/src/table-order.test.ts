import { expect, it } from "vitest";
import { compareCells } from "./table-order.ts";

it("orders versions as people count, and numbers by size", () => {
  expect(["v10", "v2", "V1"].toSorted(compareCells)).toEqual(["V1", "v2", "v10"]);
  expect([10, -3, 9].toSorted(compareCells)).toEqual([-3, 9, 10]);
  expect(compareCells(new Date(2), new Date(1))).toBeGreaterThan(0);
});
