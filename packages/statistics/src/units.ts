/** A unit of measure: `base = value · factor + offset` gives the value in its dimension's base unit. */
export interface Unit {
  name: string;
  dimension: Dimension;
  factor: number;
  offset: number;
}

export type Dimension = "length" | "temperature" | "mass" | "speed" | "time" | "fraction" | "volume";

type Table = Record<string, readonly [factor: number, offset?: number]>;

const POUND = 0.45359237;
const GALLON_US = 3.785411784;
const GALLON_UK = 4.54609;

/**
 * Exact by definition (SI brochure, 9th ed.; NIST SP 811, 2008, appendix B; foot, yard and mile international). The first unit
 * of each dimension is its base.
 */
const TABLES: Record<Dimension, Table> = {
  length: {
    metre: [1],
    kilometre: [1000],
    centimetre: [0.01],
    millimetre: [0.001],
    mile: [1609.344],
    nautical_mile: [1852],
    yard: [0.9144],
    foot: [0.3048],
    inch: [0.0254],
  },
  temperature: {
    kelvin: [1],
    degree_celsius: [1, 273.15],
    degree_fahrenheit: [5 / 9, 273.15 - (32 * 5) / 9],
  },
  mass: {
    kilogram: [1],
    gram: [0.001],
    tonne: [1000],
    pound: [POUND],
    ounce: [POUND / 16],
    short_ton: [POUND * 2000],
  },
  speed: {
    metre_per_second: [1],
    kilometre_per_hour: [1 / 3.6],
    mile_per_hour: [0.44704],
    knot: [1852 / 3600],
    foot_per_second: [0.3048],
  },
  time: {
    second: [1],
    millisecond: [0.001],
    microsecond: [1e-6],
    minute: [60],
    hour: [3600],
    day: [86_400],
    week: [604_800],
  },
  fraction: { fraction: [1], percent: [0.01], per_mille: [0.001], basis_point: [0.0001] },
  volume: {
    litre: [1],
    millilitre: [0.001],
    cubic_metre: [1000],
    gallon_us: [GALLON_US],
    gallon_uk: [GALLON_UK],
    fluid_ounce_us: [GALLON_US / 128],
    barrel_oil: [42 * GALLON_US],
  },
};

/** Other ways to write the same unit, lower case. */
const ALIASES: Record<string, string> = {
  m: "metre",
  meter: "metre",
  km: "kilometre",
  kilometer: "kilometre",
  cm: "centimetre",
  centimeter: "centimetre",
  mm: "millimetre",
  millimeter: "millimetre",
  mi: "mile",
  nmi: "nautical_mile",
  yd: "yard",
  ft: "foot",
  feet: "foot",
  in: "inch",
  inches: "inch",
  k: "kelvin",
  celsius: "degree_celsius",
  degc: "degree_celsius",
  "°c": "degree_celsius",
  fahrenheit: "degree_fahrenheit",
  degf: "degree_fahrenheit",
  "°f": "degree_fahrenheit",
  kg: "kilogram",
  g: "gram",
  t: "tonne",
  lb: "pound",
  oz: "ounce",
  "m/s": "metre_per_second",
  "km/h": "kilometre_per_hour",
  kmh: "kilometre_per_hour",
  mph: "mile_per_hour",
  kn: "knot",
  kt: "knot",
  "ft/s": "foot_per_second",
  s: "second",
  ms: "millisecond",
  us: "microsecond",
  min: "minute",
  h: "hour",
  d: "day",
  "%": "percent",
  ratio: "fraction",
  proportion: "fraction",
  bp: "basis_point",
  l: "litre",
  liter: "litre",
  ml: "millilitre",
  milliliter: "millilitre",
  m3: "cubic_metre",
  gallon: "gallon_us",
  bbl: "barrel_oil",
};

const UNITS = new Map<string, Unit>();
for (const [dimension, table] of Object.entries(TABLES) as [Dimension, Table][]) {
  for (const [name, [factor, offset = 0]] of Object.entries(table))
    UNITS.set(name, { name, dimension, factor, offset });
}

/** The unit of that name or usual abbreviation (`mile`, `miles`, `mi`, `nautical mile`), or undefined when unknown. */
export function findUnit(name: string): Unit | undefined {
  const key = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  const found = UNITS.get(key) ?? UNITS.get(ALIASES[key] ?? "");
  if (found !== undefined || !key.endsWith("s")) return found;
  const singular = key.slice(0, -1);
  return UNITS.get(singular) ?? UNITS.get(ALIASES[singular] ?? "");
}

/** All units of a dimension, base unit first. */
export function unitsOf(dimension: Dimension): Unit[] {
  return [...UNITS.values()].filter((unit) => unit.dimension === dimension);
}

/** A linear change of unit: `out = value · factor + offset`. */
export interface Conversion {
  factor: number;
  offset: number;
}

/** How to turn a value in `from` into the same quantity in `to`. @throws RangeError when the dimensions differ. */
export function conversion(from: Unit, to: Unit): Conversion {
  if (from.dimension !== to.dimension) {
    throw new RangeError(`${from.name} is a ${from.dimension} and ${to.name} a ${to.dimension}`);
  }
  return { factor: from.factor / to.factor, offset: (from.offset - to.offset) / to.factor };
}
