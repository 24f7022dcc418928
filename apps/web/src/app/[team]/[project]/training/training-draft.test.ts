import { expect, it } from "vitest";
import { dayText, draftProblems, paramsOf, rangeOf, type TrainingDraft } from "./training-draft.ts";

const own = { maxTrees: 100, learningRate: 0.1, earlyStopping: true, objective: "log" };
const draft = (change: Partial<TrainingDraft> = {}): TrainingDraft => ({
  ...{ pipeline: "flight-basic", from: "2001-02-01", to: "2001-02-22", params: {}, strategy: "canary" as const },
  ...change,
});

it("asks for whole UTC days and only for what was typed over the pipeline's own", () => {
  expect(rangeOf(draft())).toEqual({ from: new Date("2001-02-01T00:00:00Z"), to: new Date("2001-02-22T00:00:00Z") });
  const params = { maxTrees: " 40 ", learningRate: "0.1", earlyStopping: "false", unknown: "1" };
  expect(paramsOf(draft({ params }), own)).toEqual({ maxTrees: 40, earlyStopping: false });
  expect(dayText(Date.UTC(2001, 5, 20, 23, 59))).toBe("2001-06-20");
});

it("says what to enter, field by field", () => {
  expect(draftProblems(draft(), own)).toEqual({});
  expect(Object.keys(draftProblems(draft({ from: "", to: "soon" }), own))).toEqual(["from", "to"]);
  expect(draftProblems(draft({ to: "2001-02-01" }), own).to).toMatch(/after the first/);
  const params = { maxTrees: "many", learningRate: "", earlyStopping: "yes", objective: "" };
  expect(Object.keys(draftProblems(draft({ params }), own))).toEqual([
    ...["params.maxTrees", "params.learningRate", "params.earlyStopping"],
  ]);
});
