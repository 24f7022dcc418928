/** What a record's free-form detail says, as names and values for {@link DecisionInputs}: nested values as JSON, nothing cut. */
export function detailPairs(detail: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(detail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, valueText(value)]);
}

function valueText(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.join(", ");
  return JSON.stringify(value);
}
