import { expect, it } from "vitest";
import { filterProblem, markedFilter } from "./filter-error.ts";

it("points at the character, and past the end at what is missing", () => {
  expect(markedFilter("metrics.auc >> 1", 13)).toEqual(["metrics.auc >", ">", " 1"]);
  expect(markedFilter("metrics.auc >", 13)).toEqual(["metrics.auc >", "\u00a0", ""]);
});

it("tells a refused filter from a failure that has nothing to do with it", () => {
  const refused = { message: "Expected a number.", data: { reason: "invalid_input", details: { position: 7 } } };
  expect(filterProblem(refused)).toEqual({ message: "Expected a number.", position: 7 });
  expect(filterProblem({ message: "no", data: { reason: "invalid_input", details: {} } })).toEqual({
    message: "no",
    position: undefined,
  });
  expect(filterProblem({ message: "offline" })).toBeUndefined();
  expect(filterProblem({ message: "down", data: { reason: "unavailable" } })).toBeUndefined();
});
