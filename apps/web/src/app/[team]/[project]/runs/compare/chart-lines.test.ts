import { expect, it } from "vitest";
import type { RunChart } from "../tracking.ts";
import { type ChartedRun, chartLines, stepsOfRange, valuesAtSteps } from "./chart-lines.ts";

const run = (id: string, startedAt = 1_000): ChartedRun => ({ id, label: id, color: "s1", dash: "solid", startedAt });
const chart = (runId: string, steps: number[], more: Partial<RunChart> = {}): RunChart => ({
  ...{ runId, exact: true, steps, at: steps.map((step) => 1_000 + step * 10), n: steps.length },
  ...{ last: steps, least: steps, greatest: steps },
  ...more,
});

it("puts a metric over steps, wall time, time since its run began, or another metric", () => {
  const loss = chart("a", [-1, 0, 4], {
    last: [3, "NaN", 1],
    least: [3, "NaN", 0.5],
    greatest: ["Infinity", "NaN", 1],
  });
  const over = (axis: Parameters<typeof chartLines>[2], along?: RunChart[]) =>
    chartLines([run("b"), run("a")], [loss], axis, along)[0];
  expect(over("step")).toMatchObject({
    id: "a",
    x: [-1, 0, 4],
    y: [3, Number.NaN, 1],
    high: [Infinity, Number.NaN, 1],
  });
  expect(over("time")?.x).toEqual([990, 1_000, 1_040]);
  expect(over("relative")?.x).toEqual([-10, 0, 40]);
  const epoch = chart("a", [0, 3], { last: [1, 2] });
  // Nothing is known of the epoch before it was first logged.
  expect(over("metric:epoch", [epoch])).toMatchObject({ x: [1, 2], y: [Number.NaN, 1] });
});

it("joins by the last value at or before each step", () => {
  const along = { steps: [0, 5], last: [1, 2], exact: true };
  expect(valuesAtSteps([-5, 0, 2, 10], along)).toEqual([Number.NaN, 1, 1, 2]);
});

it("joins the steps that the first position of a coarse metric stands for", () => {
  const along = { steps: [7, 15], last: [1, 2], exact: false };
  expect(valuesAtSteps([-1, 0, 7, 20], along)).toEqual([Number.NaN, 1, 1, 2]);
  expect(valuesAtSteps([0, 7], { ...along, exact: true })).toEqual([Number.NaN, 1]);
  expect(valuesAtSteps([0], { steps: [], last: [], exact: true })).toEqual([Number.NaN]);
});

it("asks for steps that cover a range of time, one position beyond its ends", () => {
  const charts = [chart("a", [0, 10, 20, 30, 40]), chart("b", [5, 1_000])];
  const lines = chartLines([run("a"), run("b")], charts, "time", undefined);
  expect(stepsOfRange(charts, lines, "time", [1_150, 1_310])).toEqual([5, 1_000]);
  expect(stepsOfRange(charts.slice(0, 1), lines.slice(0, 1), "time", [1_150, 1_310])).toEqual([10, 40]);
  expect(stepsOfRange(charts, lines, "step", [9.5, 20.2])).toEqual([9, 21]);
  expect(stepsOfRange([], [], "time", [1, 2])).toBeUndefined();
});
