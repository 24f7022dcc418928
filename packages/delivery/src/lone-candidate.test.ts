import { createRandom } from "@ballast/statistics";
import { expect, test } from "vitest";
import { allowanceOf, foldLone, type LoneLimits, rateUpperBound } from "./lone-candidate.ts";

const ANY: LoneLimits = { eventWeight: 1, mostExcused: 1, mostPerBlock: Number.MAX_VALUE };
const FIVE = { rate: 0.05, needed: 1000 };

test("the bound on a rate agrees with mpmath", () => {
  expect(rateUpperBound(4, 804, 0.001)).toBeCloseTo(0.028219853061371, 12);
  expect(rateUpperBound(30, 2000, 0.001)).toBeCloseTo(0.032297702450689, 12);
  expect(rateUpperBound(0, 1000, 0.001)).toBeCloseTo(0.013721500154971, 12);
  expect(rateUpperBound(9, 40, 0.05)).toBeCloseTo(0.461195942692, 12);
  expect([rateUpperBound(0, 0, 0.001), rateUpperBound(5, 5, 0.001)]).toEqual([1, 1]);
});

test("looked at all the time, the bound lies below the true rate in fewer than alpha of streams", () => {
  const random = createRandom(4);
  let below = 0;
  for (let stream = 0; stream < 500; stream++) {
    let [events, n, seen] = [0, 0, false];
    for (let look = 0; look < 60; look++) {
      events += random.binomial(20, 0.03);
      n += 20;
      seen ||= rateUpperBound(events, n, 0.05) < 0.03;
    }
    if (seen) below++;
  }
  expect(below / 500).toBeLessThan(0.05);
});

test("the evidence of blocks agrees with mpmath", () => {
  const first = foldLone(undefined, { events: 9, requests: 100 }, FIVE, ANY);
  expect(first.e).toBeCloseTo(0.87019309635136, 12);
  const second = foldLone(first, { events: 20, requests: 100 }, FIVE, ANY);
  expect(second.e / 210354.26103637).toBeCloseTo(1, 12);
  expect(second).toMatchObject({ blocks: 2, events: 29, requests: 200, rate: 0.05 });
  const weighed = foldLone(undefined, { events: 9, requests: 100 }, FIVE, { ...ANY, eventWeight: 0.25 });
  expect(weighed.e).toBeCloseTo(0.46816596548418, 12);
});

test("at exactly the allowed rate the evidence keeps its level, looked at after every block; a z-test does not", () => {
  const random = createRandom(2001);
  const streams = 2000;
  const alarms = { evidence: 0, z: 0 };
  for (let stream = 0; stream < streams; stream++) {
    let lone: ReturnType<typeof foldLone> | undefined;
    let [events, n] = [0, 0];
    const seen = { evidence: false, z: false };
    for (let block = 0; block < 100; block++) {
      const requests = 20 + random.integer(60);
      const own = random.binomial(requests, 0.05);
      lone = foldLone(lone, { events: own, requests }, FIVE, ANY);
      seen.evidence ||= lone.e >= 20;
      events += own;
      n += requests;
      seen.z ||= (events - 0.05 * n) / Math.sqrt(n * 0.05 * 0.95) > 1.645;
    }
    if (seen.evidence) alarms.evidence++;
    if (seen.z) alarms.z++;
  }
  expect(alarms.evidence / streams).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / streams));
  expect(alarms.z / streams).toBeGreaterThan(0.25);
});

test("what is allowed: three times the worst of the champion, no less than one in twenty", () => {
  const rate = (events: number, requests: number, limits = ANY) => allowanceOf({ events, requests }, limits, 0.01).rate;
  expect(allowanceOf({ events: 2, requests: 50_000 }, ANY, 0.01)).toEqual(FIVE);
  const bound = rateUpperBound(900, 30_000, 0.001);
  expect(rate(900, 30_000)).toBeCloseTo(3 * bound, 12);
  // Nothing is known of the champion: then half of all requests, where the guard knows a limit, else anything.
  expect(rate(0, 0, { ...ANY, mostExcused: 0.5 })).toBe(0.5);
  expect(rate(0, 0)).toBe(1);
  expect(foldLone(undefined, { events: 90, requests: 100 }, { ...FIVE, rate: 1 }, ANY).e).toBe(0);
});
