import { describe, expect, it } from "vitest";
import { alignCounts } from "./aligned-shares.ts";
import {
  cellOf,
  meanOf,
  mergeProfiles,
  nullShare,
  profileCategorical,
  profileNumeric,
  quantileEdges,
} from "./build-profile.ts";
import type { ColumnProfile } from "./profile.ts";
import { createRandom } from "./random.ts";

describe("quantileEdges", () => {
  it("splits distinct values into equal cells", () => {
    const values = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) + 1);
    const edges = quantileEdges(values, 9);
    expect(edges).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(profileNumeric(values, edges).counts).toEqual(new Array(10).fill(100));
  });
  it("gives a frequent value one edge, and values under the minimum a cell the reference never used", () => {
    const tied = [...new Array<number>(80).fill(3), ...Array.from({ length: 20 }, (_, i) => 4 + i)];
    const edges = quantileEdges(tied, 9);
    expect(new Set(edges).size).toBe(edges.length);
    const reference = profileNumeric(tied, edges);
    expect(reference.counts[0]).toBe(0);
    expect(reference.counts[1]).toBe(80);
    expect(profileNumeric([2, 2, 3], edges).counts.slice(0, 2)).toEqual([2, 1]);
  });
  it("tells a constant column from values on either side of it, at zero and below too", () => {
    for (const constant of [0, 5, -2.5]) {
      const edges = quantileEdges([constant, constant], 19);
      expect(edges).toHaveLength(2);
      const moved = profileNumeric([constant - 1, constant, constant + 1], JSON.parse(JSON.stringify(edges)));
      expect(moved.counts).toEqual([1, 1, 1]);
    }
  });
  it("has no edges for an empty or all-null column, and refuses a k that is none", () => {
    expect(quantileEdges([null, Number.NaN], 5)).toEqual([]);
    expect(profileNumeric([1, 2, null], []).counts).toEqual([2]);
    expect(() => quantileEdges([1], 0)).toThrow(/k must be/);
  });
});

describe("profiles", () => {
  it("count what is not finite as null", () => {
    const profile = profileNumeric([1, Number.NaN, null, undefined, Number.POSITIVE_INFINITY, 3], [2]);
    expect(profile).toMatchObject({ n: 2, nulls: 4, counts: [1, 1], sum: 4, sumSquares: 10, min: 1, max: 3 });
    expect(meanOf(profile)).toBe(2);
    expect(nullShare(profile)).toBeCloseTo(4 / 6, 15);
  });
  it("say null, not zero, where there is nothing", () => {
    const empty = profileNumeric([], [1, 2]);
    expect(empty).toMatchObject({ n: 0, min: null, max: null });
    expect(meanOf(empty)).toBeNull();
    expect(nullShare(empty)).toBeNull();
  });
  it("close cells on the right", () => {
    expect([0, 1, 1.5, 2, 3].map((x) => cellOf([1, 2], x))).toEqual([0, 0, 1, 1, 2]);
  });
  it("refuse edges out of order", () => {
    expect(() => profileNumeric([1], [2, 2])).toThrow(/edge 1 is 2/);
    expect(() => profileNumeric([1], [Number.NaN])).toThrow(/edge 0/);
  });
  it("keep categories named like object members", () => {
    const profile = profileCategorical(["__proto__", "constructor", "__proto__", null, true]);
    expect(Object.entries(profile.counts)).toEqual([
      ["__proto__", 2],
      ["constructor", 1],
      ["true", 1],
    ]);
    expect(Object.entries(mergeProfiles(profile, profile).counts)[0]).toEqual(["__proto__", 4]);
  });
});

describe("mergeProfiles", () => {
  it("equals the profile of the joined rows, for any split", () => {
    const random = createRandom(11);
    for (let round = 0; round < 50; round++) {
      const values = Array.from({ length: 60 }, () =>
        random.uniform() < 0.1 ? null : Math.round(random.normal() * 8),
      );
      const edges = quantileEdges(values, 7);
      const cut = random.integer(61);
      const merged = mergeProfiles(
        profileNumeric(values.slice(0, cut), edges),
        profileNumeric(values.slice(cut), edges),
      );
      expect(merged).toEqual(profileNumeric(values, edges));
      const words = values.map((value) => (value === null ? null : `c${value}`));
      const joined = mergeProfiles(profileCategorical(words.slice(0, cut)), profileCategorical(words.slice(cut)));
      expect(joined).toEqual(profileCategorical(words));
    }
  });
  it("refuses profiles that cannot be added, naming the difference", () => {
    const a: ColumnProfile = profileNumeric([1], [1, 2]);
    expect(() => mergeProfiles(a, profileNumeric([1], [1, 3]))).toThrow(/differ at edge 1 \(2 and 3\)/);
    expect(() => mergeProfiles(a, profileNumeric([1], [1]))).toThrow(/2 and 1 edges/);
    expect(() => mergeProfiles<ColumnProfile>(a, profileCategorical(["x"]))).toThrow(
      /numeric profile with a categorical/,
    );
    expect(() => alignCounts(a, profileCategorical(["x"]))).toThrow(/numeric profile with a categorical/);
  });
});
