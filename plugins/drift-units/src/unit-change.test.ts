import { readFileSync } from "node:fs";
import { type DriftInput, pluginManifestSchema } from "@ballast/plugin-sdk";
import { conversion, findUnit, profileNumeric, quantileEdges, unitsOf } from "@ballast/plugin-sdk/statistics";
import { describe, expect, it } from "vitest";
import plugin from "./index.ts";
import { unitChange } from "./unit-change.ts";

const published: Record<
  "fahrenheit" | "celsius" | "milesJanuary" | "milesJune" | "windBefore" | "windAfter",
  number[]
> = JSON.parse(readFileSync(new URL("./fixtures/published.json", import.meta.url), "utf8"));

type Keep = "samples" | "profiles";

function input(unit: string | undefined, reference: number[], current: number[], keep: Keep = "samples"): DriftInput {
  const edges = quantileEdges(reference);
  const side = (values: number[]) => ({
    profile: profileNumeric(values, edges),
    ...(keep === "samples" ? { sample: Float64Array.from(values) } : {}),
  });
  const base = {
    column: "x",
    kind: "numeric" as const,
    reference: side(reference),
    current: side(current),
    params: {},
  };
  return unit === undefined ? base : { ...base, unit };
}

function converted(values: number[], from: string, to: string): number[] {
  const [a, b] = [findUnit(from), findUnit(to)];
  if (a === undefined || b === undefined) throw new Error(`no unit ${from} or ${to}`);
  const { factor, offset } = conversion(a, b);
  return values.map((value) => value * factor + offset);
}

describe("unit-change", () => {
  it("names the change that really happened: Seattle's hourly normals, °F in 1.31.1, °C in 3.2.1", () => {
    const { fahrenheit, celsius } = published;
    const toCelsius = unitChange.run(input("degree_fahrenheit", fahrenheit, celsius)).diagnosis;
    expect(toCelsius).toMatchObject({ kind: "unit-change", from: "degree_fahrenheit", to: "degree_celsius" });
    // `factor` and `offset` give the declared unit back: the published °F, to the rounding of the published °C.
    celsius.forEach((value, i) => {
      const back = value * (toCelsius?.factor as number) + (toCelsius?.offset as number);
      expect(Math.abs(back - (fahrenheit[i] as number))).toBeLessThan(0.15);
    });
    expect(unitChange.run(input("celsius", celsius, fahrenheit)).diagnosis?.to).toBe("degree_fahrenheit");
  });
  it.each<Keep>(["samples", "profiles"])("names miles that became kilometres, five months later, from %s", (keep) => {
    const { milesJanuary, milesJune } = published;
    const result = unitChange.run(input("mile", milesJanuary, converted(milesJune, "mile", "kilometre"), keep));
    expect(result).toMatchObject({ statistic: "ks_d", n: { reference: 1000, current: 1000 } });
    expect(result.diagnosis).toMatchObject({ from: "mile", to: "kilometre", offset: 0 });
    expect(result.diagnosis?.factor).toBeCloseTo(1 / 1.609344, 12);
    const [best, second] = result.diagnosis?.candidates ?? [];
    expect(best?.ksD as number).toBeLessThan(0.4 * (second?.ksD as number));
    expect(result.diagnosis?.candidates).toHaveLength(unitsOf("length").length);
  });
  it("names each unit of wind that later years were converted to, or says which two it cannot tell apart", () => {
    const { windBefore, windAfter } = published;
    for (const unit of unitsOf("speed")) {
      if (unit.name === "metre_per_second") continue;
      const { diagnosis, details } = unitChange.run(input("m/s", windBefore, converted(windAfter, "m/s", unit.name)));
      if (diagnosis === undefined) expect(details?.reason).toMatch(new RegExp(`${unit.name} .*fit about as well`));
      else expect(diagnosis.to).toBe(unit.name);
    }
  });
  it.each<Keep>(["samples", "profiles"])("stays silent under natural drift, from %s", (keep) => {
    const { milesJanuary, milesJune, windBefore, windAfter, celsius } = published;
    const half = celsius.length / 2;
    for (const [unit, before, after] of [
      ["mile", milesJanuary, milesJune],
      ["m/s", windBefore, windAfter],
      ["celsius", celsius.slice(0, half), celsius.slice(half)],
      ["celsius", celsius, celsius.slice(0, 150)],
    ] as const) {
      const result = unitChange.run(input(unit, [...before], [...after], keep));
      expect(result.diagnosis).toBeUndefined();
      expect(result.details?.reason).toBeTypeOf("string");
    }
  });
  it("names nothing when no unit of the dimension explains the window, however well another dimension would", () => {
    const { celsius, milesJanuary } = published;
    const pounds = unitChange.run(
      input(
        "mile",
        milesJanuary,
        milesJanuary.map((value) => value * 2.2046),
      ),
    );
    expect(pounds.diagnosis).toBeUndefined();
    const doubled = unitChange.run(
      input(
        "celsius",
        celsius,
        celsius.map((value) => value * 40 + 1000),
      ),
    );
    expect(doubled.diagnosis).toBeUndefined();
    expect(doubled.details?.reason).toMatch(/no unit of temperature explains|still fits best/);
  });
  it("says what it lacks: a unit, a known unit, rows, or a sample", () => {
    const { milesJanuary, celsius } = published;
    const reason = (given: DriftInput) => unitChange.run(given).details?.reason;
    expect(reason(input(undefined, milesJanuary, milesJanuary))).toMatch(/declares no unit/);
    expect(reason(input("furlong", milesJanuary, milesJanuary))).toMatch(/"furlong" is not in the table/);
    expect(reason(input("mile", milesJanuary, milesJanuary.slice(0, 20)))).toMatch(/fewer than 100/);
    expect(reason(input("celsius", celsius, converted(celsius, "celsius", "kelvin"), "profiles"))).toMatch(
      /keep a sample/,
    );
  });
  it("bears NaN, empty and constant columns", () => {
    const { milesJanuary } = published;
    const holes = milesJanuary.map((value, i) => (i % 3 === 0 ? Number.NaN : value * 1.609344));
    expect(unitChange.run(input("mile", milesJanuary, holes)).diagnosis?.to).toBe("kilometre");
    for (const keep of ["samples", "profiles"] as const) {
      expect(unitChange.run(input("mile", [], [], keep))).toMatchObject({ value: 0, n: { reference: 0, current: 0 } });
      expect(unitChange.run(input("mile", milesJanuary, [], keep)).diagnosis).toBeUndefined();
      const constant = new Array<number>(200).fill(5);
      const result = unitChange.run(input("mile", constant, constant, keep));
      expect(result.value).toBe(0);
      expect(result.diagnosis).toBeUndefined();
    }
    const tens = unitChange.run(input("mile", new Array(200).fill(10), new Array(200).fill(16.09344)));
    expect(tens.diagnosis?.to).toBe("kilometre");
  });
  it("is deterministic and leaves its input alone", () => {
    const given = input("mile", published.milesJanuary, converted(published.milesJune, "mile", "km"));
    const before = structuredClone(given);
    expect(unitChange.run(given)).toEqual(unitChange.run(given));
    expect(given).toEqual(before);
    expect(JSON.parse(JSON.stringify(unitChange.run(given)))).toEqual(
      JSON.parse(JSON.stringify(unitChange.run(before))),
    );
  });
  it("refuses parameters it does not know", () => {
    const given = { ...input("mile", [1], [1]), params: { minGian: 0.2 } };
    expect(() => unitChange.run(given)).toThrow(/"minGian".*minGain/);
    expect(() => unitChange.run({ ...given, params: { minGain: "x" } })).toThrow(/minGain must be a number/);
  });
});

describe("manifest", () => {
  it("lists exactly the tests the module has", () => {
    const { ballast } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const manifest = pluginManifestSchema.parse(ballast);
    expect(manifest.id).toBe("ballast.drift-units");
    expect(manifest.contributes.driftTests).toEqual(plugin.driftTests?.map(({ id, title }) => ({ id, title })));
  });
});
