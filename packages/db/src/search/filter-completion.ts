import { comparatorsOf, type Expectation, expectationAfter } from "./filter-syntax.ts";
import { filterTokens, type Token } from "./filter-tokens.ts";
import { DATASET_KEYS, type Family, type Vocabulary } from "./filter-vocabulary.ts";

/** Keys that are there, most used first. */
export type KnownKeys = Partial<Record<Exclude<Family, "attribute" | "dataset">, readonly string[]>>;

export interface CompletionPlace {
  /** What the chosen option replaces: [from, to) of the filter. */
  from: number;
  to: number;
  /** What was typed of it so far. */
  typed: string;
  expectation: Expectation;
}

const MOST_OPTIONS = 50;

/** Where in a filter the cursor stands, and what may stand there; null inside of what is wrong already. */
export function completionPlace(filter: string, position: number, vocabulary: Vocabulary): CompletionPlace | null {
  const cursor = Math.min(Math.max(position, 0), filter.length);
  const touched = filterTokens(filter).find((token) => token.from < cursor && cursor <= token.to && isPart(token));
  const from = touched?.from ?? cursor;
  const expectation = expectationAfter(filter.slice(0, from), vocabulary);
  if (!expectation) return null;
  // A quote that is not closed reaches to the end of the filter; what stands behind the cursor is not part of it.
  const to = touched && touched.kind !== "bad" ? touched.to : cursor;
  return { from, to, typed: filter.slice(from, cursor), expectation };
}

const isPart = (token: Token): boolean => token.kind !== "(" && token.kind !== ")" && token.kind !== ",";

/** What could be written at the place, likeliest first. `values` are known values of the column, where one stands before it. */
export function completionOptions(
  place: CompletionPlace,
  vocabulary: Vocabulary,
  keys: KnownKeys,
  values: readonly string[] = [],
): string[] {
  const all = optionsOf(place.expectation, vocabulary, keys, values);
  const typed = plain(place.typed);
  const begins = all.filter((option) => plain(option).startsWith(typed));
  const contains = all.filter((option) => !plain(option).startsWith(typed) && plain(option).includes(typed));
  return [...begins, ...contains].slice(0, MOST_OPTIONS);
}

const plain = (text: string): string => text.toLowerCase().replace(/[`'"]/g, "");

function optionsOf(
  expectation: Expectation,
  vocabulary: Vocabulary,
  keys: KnownKeys,
  values: readonly string[],
): string[] {
  switch (expectation.kind) {
    case "connective":
      return ["AND", "OR"];
    case "comparator":
      return [...comparatorsOf(expectation.column)];
    case "value":
      return [...new Set([...(expectation.column.values ?? []), ...values])].map(quoted);
    case "column":
      return columnsOf(vocabulary, keys);
  }
}

function columnsOf(vocabulary: Vocabulary, keys: KnownKeys): string[] {
  const has = new Set(Object.values(vocabulary.families));
  const keyed = (["metric", "param", "tag"] as const).filter((family) => has.has(family));
  const attributes = Object.keys(vocabulary.attributes).filter((name) => /^[a-z_]+$/.test(name));
  const canonical = attributes.filter((name) => vocabulary.attributes[name]?.name === name);
  return [
    ...keyed.flatMap((family) => (keys[family] ?? []).map((key) => `${family}s.${columnKey(key)}`)),
    ...(canonical.length > 0 ? canonical : attributes),
    ...(has.has("dataset") ? DATASET_KEYS.map((key) => `dataset.${key}`) : []),
    "NOT",
  ];
}

/** A key as it is written in a filter: in backticks where it holds more than letters, digits and `_./-`. */
export function columnKey(key: string): string {
  if (/^[\w./-]+$/.test(key)) return key;
  return key.includes("`") ? `"${key.replaceAll('"', '""')}"` : `\`${key}\``;
}

/** A text as it is written in a filter. */
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
