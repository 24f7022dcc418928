import { expect, test } from "vitest";
import { firstName, labelOf, orderWords, type Transferred, tooMany } from "./transfer-words.ts";

const runs = (count: number): Transferred => ({
  kind: "runs",
  runs: Array.from({ length: count }, (_, i) => ({ id: `run_${i}`, name: `r${i}` })),
  experiment: "late",
});
const experiment = (name: string): Transferred => ({ kind: "experiment", id: "exp_1", name, runs: 3 });

test("the proposed name is free where it can be: beside the original, and beside a project's own Default", () => {
  const name = (of: Transferred, to: string) => firstName(of, "copy", { here: "churn", to });
  expect(name(experiment("late"), "fraud")).toBe("late");
  expect(name(experiment("late"), "churn")).toBe("late copy");
  expect(name(experiment("Default"), "fraud")).toBe("Default of churn");
  expect(name({ kind: "model", id: "m", name: "late" }, "churn")).toBe("late copy");
  expect(name(runs(2), "churn")).toBe("late");
});

test("what one request does not take is refused with both numbers before it is sent", () => {
  expect(tooMany(runs(500), "copy")).toBeUndefined();
  expect(tooMany(runs(501), "copy")).toMatch(/501 runs.*at most 500/);
  expect(tooMany(runs(1_000), "move")).toBeUndefined();
  expect(tooMany(runs(1_001), "move")).toMatch(/1,001 runs.*at most 1,000/);
});

test("one run is called by its name, several by their number", () => {
  expect([labelOf(runs(1)), labelOf(runs(3)), labelOf(experiment("late"))]).toEqual([
    "r0",
    "3 runs",
    "experiment late",
  ]);
  expect([orderWords(runs(1), "move"), orderWords(runs(3), "copy")]).toEqual(["Move run", "Copy 3 runs"]);
});
