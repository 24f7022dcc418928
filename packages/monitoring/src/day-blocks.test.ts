import { DAY_MS, HOUR_MS } from "@ballast/core";
import { expect, test } from "vitest";
import { dayBlocks, MOST_REFERENCE_DAYS } from "./day-blocks.ts";
import { daySpan } from "./day-range.ts";

const START = Date.UTC(2001, 0, 1);
const evenly = (days: number, perDay: number) =>
  Float64Array.from({ length: days * perDay }, (_, i) => START + (i * DAY_MS) / perDay);

test("days are thinned evenly to about a window's size", () => {
  const blocks = dayBlocks(evenly(3, 10_000), 2_000);
  expect(blocks.map(({ index }) => index.length)).toEqual([2_000, 2_000, 2_000]);
  expect([...(blocks[1]?.index.slice(0, 3) ?? [])]).toEqual([10_000, 10_005, 10_010]);
});

test("the ragged ends of a range are no days, and only the newest month counts", () => {
  const whole = evenly(40, 100);
  const ragged = Float64Array.from([START - HOUR_MS, ...whole, START + 40 * DAY_MS + HOUR_MS]);
  const blocks = dayBlocks(ragged);
  expect(blocks.length).toBeLessThanOrEqual(MOST_REFERENCE_DAYS);
  expect(blocks.at(-1)?.day).toBe(START + 39 * DAY_MS);
  expect(blocks.every(({ index }) => index.length === 100)).toBe(true);
  expect(dayBlocks([])).toEqual([]);
});

test.each([
  ["nothing asked: the newest 60 days", {}, "2001-04-08", "2001-06-06"],
  ["a day", { from: "2001-02-03", to: "2001-02-03" }, "2001-02-03", "2001-02-03"],
  ["an open end", { from: "2001-06-01" }, "2001-06-01", "2001-06-06"],
  ["too long: cut at its older end", { from: "1990-01-01", to: "2001-06-06" }, "2000-11-19", "2001-06-06"],
])("%s", (_, range, from, to) => {
  const span = daySpan(range, Date.parse("2001-06-07"));
  expect([span.from, span.to - DAY_MS].map((t) => new Date(t).toISOString().slice(0, 10))).toEqual([from, to]);
});
