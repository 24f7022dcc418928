import { HOUR_MS } from "@ballast/core";
import { createRandom } from "@ballast/statistics";
import { expect, test } from "vitest";
import { locateOnset } from "./unit-onset.ts";

const START = Date.UTC(2001, 5, 5);
const random = createRandom(11);
/** Whole miles, skewed as route lengths are. */
const miles = (n: number) => Float64Array.from({ length: n }, () => Math.round(Math.exp(6.3 + 0.7 * random.normal())));
const reference = miles(10_000).sort();
const KM = 1.609344;
const toMiles = { factor: 1 / KM, offset: 0 };
const times = (n: number) => Float64Array.from({ length: n }, (_, i) => START + i * 50_000);
const changedAt = (index: number, values: Float64Array, rounded: boolean) =>
  values.map((value, i) => (i < index ? value : rounded ? Math.round(value * KM) : value * KM));

test("kilometres with digits are found to the row, because a conversion leaves no whole numbers", () => {
  for (const index of [1, 137, 900, 1_650]) {
    const values = changedAt(index, miles(1_700), false);
    const onset = locateOnset({ t: times(1_700), values, reference, ...toMiles });
    expect(onset).toMatchObject({ index, rows: 1_700 - index });
  }
});

test("rounded kilometres are found by their distribution, within minutes", () => {
  const misses = Array.from({ length: 20 }, (_, k) => {
    const index = 300 + 50 * k;
    const values = changedAt(index, miles(1_700), true);
    const onset = locateOnset({ t: times(1_700), values, reference, ...toMiles });
    return Math.abs((onset?.index ?? 1e9) - index);
  }).sort((a, b) => a - b);
  expect(misses[10]).toBeLessThanOrEqual(20);
  expect(misses[19]).toBeLessThanOrEqual(120);
});

test("a whole hour between the last old and the first new row is the moment itself", () => {
  const values = changedAt(72, miles(400), false);
  const t = times(400);
  expect(t[71]).toBeLessThan(START + HOUR_MS);
  expect(locateOnset({ t, values, reference, ...toMiles })?.from).toBe(START + HOUR_MS);
  const inside = changedAt(80, miles(400), false);
  expect(locateOnset({ t, values: inside, reference, ...toMiles })?.from).toBe(t[80]);
});

test("nothing changed, nothing found; missing values count neither way", () => {
  expect(locateOnset({ t: times(800), values: miles(800), reference, ...toMiles })?.rows ?? 0).toBeLessThan(20);
  expect(locateOnset({ t: times(9), values: new Float64Array(9).fill(Number.NaN), reference, ...toMiles })).toBeNull();
  expect(locateOnset({ t: times(9), values: miles(9), reference: reference.slice(0, 5), ...toMiles })).toBeNull();
  const values = changedAt(100, miles(500), false);
  for (let i = 0; i < 500; i += 7) values[i] = Number.NaN;
  expect(locateOnset({ t: times(500), values, reference, ...toMiles })?.index).toBeLessThanOrEqual(102);
});

test("degrees with an offset", () => {
  const celsius = (n: number) => Float64Array.from({ length: n }, () => 15 + 8 * random.normal());
  const base = celsius(5_000).sort();
  const values = celsius(1_000).map((value, i) => (i < 400 ? value : (value * 9) / 5 + 32));
  const onset = locateOnset({ t: times(1_000), values, reference: base, factor: 5 / 9, offset: -160 / 9 });
  expect(Math.abs((onset?.index ?? 1e9) - 400)).toBeLessThanOrEqual(10);
});
