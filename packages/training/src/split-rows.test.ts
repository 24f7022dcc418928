import { expect, test } from "vitest";
import { splitRows, trainRowsAtMost } from "./split-rows.ts";

const times = (n: number, of: (i: number) => number = (i) => i) => Float64Array.from({ length: n }, (_, i) => of(i));

test("the newest rows are held out, in time order", () => {
  expect(splitRows(times(1_000), 0.1, 0.2)).toEqual({ validation: 700, test: 800, rows: 1_000 });
  expect(splitRows(times(1_000), 0, 0.2)).toEqual({ validation: 800, test: 800, rows: 1_000 });
});

test("rows of one moment stay on one side, and the train share never grows", () => {
  const split = splitRows(
    times(1_000, (i) => Math.floor(i / 37)),
    0.1,
    0.2,
  );
  const moments = times(1_000, (i) => Math.floor(i / 37));
  expect(moments[split.validation - 1]).not.toBe(moments[split.validation]);
  expect(moments[split.test - 1]).not.toBe(moments[split.test]);
  expect(split.validation).toBeLessThanOrEqual(trainRowsAtMost(1_000, 0.1, 0.2));
});

test("too few rows and rows out of order are refused with the numbers", () => {
  expect(() => splitRows(times(120), 0.1, 0.2)).toThrow("120 rows give 84 to train on and 24");
  expect(() => splitRows(times(0), 0.1, 0.2)).toThrow("0 rows");
  expect(() =>
    splitRows(
      times(1_000, () => 5),
      0.1,
      0.2,
    ),
  ).toThrow("0 to train on");
  expect(() =>
    splitRows(
      times(1_000, (i) => -i),
      0.1,
      0.2,
    ),
  ).toThrow("Row 1 is earlier");
});
