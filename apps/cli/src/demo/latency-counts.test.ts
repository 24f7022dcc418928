import { expect, test } from "vitest";
import { LatencyCounts } from "./latency-counts.ts";

test("a quantile is the value of its rank among all, to 10 µs, also after a restart", () => {
  const values = Array.from({ length: 1_000 }, (_, i) => ((i * 7_919) % 1_000) * 0.0371 + 0.2);
  const sorted = values.toSorted((a, b) => a - b);
  const first = new LatencyCounts();
  for (const ms of values.slice(0, 600)) first.add(ms);
  const resumed = new LatencyCounts(JSON.parse(JSON.stringify(first.counted())));
  for (const ms of values.slice(600)) resumed.add(ms);
  for (const q of [0, 0.5, 0.99, 0.999])
    expect(resumed.quantile(q)).toBeCloseTo(sorted[Math.floor(1_000 * q)] ?? Number.NaN, 2);
});

test("without a latency there is no quantile", () => {
  expect(new LatencyCounts().quantile(0.99)).toBeNull();
});
