import { plainNumber } from "./metric-words.ts";

/** What a record's free-form detail says, as names and values for {@link DecisionInputs}: `inputs.auc` for nested ones, nothing cut. */
export function detailPairs(detail: Readonly<Record<string, unknown>>, prefix = ""): [name: string, value: string][] {
  return Object.entries(detail).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    const isNested = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isNested) return detailPairs(value as Record<string, unknown>, `${prefix}${name}.`);
    return [[`${prefix}${name}`, valueText(value)]];
  });
}

function valueText(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  if (typeof value === "number") return plainNumber(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.join(", ");
  return JSON.stringify(value);
}
