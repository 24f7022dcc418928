import { plainNumber } from "./metric-words.ts";

/** What a record's free-form detail says, as names and values for {@link DecisionInputs}: `inputs.auc` for nested ones, nothing cut. */
export function detailPairs(detail: Readonly<Record<string, unknown>>, prefix = ""): [name: string, value: string][] {
  // What is plain comes before what is nested.
  const entries = Object.entries(detail).sort(([, a], [, b]) => Number(isNested(a)) - Number(isNested(b)));
  return entries.flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (isNested(value)) return detailPairs(value, `${prefix}${name}.`);
    return [[`${prefix}${name}`, valueText(value)]];
  });
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueText(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  if (typeof value === "number") return plainNumber(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.join(", ");
  return JSON.stringify(value);
}
