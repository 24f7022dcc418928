import { readFileSync } from "node:fs";
import { type DriftInput, type DriftTest, pluginManifestSchema } from "@ballast/plugin-sdk";
import { createRandom, profileCategorical, profileNumeric, quantileEdges } from "@ballast/plugin-sdk/statistics";
import { describe, expect, it } from "vitest";
import plugin from "./index.ts";

const tests = plugin.driftTests ?? [];
const random = createRandom(20011101);
const lognormal = (n: number, mu: number) => Array.from({ length: n }, () => Math.exp(mu + random.normal()));

function test(id: string): DriftTest {
  const found = tests.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no test ${id}`);
  return found;
}

function numeric(reference: number[], current: number[], keep: "samples" | "profiles" = "samples"): DriftInput {
  const edges = quantileEdges(reference, 9);
  const side = (values: number[]) => ({
    profile: profileNumeric(values, edges),
    ...(keep === "samples" ? { sample: Float64Array.from(values) } : {}),
  });
  return { column: "x", kind: "numeric", reference: side(reference), current: side(current), params: {} };
}

const NUMERIC = ["psi", "wasserstein", "jensen-shannon"];

describe.each(NUMERIC)("%s", (id) => {
  const reference = lognormal(15_000, 0);
  const same = lognormal(2_000, 0);
  const shifted = lognormal(2_000, 0.5);
  it.each(["samples", "profiles"] as const)(
    "tells a shift from none, one wild reference value or not, from %s",
    (keep) => {
      const wild = [...reference];
      wild[77] = 1e7;
      const [none, clean, outlier] = [
        test(id).run(numeric(wild, same, keep)).value,
        test(id).run(numeric(reference, shifted, keep)).value,
        test(id).run(numeric(wild, shifted, keep)).value,
      ];
      expect(outlier).toBeGreaterThan(5 * none);
      expect(Math.abs(outlier / clean - 1)).toBeLessThan(0.03);
    },
  );
  it("is deterministic, leaves its input alone and answers in plain JSON", () => {
    const given = numeric(reference.slice(0, 500), shifted.slice(0, 500));
    const before = structuredClone(given);
    const result = test(id).run(given);
    expect(test(id).run(given)).toEqual(result);
    expect(given).toEqual(before);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
  it("bears empty, all-null and constant columns with a finite number", () => {
    const nulls = new Array<number>(50).fill(Number.NaN);
    const constant = new Array<number>(50).fill(3);
    for (const keep of ["samples", "profiles"] as const) {
      for (const [a, b] of [
        [[], []],
        [[], constant],
        [constant, []],
        [nulls, nulls],
        [nulls, constant],
        [constant, nulls],
      ] as const) {
        const result = test(id).run(numeric([...a], [...b], keep));
        expect(Number.isFinite(result.value)).toBe(true);
        if (a.length * b.length === 0) expect(result.details?.skipped).toBeTypeOf("string");
      }
      expect(test(id).run(numeric(constant, constant, keep)).value).toBe(0);
      for (const moved of [2.5, 3.5]) {
        const result = test(id).run(numeric(constant, new Array<number>(50).fill(moved), keep));
        expect(result.value).toBeGreaterThan(0.05);
      }
    }
  });
  it("refuses parameters it does not know, and profiles over other edges", () => {
    expect(() => test(id).run({ ...numeric([1, 2], [1, 2]), params: { bins: 30 } })).toThrow(/"bins"/);
    const apart = numeric([1, 2, 3, 4], [1, 2], "profiles");
    apart.current.profile = profileNumeric([1, 2], [9]);
    expect(() => test(id).run(apart)).toThrow(/edges/);
  });
});

describe("nulls and categories", () => {
  it("count in PSI and Jensen–Shannon: a column that lost half its values has drifted", () => {
    const values = lognormal(1000, 0);
    const holes = values.map((value, i) => (i % 2 === 0 ? Number.NaN : value));
    expect(test("psi").run(numeric(values, holes)).value).toBeGreaterThan(3);
    const js = test("jensen-shannon").run(numeric(values, holes));
    expect(js).toMatchObject({ statistic: "js_distance_base2", n: { reference: 1000, current: 1000 } });
    expect(js.details?.largest).toContainEqual({ cell: "null", reference: 0, current: 0.5 });
    expect(test("wasserstein").run(numeric(values, holes)).details?.nullShare).toEqual({ reference: 0, current: 0.5 });
  });
  it("see a new category, and nothing in none", () => {
    const given: DriftInput = {
      column: "airport",
      kind: "categorical",
      reference: { profile: profileCategorical(["SEA", "SEA", "BOS", "BOS"]) },
      current: { profile: profileCategorical(["SEA", "SEA", "DEN", "DEN"]) },
      params: {},
    };
    expect(test("psi").run(given).value).toBeCloseTo(Math.log(1000), 12);
    expect(test("jensen-shannon").run(given).value).toBeCloseTo(Math.sqrt(0.5), 12);
    expect(test("psi").run({ ...given, current: given.reference }).value).toBe(0);
    expect(() => test("wasserstein").run(given)).toThrow(/numeric column; airport is not/);
  });
  it("lets the exact Wasserstein distance go unfenced when asked", () => {
    const given = numeric([0, 1, 2, 3], [0, 1, 2, 1003]);
    expect(test("wasserstein").run({ ...given, params: { fence: 0 } }).value).toBeCloseTo(1000 / 4 / 1.5, 12);
    const fenced = test("wasserstein").run(given);
    expect(fenced.details).toMatchObject({ method: "exact", fence: 10, clipped: { reference: 0, current: 0.25 } });
    expect(fenced.value).toBeLessThan(3);
  });
});

describe("manifest", () => {
  it("lists exactly the tests the module has", () => {
    const { ballast } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const manifest = pluginManifestSchema.parse(ballast);
    expect(manifest.id).toBe("ballast.drift-distance");
    expect(manifest.contributes.driftTests).toEqual(tests.map(({ id, title }) => ({ id, title })));
  });
});
