import {
  calibrateLimit,
  createRandom,
  jensenShannonDistance,
  profileNumeric,
  quantileEdges,
} from "@ballast/statistics";
import { expect, test } from "vitest";
import { LEAST_BLOCKS, limitOf } from "./limit-calibration.ts";

test("too few blocks give no limit, rather than a guess", () => {
  expect(limitOf(Array.from({ length: LEAST_BLOCKS - 1 }, () => 0.1))).toBeNull();
  expect(limitOf([])).toBeNull();
});

test("31 days: the largest distance times 1.5; a distance that is no number is no block", () => {
  const distances = Array.from({ length: 31 }, (_, i) => (i + 1) / 100);
  expect(limitOf([...distances, Number.NaN])).toMatchObject({
    limit: expect.closeTo(0.465, 12),
    blocks: 31,
    level: 0.95,
    largest: 0.31,
    median: 0.16,
  });
});

test("with many blocks it is an inner order statistic, so one odd day does not set the limit", () => {
  const distances = Array.from({ length: 100 }, (_, i) => i / 100);
  distances[99] = 50;
  expect(limitOf(distances)?.limit).toBeCloseTo(1.5 * 0.95, 12);
});

test("agrees with the calibration of profiles in the statistics package", () => {
  const random = createRandom(7);
  const days = Array.from({ length: 20 }, () => Float64Array.from({ length: 300 }, () => random.normal()));
  const edges = quantileEdges(Float64Array.from(days.flatMap((values) => [...values])));
  const blocks = days.map((values) => profileNumeric(values, edges));
  const expected = calibrateLimit(blocks, jensenShannonDistance);
  expect(limitOf(expected.distances)?.limit).toBeCloseTo(expected.limit, 12);
});
