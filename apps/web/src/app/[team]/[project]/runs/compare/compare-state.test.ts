import { expect, it } from "vitest";
import { compareState, parseRange, rangeText } from "./compare-state.ts";

it("reads a comparison from the address, and ignores what it cannot draw", () => {
  const state = compareState(
    new URLSearchParams(
      "run=a&run=b&runs=b,c&tab=box&x=metric:epoch&logy=1&smooth=0.05&range=-10:250.5&metric=loss&color=b:s4",
    ),
  );
  expect(state).toMatchObject({
    ...{ ids: ["a", "b", "c"], tab: "box", axis: "metric:epoch", xLog: false, yLog: true, smoothing: 0.05 },
    ...{ range: [-10, 250.5], metrics: ["loss"] },
  });
  expect(compareState(new URLSearchParams("tab=pie&x=metric:&smooth=7&range=9:1"))).toMatchObject({
    ...{ ids: [], tab: "charts", axis: "step", smoothing: 0, range: undefined, metrics: undefined },
  });
});

it("writes a range so that it reads back, epoch milliseconds too", () => {
  for (const range of [
    [-5, 7],
    [1_793_400_000_000, 1_793_400_000_001.5],
    [1e-9, 3e21],
  ] as const) {
    expect(parseRange(rangeText(range))).toEqual(range);
  }
  expect(rangeText(undefined)).toBeNull();
});
