import { DAY_MS, HOUR_MS, isoDay } from "@ballast/core";
import { expect, test } from "vitest";
import { MOST_WINDOWS, windowsToClose } from "./window-closing.ts";

const DAY = Date.UTC(2001, 1, 3);
const days = (input: Parameters<typeof windowsToClose>[0]) => windowsToClose(input).map(({ from }) => isoDay(from));

test.each([
  ["no prediction yet", { firstEvent: null, closedThrough: null, watermark: DAY }, []],
  ["the first day is not over", { firstEvent: DAY + HOUR_MS, closedThrough: null, watermark: DAY + DAY_MS - 1 }, []],
  [
    "a watermark at the very end closes it",
    { firstEvent: DAY + HOUR_MS, closedThrough: null, watermark: DAY + DAY_MS },
    ["2001-02-03"],
  ],
  [
    "days without predictions are closed too, in order",
    { firstEvent: null, closedThrough: DAY, watermark: DAY + 3 * DAY_MS + HOUR_MS },
    ["2001-02-03", "2001-02-04", "2001-02-05"],
  ],
  ["nothing twice", { firstEvent: DAY, closedThrough: DAY + DAY_MS, watermark: DAY + DAY_MS + HOUR_MS }, []],
  ["a watermark behind what is closed", { firstEvent: DAY, closedThrough: DAY + DAY_MS, watermark: DAY }, []],
  ["a watermark that is no number", { firstEvent: DAY, closedThrough: null, watermark: Number.POSITIVE_INFINITY }, []],
])("%s", (_, input, expected) => {
  expect(days(input)).toEqual(expected);
});

test("a watermark that leaps a thousand years closes a bounded number, and the next one goes on from there", () => {
  const first = windowsToClose({ firstEvent: DAY, closedThrough: null, watermark: DAY + 1e6 * DAY_MS });
  expect(first).toHaveLength(MOST_WINDOWS);
  const [next] = windowsToClose({
    firstEvent: null,
    closedThrough: first.at(-1)?.to ?? 0,
    watermark: DAY + 1e6 * DAY_MS,
  });
  expect(next?.from).toBe(first.at(-1)?.to);
});
