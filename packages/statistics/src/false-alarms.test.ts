import { describe, expect, it } from "vitest";
import { absoluteDifference, asymptoticSequence } from "./asymptotic-sequence.ts";
import { normalTwoSidedP } from "./normal.ts";
import { createRandom, type Random } from "./random.ts";
import { emptyRateRatio, rateRatioLogE, updateRateRatio } from "./rate-ratio.ts";
import { betaBinomialE, logMsprt, logSampleRatioE } from "./sequential-tests.ts";

/**
 * A/A streams: two arms that do not differ, looked at 100 times. Each guard may ever alarm in at most alpha of them; the
 * naive z-test in the same harness shows that the harness really peeks.
 */
const STREAMS = 2000;
const LOOKS = 100;
const ALPHA = 0.05;
const SEED = 20011101;

function bound(alpha: number): number {
  return alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / STREAMS);
}

/** Share of streams in which `look` (called once a look, with a fresh stream each time) ever returns true. */
function everAlarmed(stream: (random: Random) => (look: number) => boolean, looks = LOOKS): number {
  const random = createRandom(SEED);
  let alarmed = 0;
  for (let s = 0; s < STREAMS; s++) {
    const alarm = stream(random);
    for (let look = 0; look < looks; look++) {
      if (alarm(look)) {
        alarmed++;
        break;
      }
    }
  }
  return alarmed / STREAMS;
}

/** Two Bernoulli arms, 100 observations each a look. */
function bernoulliArms(random: Random, rate: number) {
  let [n, a, b] = [0, 0, 0];
  return () => {
    n += 100;
    a += random.binomial(100, rate);
    b += random.binomial(100, rate);
    const sums = (k: number) => ({ n, sum: k, sumSquares: k });
    return { n, a, b, difference: absoluteDifference(sums(a), sums(b)) };
  };
}

const RAMP = [
  ...new Array<number>(34).fill(0.01),
  ...new Array<number>(33).fill(0.1),
  ...new Array<number>(33).fill(0.5),
];

/** 1000 requests a look at the given share of the canary, equal error rates. */
function errorBlocks(random: Random, rate: number, shares: (look: number) => number) {
  return (look: number) => {
    const share = shares(look);
    const canary = Math.round(1000 * share);
    return {
      share,
      treatmentEvents: random.binomial(canary, rate),
      controlEvents: random.binomial(1000 - canary, rate),
    };
  };
}

function rateRatioAlarms(rate: number, shares: (look: number) => number): number {
  return everAlarmed((random) => {
    const block = errorBlocks(random, rate, shares);
    let state = emptyRateRatio();
    return (look) => {
      state = updateRateRatio(state, block(look));
      return rateRatioLogE(state) >= -Math.log(ALPHA);
    };
  });
}

describe(`false alarms over ${STREAMS} A/A streams, ${LOOKS} looks, seed ${SEED}`, () => {
  it("a naive z-test at p < 0.05 alarms in more than a quarter: this harness peeks", () => {
    const share = everAlarmed((random) => {
      const next = bernoulliArms(random, 0.3);
      return () => {
        const { difference } = next();
        return normalTwoSidedP(difference.estimate / difference.standardError) < ALPHA;
      };
    });
    expect(share).toBeGreaterThan(0.25);
  });
  it.each([2, 1] as const)("the asymptotic confidence sequence with %d side(s) keeps alpha", (sides) => {
    const share = everAlarmed((random) => {
      const next = bernoulliArms(random, 0.3);
      return () => {
        const { lower, upper } = asymptoticSequence(next().difference, { alpha: ALPHA, sides });
        return sides === 2 ? lower > 0 || upper < 0 : lower > 0;
      };
    });
    expect(share).toBeLessThanOrEqual(bound(ALPHA));
    expect(share).toBeGreaterThan(0.002);
  });
  it.each([1e-4, 1e-3])("mSPRT with τ² = %d keeps alpha", (tau2) => {
    const share = everAlarmed((random) => {
      const next = bernoulliArms(random, 0.3);
      return () => {
        const { n, a, b, difference } = next();
        const variance = (a / n) * (1 - a / n) + (b / n) * (1 - b / n);
        return logMsprt(difference.estimate, variance, n, tau2) >= -Math.log(ALPHA);
      };
    });
    expect(share).toBeLessThanOrEqual(bound(ALPHA));
    expect(share).toBeGreaterThan(0.002);
  });
  it("the conditional beta-binomial keeps alpha, two-sided and one-sided", () => {
    for (const side of ["logE", "logEUp"] as const) {
      const share = everAlarmed((random) => {
        const block = errorBlocks(random, 0.01, () => 0.05);
        let [treatment, control] = [0, 0];
        return (look) => {
          const { treatmentEvents, controlEvents } = block(look);
          treatment += treatmentEvents;
          control += controlEvents;
          return betaBinomialE({ treatment, control, share: 0.05 })[side] >= -Math.log(ALPHA);
        };
      });
      expect(share).toBeLessThanOrEqual(bound(ALPHA));
    }
  });
  it.each([0.002, 0.05])("the rate-ratio test at an error rate of %d keeps alpha", (rate) => {
    expect(rateRatioAlarms(rate, () => 0.05)).toBeLessThanOrEqual(bound(ALPHA));
  });
  it("the rate-ratio test keeps alpha through a 1 → 10 → 50 % ramp while the error rate itself drifts", () => {
    expect(rateRatioAlarms(0.01, (look) => RAMP[look] as number)).toBeLessThanOrEqual(bound(ALPHA));
    const drifting = everAlarmed((random) => {
      let state = emptyRateRatio();
      return (look) => {
        const rate = look < 50 ? 0.002 : 0.02;
        state = updateRateRatio(state, errorBlocks(random, rate, (at) => RAMP[at] as number)(look));
        return rateRatioLogE(state) >= -Math.log(ALPHA);
      };
    });
    expect(drifting).toBeLessThanOrEqual(bound(ALPHA));
  });
  it("the rate-ratio test sees a fivefold error rate in nearly every stream", () => {
    const caught = everAlarmed((random) => {
      let state = emptyRateRatio();
      return () => {
        const [treatmentEvents, controlEvents] = [random.binomial(50, 0.01), random.binomial(950, 0.002)];
        state = updateRateRatio(state, { share: 0.05, treatmentEvents, controlEvents });
        return rateRatioLogE(state) >= -Math.log(ALPHA);
      };
    });
    expect(caught).toBeGreaterThan(0.9);
  });
  it("sequential SRM keeps alpha = 0.01 over 200 looks, and a chi-square with peeking does not", () => {
    const shares = [0.9, 0.1];
    const stream = (alarm: (counts: [number, number]) => boolean) => (random: Random) => {
      const counts: [number, number] = [0, 0];
      return () => {
        const k = random.binomial(100, 0.1);
        counts[0] += 100 - k;
        counts[1] += k;
        return alarm(counts);
      };
    };
    const sequential = everAlarmed(
      stream((counts) => logSampleRatioE(counts, shares) >= -Math.log(0.01)),
      200,
    );
    expect(sequential).toBeLessThanOrEqual(bound(0.01));
    const peeking = everAlarmed(
      stream(([a, b]) => normalTwoSidedP((b - 0.1 * (a + b)) / Math.sqrt((a + b) * 0.09)) < 0.01),
      200,
    );
    expect(peeking).toBeGreaterThan(0.05);
  });
});
