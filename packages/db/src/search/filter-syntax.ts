import { AppError } from "@ballast/core";
import { filterTokens, type Token } from "./filter-tokens.ts";
import {
  type ColumnKind,
  type Comparator,
  DATASET_KEYS,
  type Family,
  KEYED,
  NUMBER_COMPARATORS,
  TEXT_COMPARATORS,
  type Vocabulary,
} from "./filter-vocabulary.ts";

export interface Comparison {
  op: "compare";
  family: Family;
  /** An attribute's one name, or the key of a metric, param, tag or dataset. */
  key: string;
  comparator: Comparator;
  /** A list for IN and NOT IN, null for IS (NOT) NULL. Numbers may be NaN or ±∞. */
  value: number | string | readonly string[] | null;
  /** Where it begins in the filter. */
  position: number;
}
export type Filter = Comparison | { op: "and" | "or"; items: Filter[] } | { op: "not"; item: Filter };

/** What could stand at a place: what completion offers there. */
export type Expectation =
  | { kind: "column" }
  | { kind: "comparator"; column: ColumnKind }
  | { kind: "value"; column: ColumnKind; family: Family; key: string; list: boolean }
  | { kind: "connective" };

/** Deeper nesting is a mistake or an attack: the parser and PostgreSQL's own both recurse. */
const MOST_NESTED = 100;
const MOST_COMPARISONS = 500;
const MOST_CHARACTERS = 100_000;

/**
 * Parses a filter: MLflow's search grammar, and beside it OR, NOT, parentheses, IS (NOT) NULL, unquoted keys with `-/:@`,
 * and `NaN`, `inf`, `-inf` as numbers. AND binds closer than OR, NOT closer than both. Comparisons that stand side by side without a word
 * between them are ANDed, as MLflow does. An empty filter is null: everything.
 * @throws AppError `invalid_input`; details `{ field: "filter", position, found, expected }`, position in UTF-16 units from 0
 */
export function parseFilter(filter: string, vocabulary: Vocabulary): Filter | null {
  const parser = new FilterParser(filter, vocabulary);
  return parser.parse();
}

/** What could follow `head`, an unfinished filter; null where it is wrong already. */
export function expectationAfter(head: string, vocabulary: Vocabulary): Expectation | null {
  const parser = new FilterParser(head, vocabulary);
  try {
    return parser.parse() === null ? { kind: "column" } : { kind: "connective" };
  } catch {
    return parser.expectedAtEnd;
  }
}

const isWord = (token: Token, word: string): boolean => token.kind === "path" && token.raw.toUpperCase() === word;

class FilterParser {
  readonly #tokens: Token[];
  readonly #vocabulary: Vocabulary;
  #next = 0;
  #depth = 0;
  #comparisons = 0;
  /** Set when the filter ended where this was wanted. */
  expectedAtEnd: Expectation | null = null;

  constructor(filter: string, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    if (filter.length > MOST_CHARACTERS) {
      throw filterError(MOST_CHARACTERS, "more", `a filter of at most ${MOST_CHARACTERS} characters`);
    }
    const nul = filter.indexOf("\0");
    if (nul >= 0) throw filterError(nul, "the character U+0000", "text without it");
    this.#tokens = filterTokens(filter);
  }

  parse(): Filter | null {
    if (this.#token().kind === "end") return null;
    const filter = this.#or();
    const rest = this.#token();
    if (rest.kind !== "end") throw this.#wrong(rest, "AND, OR or the end of the filter", { kind: "connective" });
    return filter;
  }

  #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#token();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  #takeWord(word: string): boolean {
    if (!isWord(this.#token(), word)) return false;
    this.#next++;
    return true;
  }

  #or(): Filter {
    const items = [this.#and()];
    while (this.#takeWord("OR")) items.push(this.#and());
    return items.length === 1 ? (items[0] as Filter) : { op: "or", items };
  }

  #and(): Filter {
    const items = [this.#unary()];
    for (;;) {
      if (this.#takeWord("AND")) items.push(this.#unary());
      else if (this.#startsComparison()) items.push(this.#unary());
      else return items.length === 1 ? (items[0] as Filter) : { op: "and", items };
    }
  }

  #startsComparison(): boolean {
    const token = this.#token();
    const connective = isWord(token, "OR") || isWord(token, "AND");
    return (token.kind === "path" && token.family !== null && !connective) || this.#isAttribute(token);
  }

  #isAttribute(token: Token): boolean {
    const named = token.kind === "path" || token.kind === "backtick" || token.kind === "text";
    return named && token.family === null && Object.hasOwn(this.#vocabulary.attributes, token.key);
  }

  #unary(): Filter {
    if (++this.#depth > MOST_NESTED) {
      throw filterError(this.#token().from, "deeper nesting", `at most ${MOST_NESTED} levels of parentheses and NOT`);
    }
    const filter = this.#nested();
    this.#depth--;
    return filter;
  }

  #nested(): Filter {
    if (this.#takeWord("NOT")) return { op: "not", item: this.#unary() };
    if (this.#token().kind !== "(") return this.#comparison();
    this.#take();
    const filter = this.#or();
    const close = this.#take();
    if (close.kind !== ")") throw this.#wrong(close, "AND, OR or a closing parenthesis", { kind: "connective" });
    return filter;
  }

  #comparison(): Comparison {
    if (++this.#comparisons > MOST_COMPARISONS) {
      throw filterError(this.#token().from, "one more", `at most ${MOST_COMPARISONS} comparisons`);
    }
    const token = this.#take();
    const { family, key, column } = this.#column(token);
    const comparator = this.#comparator(column);
    const value = this.#value({ kind: "value", family, key, column, list: comparator.endsWith("IN") }, comparator);
    return { op: "compare", family, key, comparator, value, position: token.from };
  }

  #column(token: Token): { family: Family; key: string; column: ColumnKind } {
    const named = token.kind === "path" || token.kind === "backtick" || token.kind === "text";
    // A string is no column, except where it names one: MLflow takes "Run name" in double quotes.
    if (!named || token.raw.startsWith("'")) {
      throw this.#wrong(token, `a column of ${this.#vocabulary.entity} such as ${this.#examples()}`, {
        kind: "column",
      });
    }
    return readColumn(token, this.#vocabulary, "filter");
  }

  #examples(): string {
    const families = new Set(Object.values(this.#vocabulary.families));
    const examples = ["metric", "param", "tag"]
      .filter((one) => families.has(one as Family))
      .map((one) => `${one}s.<key>`);
    return [...examples, ...Object.keys(this.#vocabulary.attributes).slice(0, 2)].join(", ");
  }

  #comparator(column: ColumnKind): Comparator {
    const token = this.#take();
    const word = token.raw.toUpperCase();
    const allowed = comparatorsOf(column);
    const expectation: Expectation = { kind: "comparator", column };
    const wrong = (at: Token) => this.#wrong(at, `one of ${allowed.join(", ")}`, expectation);
    if (isWord(token, "NOT")) {
      const second = this.#take();
      if (!isWord(second, "IN") || !column.lists) throw wrong(second.kind === "end" ? second : token);
      return "NOT IN";
    }
    if (isWord(token, "IS")) {
      const comparator = this.#takeWord("NOT") ? "IS NOT NULL" : "IS NULL";
      const second = this.#take();
      if (!isWord(second, "NULL") || !column.nulls) throw wrong(column.nulls ? second : token);
      return comparator;
    }
    const known = allowed.find((one) => one === word);
    if (token.kind === "end" || known === undefined) throw wrong(token);
    return known;
  }

  #value(expectation: Expectation & { kind: "value" }, comparator: Comparator): Comparison["value"] {
    if (comparator.endsWith("NULL")) return null;
    if (comparator.endsWith("IN")) return this.#list(expectation);
    const token = this.#take();
    if (expectation.column.type === "number") {
      const quoted = expectation.column.quoted && token.kind === "text" && /^-?\d{1,15}$/.test(token.key);
      if (token.kind !== "number" && !quoted) throw this.#wrong(token, "a number without quotes", expectation);
      return numberOf(token.kind === "number" ? token.raw : token.key);
    }
    const value = this.#text(token, expectation);
    if (comparator.endsWith("LIKE") && /(?:^|[^\\])(?:\\\\)*\\$/.test(value)) {
      throw filterError(
        token.to - 2,
        "a pattern that ends with its escape character",
        "a character behind the backslash",
      );
    }
    return value;
  }

  #text(token: Token, expectation: Expectation): string {
    if (token.kind === "text") return token.key;
    if (this.#vocabulary.bareValues && (token.kind === "number" || token.kind === "path")) return token.raw;
    throw this.#wrong(token, "a text in single or double quotes", expectation);
  }

  #list(expectation: Expectation & { kind: "value" }): string[] {
    const open = this.#take();
    if (open.kind !== "(") throw this.#wrong(open, "a list such as ('a', 'b')", expectation);
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === ")" && values.length > 0) return values;
      if (token.kind !== "text") throw this.#wrong(token, "a text in single or double quotes", expectation);
      values.push(token.key);
      const separator = this.#take();
      if (separator.kind === ")") return values;
      if (separator.kind !== ",") throw this.#wrong(separator, "a comma or a closing parenthesis", expectation);
    }
  }

  #wrong(token: Token, expected: string, expectation: Expectation): AppError {
    if (token.kind === "end") this.expectedAtEnd = expectation;
    return filterError(token.from, describe(token), expected);
  }
}

/** Comparators that a column takes. */
export function comparatorsOf(column: ColumnKind): readonly Comparator[] {
  return [
    ...(column.type === "number" ? NUMBER_COMPARATORS : TEXT_COMPARATORS),
    ...(column.lists ? (["IN", "NOT IN"] as const) : []),
    ...(column.nulls ? (["IS NULL", "IS NOT NULL"] as const) : []),
  ];
}

/** The column that a path token names. `field` is the request's, for the error. */
export function readColumn(
  token: Token,
  vocabulary: Vocabulary,
  field: "filter" | "order_by",
): { family: Family; key: string; column: ColumnKind } {
  const { families, attributes, entity } = vocabulary;
  const family = token.family === null ? "attribute" : ownValue(families, token.family);
  if (family === undefined) {
    const known = [...new Set(Object.values(families))].join(", ");
    throw filterError(token.from, `"${token.family}"`, `one of ${known}`, field);
  }
  const keyFrom = token.to - (token.raw.length - (token.family === null ? 0 : token.raw.indexOf(".") + 1));
  if (family === "attribute") {
    const attribute = ownValue(attributes, token.key);
    if (attribute) return { family, key: attribute.name, column: attribute };
    const known = [...new Set(Object.keys(attributes))].join(", ");
    const hint = Object.values(families).includes("metric")
      ? ", or metrics.<key>, params.<key>, tags.<key>"
      : ", or tags.<key>";
    throw filterError(keyFrom, describe(token, token.key), `an attribute of ${entity}: ${known}${hint}`, field);
  }
  if (family === "dataset" && !DATASET_KEYS.some((one) => one === token.key)) {
    throw filterError(keyFrom, `"${token.key}"`, `one of ${DATASET_KEYS.join(", ")}`, field);
  }
  if (token.key === "") throw filterError(token.to, "nothing", `the ${family}'s key`, field);
  return { family, key: token.key, column: KEYED[family] };
}

const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const NUMBER_WORDS: Record<string, number> = { nan: Number.NaN, "-nan": Number.NaN };

function numberOf(raw: string): number {
  const word = raw.toLowerCase();
  if (word in NUMBER_WORDS) return Number.NaN;
  if (word.includes("inf")) return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(raw);
}

function describe(token: Token, what = token.raw): string {
  if (token.kind === "end") return "the end";
  if (token.kind === "bad" && /^['"`]/.test(token.raw)) return `a quote that is not closed: ${shorten(what)}`;
  return `"${shorten(what)}"`;
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** The one shape of an error in a filter or an order. */
export function filterError(
  position: number,
  found: string,
  expected: string,
  field: "filter" | "order_by" = "filter",
): AppError {
  const message = `Invalid ${field} at character ${position + 1}: found ${found}, expected ${expected}.`;
  return new AppError("invalid_input", message, { details: { field, position, found, expected } });
}
