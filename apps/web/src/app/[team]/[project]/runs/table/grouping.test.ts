import { expect, it } from "vitest";
import type { SearchedRun } from "../tracking.ts";
import { aggregate, groupedLines, groupRuns } from "./grouping.ts";

const run = (id: string, depth: number | undefined, loss: number | "NaN"): SearchedRun =>
  ({
    id,
    params: depth === undefined ? {} : { depth },
    tags: {},
    metrics: { loss: { last: loss, least: loss, greatest: loss, lastStep: 0 } },
  }) as unknown as SearchedRun;

const RUNS = [run("a", 3, 0.5), run("b", 5, 0.2), run("c", 3, 0.1), run("d", undefined, "NaN"), run("e", 3, "NaN")];

it("groups in the order of the table, those without the field under none", () => {
  const groups = groupRuns(RUNS, "params.depth");
  expect(groups.map(({ value, runs }) => [value, runs.map(({ id }) => id)])).toEqual([
    ["3", ["a", "c", "e"]],
    ["5", ["b"]],
    [undefined, ["d"]],
  ]);
});

it("leaves NaN out of a mean and says how many runs are in it", () => {
  expect(aggregate(RUNS, "loss")).toEqual({ mean: expect.closeTo(0.8 / 3), least: 0.1, greatest: 0.5, n: 3 });
  expect(aggregate(RUNS.slice(3), "loss")).toBeUndefined();
});

it("draws a heading per group and hides the runs of a closed one", () => {
  const lines = groupedLines(groupRuns(RUNS, "params.depth"), {
    closed: new Set(["group 3"]),
    metrics: ["loss"],
    text: (_, value) => value.toFixed(2),
  });
  expect(lines.map(({ id }) => id)).toEqual(["group 3", "group 5", "b", "group ", "d"]);
  expect(lines[0]).toMatchObject({
    note: "3 runs",
    open: false,
    cells: { "metrics.loss": "x\u0304 0.30" },
    titles: { "metrics.loss": "mean of 2, from 0.10 to 0.50" },
  });
  expect(lines[1]).toMatchObject({ note: "1 run", cells: { "metrics.loss": "0.20" } });
  expect(lines[3]).toMatchObject({ label: "none", cells: {} });
});
