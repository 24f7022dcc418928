import { expect, it } from "vitest";
import { axisPosition, parallelAxes } from "./parallel-axes.ts";

const run = (id: string, rate: number, auc: number, brier?: number) => ({
  id,
  params: { learningRate: rate, maxTrees: 100, objective: "binary" },
  metrics: { auc, ...(brier === undefined ? {} : { brier }) },
});

it("draws what varies, with the better end of a metric on top", () => {
  const runs = [run("a", 0.1, 0.7, 0.15), run("b", 0.05, 0.75, 0.14), run("c", 0.1, 0.6)];
  const axes = parallelAxes(runs);
  expect(axes.map(({ id }) => id)).toEqual(["param:learningRate", "metric:auc", "metric:brier"]);
  expect(axes.map(({ top, bottom }) => [top, bottom])).toEqual([
    [0.1, 0.05],
    [0.75, 0.6],
    [0.14, 0.15],
  ]);
  const [rate, auc, brier] = axes;
  expect(rate && axisPosition(rate, run("x", 0.075, 0))).toBeCloseTo(0.5);
  expect(auc && axisPosition(auc, run("x", 0, 0.75))).toBe(0);
  expect(brier && axisPosition(brier, run("x", 0, 0, 0.15))).toBe(1);
  expect(brier && axisPosition(brier, run("x", 0, 0))).toBeUndefined();
});

it("has no axis for a single run", () => {
  expect(parallelAxes([run("a", 0.1, 0.7, 0.15)])).toEqual([]);
});
