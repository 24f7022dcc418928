import { DAY_MS, HOUR_MS } from "@ballast/core";
import { expect, test } from "vitest";
import { dayBlocks, MOST_REFERENCE_DAYS } from "./day-blocks.ts";
import { daySpan } from "./day-range.ts";

const START = Date.UTC(2001, 0, 1);
const evenly = (days: number, perDay: number) =>
  Float64Array.from({ length: days * perDay }, (_, i) => START + (i * DAY_MS) / perDay);

test("of each day as many rows are drawn as are kept, ascending, each once, the same ones every time", () => {
  const times = evenly(3, 10_000);
  const blocks = dayBlocks(times, 2_000);
  expect(dayBlocks(times, 2_000)).toEqual(blocks);
  blocks.forEach(({ day, index }, i) => {
    expect(day).toBe(START + i * DAY_MS);
    expect(new Set(index).size).toBe(2_000);
    expect(index.every((row, k) => Math.floor(row / 10_000) === i && (k === 0 || row > (index[k - 1] as number)))).toBe(
      true,
    );
  });
});

test("the hours of the drawn rows vary from day to day as those of any window do", () => {
  const blocks = dayBlocks(evenly(31, 16_000), 2_000);
  const mornings = blocks.map(({ index }) => index.filter((row) => row % 16_000 < 8_000).length);
  const mean = mornings.reduce((sum, n) => sum + n, 0) / 31;
  const variance = mornings.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 30;
  // Without replacement: 2,000 · ¼ · (1 − 1/8) = 437.5; a chi-square with 30 degrees of freedom lies within 0.4 to 1.9 of its mean.
  expect(variance).toBeGreaterThan(0.4 * 437.5);
  expect(variance).toBeLessThan(1.9 * 437.5);
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
