export type SortValue = string | number | boolean | Date | null | undefined;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Ascending order of two present values: numbers, times and booleans by size, text as people count ("v2" before "v10"). */
export function compareCells(a: SortValue, b: SortValue): number {
  if (typeof a === "string" || typeof b === "string") return collator.compare(String(a), String(b));
  return Number(a) - Number(b);
}
