import { expect, it } from "vitest";
import { smoothed } from "./smoothing.ts";

/** The definition, in full: what the recurrence must equal. */
const weighted = (x: number[], y: number[], halfLife: number, i: number): number => {
  let [sum, weight] = [0, 0];
  for (let j = 0; j <= i; j += 1) {
    const w = 2 ** (-((x[i] as number) - (x[j] as number)) / halfLife);
    sum += w * (y[j] as number);
    weight += w;
  }
  return sum / weight;
};

it("weighs by distance, whatever the steps", () => {
  const x = [-5, 0, 1, 2, 40, 41, 300];
  const y = [3, 1, 4, 1, 5, 9, 2];
  const out = smoothed(x, y, 7);
  for (const i of x.keys()) expect(out[i]).toBeCloseTo(weighted(x, y, 7, i), 12);
});

it("keeps a constant, halves the pull of a step after one half-life, and starts without bias", () => {
  expect([...smoothed([0, 1, 5], [2, 2, 2], 3)]).toEqual([2, 2, 2]);
  expect(smoothed([0, 10], [0, 3], 10)[1]).toBeCloseTo(2);
  expect(smoothed([0, 1], [100, 0], 1e9)[0]).toBe(100);
});

it("passes over NaN and infinities without taking them in", () => {
  const out = smoothed([0, 1, 2, 3], [1, Number.NaN, Number.POSITIVE_INFINITY, 1], 2);
  expect([...out]).toEqual([1, Number.NaN, Number.POSITIVE_INFINITY, 1]);
});
