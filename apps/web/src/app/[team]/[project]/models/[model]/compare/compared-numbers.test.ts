import { expect, test } from "vitest";
import { comparedNumbers } from "./compared-numbers.ts";

test.each([
  ["versions=1,3", [1, 3]],
  ["versions=3,1,3", [3, 1]],
  ["versions=1,x,-2,4.5,99999999999", [1]],
  ["", []],
])("%s", (address, numbers) => {
  expect(comparedNumbers(new URLSearchParams(address))).toEqual(numbers);
});

test("no more than fit side by side", () => {
  const many = Array.from({ length: 50 }, (_, i) => i + 1).join(",");
  expect(comparedNumbers(new URLSearchParams({ versions: many }))).toHaveLength(20);
});
