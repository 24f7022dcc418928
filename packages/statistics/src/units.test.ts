import { describe, expect, it } from "vitest";
import { conversion, type Dimension, findUnit, type Unit, unitsOf } from "./units.ts";

function unit(name: string): Unit {
  const found = findUnit(name);
  if (found === undefined) throw new Error(`no unit ${name}`);
  return found;
}

function convert(value: number, from: string, to: string): number {
  const { factor, offset } = conversion(unit(from), unit(to));
  return value * factor + offset;
}

describe("units", () => {
  // NIST SP 811 (2008), appendix B.8, and the SI brochure.
  it.each([
    [1, "mile", "kilometre", 1.609344],
    [1, "nautical mile", "km", 1.852],
    [1, "yard", "foot", 3],
    [1, "foot", "inch", 12],
    [100, "celsius", "fahrenheit", 212],
    [-40, "°F", "°C", -40],
    [25, "degree_celsius", "kelvin", 298.15],
    [1, "lb", "kg", 0.45359237],
    [1, "short ton", "lb", 2000],
    [1, "knot", "km/h", 1.852],
    [60, "mph", "ft/s", 88],
    [1, "h", "ms", 3.6e6],
    [0.25, "fraction", "%", 25],
    [1, "gallon", "litre", 3.785411784],
    [1, "bbl", "gallon_us", 42],
  ])("%d %s is %s %d", (value, from, to, expected) => {
    expect(convert(value, from, to)).toBeCloseTo(expected, 10);
    expect(convert(convert(value, from, to), to, from)).toBeCloseTo(value, 10);
  });
  it("finds plural, spaced and abbreviated names, and nothing else", () => {
    expect(findUnit(" Miles ")?.name).toBe("mile");
    expect(findUnit("Nautical-Miles")?.name).toBe("nautical_mile");
    expect(findUnit("m/s")?.name).toBe("metre_per_second");
    expect(findUnit("furlong")).toBeUndefined();
    expect(findUnit("constructor")).toBeUndefined();
    expect(findUnit("")).toBeUndefined();
  });
  it("has dimensions of distinct units, the base first, none of which invert the order", () => {
    const dimensions: Dimension[] = ["length", "temperature", "mass", "speed", "time", "fraction", "volume"];
    for (const dimension of dimensions) {
      const units = unitsOf(dimension);
      expect(units[0]).toMatchObject({ factor: 1, offset: 0, dimension });
      expect(new Set(units.map(({ factor, offset }) => `${factor} ${offset}`)).size).toBe(units.length);
      expect(units.every(({ factor }) => factor > 0)).toBe(true);
    }
    expect(() => conversion(unit("mile"), unit("kelvin"))).toThrow(/mile is a length and kelvin a temperature/);
  });
});
