import { findUnit } from "@ballast/statistics";

const IRREGULAR: Record<string, string> = {
  foot: "feet",
  inch: "inches",
  percent: "percent",
  per_mille: "per mille",
  degree_celsius: "degrees Celsius",
  degree_fahrenheit: "degrees Fahrenheit",
  gallon_us: "US gallons",
  gallon_uk: "UK gallons",
  fluid_ounce_us: "US fluid ounces",
  barrel_oil: "oil barrels",
};

/** A unit in the plural, as a sentence says it: `kilometres`, `metres per second`. An unknown name stays as it is. */
export function unitWords(name: string): string {
  const unit = findUnit(name)?.name ?? name;
  const irregular = IRREGULAR[unit];
  if (irregular !== undefined) return irregular;
  const [head = unit, ...rest] = unit.split("_per_");
  const words = head.replaceAll("_", " ");
  return [words.endsWith("s") ? words : `${words}s`, ...rest.map((part) => part.replaceAll("_", " "))].join(" per ");
}
