import { readFileSync } from "node:fs";
import { type DriftInput, pluginManifestSchema } from "@ballast/plugin-sdk";
import { createRandom, profileCategorical, profileNumeric, quantileEdges } from "@ballast/plugin-sdk/statistics";
import { describe, expect, it } from "vitest";
import { chiSquare } from "./chi-square.ts";
import plugin from "./index.ts";
import { ks } from "./ks.ts";

const random = createRandom(8);
const normal = (n: number, shift = 0) => Array.from({ length: n }, () => shift + random.normal());

type Keep = "samples" | "profiles" | "reference profile";

function numeric(reference: number[], current: number[], keep: Keep = "samples"): DriftInput {
  const edges = quantileEdges(reference);
  const side = (values: number[], sampled: boolean) => ({
    profile: profileNumeric(values, edges),
    ...(sampled ? { sample: Float64Array.from(values) } : {}),
  });
  return {
    column: "x",
    kind: "numeric",
    reference: side(reference, keep === "samples"),
    current: side(current, keep !== "profiles"),
    params: {},
  };
}

function categorical(reference: (string | null)[], current: (string | null)[]): DriftInput {
  return {
    column: "airport",
    kind: "categorical",
    reference: { profile: profileCategorical(reference) },
    current: { profile: profileCategorical(current) },
    params: {},
  };
}

const repeat = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([name, n]) => new Array<string>(n).fill(name));

describe("ks", () => {
  it("from profiles never claims more than from samples, and says which it was", () => {
    for (let round = 0; round < 20; round++) {
      const [a, b] = [normal(400), normal(300, round / 20)];
      const exact = ks.run(numeric(a, b));
      expect(exact.details?.method).toBe("exact");
      for (const keep of ["profiles", "reference profile"] as const) {
        const binned = ks.run(numeric(a, b, keep));
        expect(binned.details?.method).toBe("binned");
        expect(binned.value).toBeLessThanOrEqual(exact.value + 1e-12);
        expect(binned.value).toBeGreaterThan(exact.value - 0.06);
      }
    }
  });
  it("alarms at about its level on equal columns, and always on a shift of half a deviation", () => {
    let [alarms, caught] = [0, 0];
    for (let round = 0; round < 400; round++) {
      if ((ks.run(numeric(normal(200), normal(200))).pValue as number) < 0.05) alarms++;
      if ((ks.run(numeric(normal(200), normal(200, 0.5))).pValue as number) < 0.05) caught++;
    }
    expect(alarms / 400).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 400));
    expect(caught / 400).toBeGreaterThan(0.95);
  });
  it("is not moved by one wild value", () => {
    const [a, b] = [normal(5000), normal(1000, 0.3)];
    const wild = [...a];
    wild[5] = 1e9;
    for (const keep of ["samples", "profiles"] as const) {
      expect(Math.abs(ks.run(numeric(wild, b, keep)).value - ks.run(numeric(a, b, keep)).value)).toBeLessThan(0.001);
    }
  });
  it("bears NaN, empty and constant columns, and tells the nulls", () => {
    const holes = normal(100).map((value, i) => (i % 4 === 0 ? Number.NaN : value));
    const result = ks.run(numeric(normal(100), holes));
    expect(result.n).toEqual({ reference: 100, current: 75 });
    expect(result.details?.nullShare).toEqual({ reference: 0, current: 0.25 });
    for (const keep of ["samples", "profiles"] as const) {
      expect(ks.run(numeric([], normal(9), keep)).details?.skipped).toMatch(/reference/);
      expect(ks.run(numeric(normal(9), [Number.NaN], keep)).details?.skipped).toMatch(/current/);
      expect(ks.run(numeric([4, 4, 4], [4, 4], keep))).toMatchObject({ value: 0, pValue: 1 });
      expect(ks.run(numeric([4, 4, 4], [3, 3], keep)).value).toBe(1);
    }
  });
});

describe("chi-square", () => {
  it("equals scipy on a table, nulls as a category of their own", () => {
    // scipy.stats.chi2_contingency([[50, 30, 20], [30, 50, 20]], correction=False)
    const result = chiSquare.run(
      categorical(
        [...repeat({ a: 50, b: 30 }), ...new Array(20).fill(null)],
        [...repeat({ a: 30, b: 50 }), ...new Array(20).fill(null)],
      ),
    );
    expect(result).toMatchObject({ statistic: "chi_square", n: { reference: 100, current: 100 }, details: { df: 2 } });
    expect(result.value).toBeCloseTo(10, 12);
    expect(result.pValue).toBeCloseTo(0.006737946999085467, 12);
  });
  it("counts rare categories together and names the unseen", () => {
    const result = chiSquare.run(categorical(repeat({ a: 500, b: 500 }), repeat({ a: 480, b: 500, c: 3, d: 4, e: 2 })));
    expect(result.details).toMatchObject({
      df: 2,
      pooledCategories: ["c", "d", "e"],
      unseenCategories: ["c", "d", "e"],
    });
    expect(result.pValue as number).toBeLessThan(0.05);
    const raw = chiSquare.run({
      ...categorical(repeat({ a: 50, b: 9 }), repeat({ a: 50, b: 9, c: 1 })),
      params: { minExpected: 0 },
    });
    expect(raw.details?.pooledCategories).toEqual([]);
  });
  it("separates the size of a difference from its significance", () => {
    const result = chiSquare.run(categorical(repeat({ a: 100_000, b: 100_000 }), repeat({ a: 101_500, b: 98_500 })));
    expect(result.pValue as number).toBeLessThan(1e-4);
    expect(result.details?.cramersV as number).toBeLessThan(0.01);
  });
  it("bears empty, constant and all-null columns", () => {
    expect(chiSquare.run(categorical([], ["a"])).details?.skipped).toMatch(/reference/);
    expect(chiSquare.run(categorical(["a"], [])).details?.skipped).toMatch(/current/);
    expect(chiSquare.run(categorical(["a", "a"], ["a"]))).toMatchObject({ value: 0, pValue: 1 });
    expect(chiSquare.run(categorical([null], [null, null]))).toMatchObject({ value: 0, pValue: 1 });
  });
});

describe("both", () => {
  it("are deterministic, leave their input alone and answer in plain JSON", () => {
    for (const [one, given] of [
      [ks, numeric(normal(50), normal(40))],
      [chiSquare, categorical(repeat({ a: 30, b: 20 }), repeat({ a: 20, b: 30 }))],
    ] as const) {
      const before = structuredClone(given);
      const result = one.run(given);
      expect(one.run(given)).toEqual(result);
      expect(given).toEqual(before);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    }
  });
  it("refuse the wrong kind and unknown parameters", () => {
    expect(() => ks.run(categorical(["a"], ["a"]))).toThrow(/ks needs a numeric column/);
    expect(() => chiSquare.run(numeric([1], [1]))).toThrow(/needs a categorical column/);
    expect(() => ks.run({ ...numeric([1], [1]), params: { alpha: 0.1 } })).toThrow(/"alpha"/);
    expect(() => chiSquare.run({ ...categorical(["a"], ["a"]), params: { minExpected: -1 } })).toThrow(/minExpected/);
  });
  it("are what the manifest lists", () => {
    const { ballast } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const manifest = pluginManifestSchema.parse(ballast);
    expect(manifest.id).toBe("ballast.drift-hypothesis");
    expect(manifest.contributes.driftTests).toEqual(plugin.driftTests?.map(({ id, title }) => ({ id, title })));
  });
});
