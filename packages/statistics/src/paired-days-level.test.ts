import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { asymptoticSequence } from "./asymptotic-sequence.ts";
import { type PairedDay, type PairedDayOptions, pairedDayTest } from "./paired-days.ts";
import { createRandom, type Random } from "./random.ts";
import { logTUp } from "./t-mixture.ts";

const STREAMS = 2000;
const DAYS = 60;
const ALPHA = 0.05;
const SEED = 20011101;
const BOUND = ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / STREAMS);

/** Share of streams whose evidence against a true null ever passes 1/alpha, looked at daily from day 7. */
function everProved(draw: (random: Random) => () => number, blockDays: number): number {
  const random = createRandom(SEED);
  let proved = 0;
  for (let s = 0; s < STREAMS; s++) if (streamProves(draw(random), blockDays)) proved++;
  return proved / STREAMS;
}

/** The running sums of {@link pairedDayTest}, so that 2000 streams of 60 looks take a moment. */
function streamProves(next: () => number, blockDays: number): boolean {
  let [block, n, sum, squares] = [0, 0, 0, 0];
  for (let day = 1; day <= DAYS; day++) {
    block += next();
    if (day % blockDays !== 0) continue;
    const x = block / blockDays;
    block = 0;
    n++;
    sum += x;
    squares += x * x;
    if (day < 7) continue;
    const mean = sum / n;
    if (logTUp({ n, mean, squares: Math.max(0, squares - n * mean * mean) }, 1) >= -Math.log(ALPHA)) return true;
  }
  return false;
}

/** Days whose shared effect (weather) has twice the spread of a row's own noise: daily means vary 900 × the i.i.d. value. */
function clusteredDays(random: Random, rowsPerDay: number): { day: PairedDay; sum: number; squares: number }[] {
  return Array.from({ length: DAYS }, () => {
    const effect = 2 * random.normal();
    let [sum, squares] = [0, 0];
    for (let i = 0; i < rowsPerDay; i++) {
      const x = effect + random.normal();
      sum += x;
      squares += x * x;
    }
    return { day: { meanDifference: sum / rowsPerDay, rows: rowsPerDay }, sum, squares };
  });
}

describe(`level of the paired day test, ${STREAMS} streams of ${DAYS} days, seed ${SEED}`, () => {
  it("holds on day-clustered losses, where a confidence sequence over rows visibly does not", () => {
    const random = createRandom(SEED);
    const streams = 400;
    const options: PairedDayOptions = { margin: 1e-9, alpha: ALPHA };
    let [perDay, perRow] = [0, 0];
    for (let s = 0; s < streams; s++) {
      const days = clusteredDays(random, 200);
      perDay += days.some(
        (_, i) =>
          pairedDayTest(
            days.slice(0, i + 1).map(({ day }) => day),
            options,
          ).verdict !== "collecting",
      )
        ? 1
        : 0;
      let [n, sum, squares] = [0, 0, 0];
      perRow += days.some((one) => {
        n += one.day.rows;
        sum += one.sum;
        squares += one.squares;
        const mean = sum / n;
        const standardError = Math.sqrt((squares / n - mean * mean) / n);
        const { lower, upper } = asymptoticSequence(
          { estimate: mean, standardError, n },
          { alpha: ALPHA, tuning: 200 * 14 },
        );
        return lower > 0 || upper < 0;
      })
        ? 1
        : 0;
    }
    // Both verdicts are counted here, each with all of alpha at a margin of (almost) nothing: at most 2 alpha.
    expect(perDay / streams).toBeLessThan(2 * ALPHA);
    expect(perRow / streams).toBeGreaterThan(0.25);
  }, 10_000);
  it.each([1, 2, 3])("holds for normal days and for heavy tails, in blocks of %d", (blockDays) => {
    expect(everProved((random) => random.normal, blockDays)).toBeLessThanOrEqual(BOUND);
    const t3 = (random: Random) => () => {
      const chi = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
      return random.normal() / Math.sqrt(chi / 3);
    };
    expect(everProved(t3, blockDays)).toBeLessThanOrEqual(BOUND);
  });
  it("holds for every true mean inside the null, not only at its edge", () => {
    for (const mean of [-0.05, -0.3, -2]) {
      expect(everProved((random) => () => mean + random.normal(), 1)).toBeLessThanOrEqual(BOUND);
    }
  });
  it("in blocks of 2 days holds up to a lag-1 autocorrelation of 0.2 and stays near it at 0.3", () => {
    const autoregressive = (phi: number) => (random: Random) => {
      let x = random.normal();
      return () => {
        const value = x;
        x = phi * x + Math.sqrt(1 - phi * phi) * random.normal();
        return value;
      };
    };
    expect(everProved(autoregressive(0.2), 2)).toBeLessThanOrEqual(BOUND);
    expect(everProved(autoregressive(0.3), 2)).toBeLessThanOrEqual(0.08);
    expect(everProved(autoregressive(0.3), 1)).toBeGreaterThan(BOUND);
  });
  it("stays near its level on real daily differences with the default blocks, and not without", () => {
    const url = new URL("./fixtures/paired-days.json", import.meta.url);
    const series: Record<string, number[]> = JSON.parse(readFileSync(url, "utf8"));
    const levels = (sign: 1 | -1, blockDays: number) =>
      Object.values(series).map((days) => everProved(bootstrap(days, sign), blockDays));
    // sign −1: "proves" that a candidate no better than the margin is better. +1: that a harmless one does harm.
    expect(Math.max(...levels(-1, 2))).toBeLessThan(0.08);
    expect(Math.max(...levels(1, 1))).toBeLessThan(0.07);
    expect(Math.max(...levels(-1, 1))).toBeGreaterThan(0.1);
  });
});

/** Stationary bootstrap (Politis & Romano 1994) of a series moved to mean 0, mean block 6 days. */
function bootstrap(days: readonly number[], sign: 1 | -1): (random: Random) => () => number {
  const mean = days.reduce((sum, value) => sum + value, 0) / days.length;
  const centred = days.map((value) => sign * (value - mean));
  return (random) => {
    let at = random.integer(centred.length);
    return () => {
      at = random.uniform() < 1 / 6 ? random.integer(centred.length) : (at + 1) % centred.length;
      return centred[at] as number;
    };
  };
}
