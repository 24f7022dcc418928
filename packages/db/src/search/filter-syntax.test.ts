import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Comparison, type Filter, parseFilter } from "./filter-syntax.ts";
import {
  EXPERIMENT_VOCABULARY,
  LOGGED_MODEL_VOCABULARY,
  MODEL_VERSION_VOCABULARY,
  REGISTERED_MODEL_VOCABULARY,
  RUN_VOCABULARY,
  type Vocabulary,
} from "./filter-vocabulary.ts";

interface Answer {
  filter: string;
  accepted: boolean;
  clauses?: { family: string; key: string; comparator: string; value: unknown }[];
}
const oracle = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "mlflow-grammar.json"), "utf8")) as Record<
  "run" | "experiment" | "registeredModel" | "modelVersion",
  Answer[]
>;
const VOCABULARIES: Record<keyof typeof oracle, Vocabulary> = {
  run: RUN_VOCABULARY,
  experiment: EXPERIMENT_VOCABULARY,
  registeredModel: REGISTERED_MODEL_VOCABULARY,
  modelVersion: MODEL_VERSION_VOCABULARY,
};
/** What MLflow's parser lets pass by accident: an AND with nothing behind it, a blank as a key. */
const NARROWER = new Set(["params. = 'x'", "params.a = 'x' AND AND params.b = 'y'"]);

const parsed = (filter: string, vocabulary: Vocabulary): Filter | null | "refused" => {
  try {
    return parseFilter(filter, vocabulary);
  } catch (error) {
    expect(error).toMatchObject({ name: "AppError", code: "invalid_input", details: { field: "filter" } });
    return "refused";
  }
};
const comparisons = (filter: Filter | null): Comparison[] => {
  if (filter === null) return [];
  if (filter.op === "compare") return [filter];
  return filter.op === "not" ? comparisons(filter.item) : filter.items.flatMap(comparisons);
};

describe.each(Object.keys(oracle) as (keyof typeof oracle)[])("MLflow's parser on filters of a %s", (entity) => {
  test.each(oracle[entity])("$filter", ({ filter, accepted, clauses }) => {
    const ours = parsed(filter, VOCABULARIES[entity]);
    if (!accepted || NARROWER.has(filter)) expect(ours).toBe("refused");
    else {
      expect(ours).not.toBe("refused");
      const read = comparisons(ours as Filter | null).map(({ op: _op, position: _position, ...rest }) => rest);
      expect(read).toEqual(clauses?.map(asNumber));
    }
  });
});

/** MLflow turns a quoted version number into a number only when it compares. */
const asNumber = (clause: NonNullable<Answer["clauses"]>[number]) =>
  clause.key === "version_number" ? { ...clause, value: Number(clause.value) } : clause;

const shape = (filter: Filter | null): unknown => {
  if (filter === null) return null;
  if (filter.op === "compare")
    return `${filter.family}.${filter.key} ${filter.comparator} ${JSON.stringify(filter.value)}`;
  return filter.op === "not" ? { not: shape(filter.item) } : { [filter.op]: filter.items.map(shape) };
};

test("OR binds loosest, NOT closest, parentheses before all; words in any case", () => {
  const filter = "metrics.a > 1 or not params.b = 'x' And (tags.c = 'y' OR run_id IN ('r')) AND NOT (start_time < 5)";
  expect(shape(parseFilter(filter, RUN_VOCABULARY))).toEqual({
    or: [
      "metric.a > 1",
      {
        and: [
          { not: 'param.b = "x"' },
          { or: ['tag.c = "y"', 'attribute.run_id IN ["r"]'] },
          { not: "attribute.start_time < 5" },
        ],
      },
    ],
  });
});

test.each([
  ["  ", null],
  ["metrics.system/cpu-percent >= 5", "metric.system/cpu-percent >= 5"],
  ["params.a = 'it''s'", 'param.a = "it\'s"'],
  ["metrics.loss IS NULL", "metric.loss IS NULL null"],
  ["end_time is not null", "attribute.end_time IS NOT NULL null"],
  ["metrics.loss < inf", "metric.loss < null"],
  ["((metrics.loss > 1))", "metric.loss > 1"],
  ["tags.`OR` = 'AND'", 'tag.OR = "AND"'],
])("wider than MLflow: %s", (filter, expected) => {
  expect(shape(parseFilter(filter, RUN_VOCABULARY))).toEqual(expected);
});

test("numbers that JSON cannot say", () => {
  const value = (filter: string) => (parseFilter(filter, RUN_VOCABULARY) as Comparison).value;
  expect(value("metrics.a = NaN")).toBeNaN();
  expect(value("metrics.a > -inf")).toBe(Number.NEGATIVE_INFINITY);
  expect(value("metrics.a < Infinity")).toBe(Number.POSITIVE_INFINITY);
});

test("a search of logged models takes values without quotes", () => {
  expect(shape(parseFilter("params.lr = 0.01 AND name = foo", LOGGED_MODEL_VOCABULARY))).toEqual({
    and: ['param.lr = "0.01"', 'attribute.name = "foo"'],
  });
});

test.each([
  ["metrics.a > 1 XOR metrics.b > 2", 14, '"XOR"', "AND, OR or the end of the filter"],
  ["metric.a >", 10, "the end", "a number without quotes"],
  ["metrics.a > 'x'", 12, "\"'x'\"", "a number without quotes"],
  ["params.a = 5", 11, '"5"', "a text in single or double quotes"],
  ["params.a = 'x", 11, "a quote that is not closed: 'x", "a text in single or double quotes"],
  ["(metrics.a > 1", 14, "the end", "AND, OR or a closing parenthesis"],
  ["metrics.a > 1)", 13, '")"', "AND, OR or the end of the filter"],
  ["metrics.a >> 1", 10, '">>"', "one of =, !=, >, >=, <, <=, IS NULL, IS NOT NULL"],
  [
    "metrics.a > 1 AND ",
    18,
    "the end",
    "a column of runs such as metrics.<key>, params.<key>, tags.<key>, run_id, run_name",
  ],
  ["Metrics.a > 1", 0, '"Metrics"', "one of metric, param, tag, attribute, dataset"],
  ["attr.foo = 'x'", 5, '"foo"', undefined],
  ["run_id IN ('a' 'b')", 15, "\"'b'\"", "a comma or a closing parenthesis"],
  ["params.a LIKE 'x\\'", 16, "a pattern that ends with its escape character", "a character behind the backslash"],
  ["tags.a = 'x\0'", 11, "the character U+0000", "text without it"],
  ["params.a = 'x' AND NOT", 22, "the end", undefined],
  ["\u{1f600} = 1", 0, '"\u{1f600}"', undefined],
])("the error points at the character: %s", (filter, position, found, expected) => {
  try {
    parseFilter(filter, RUN_VOCABULARY);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ details: { position, found, ...(expected ? { expected } : {}) } });
    expect(String(error)).toContain(`at character ${position + 1}: found ${found}`);
  }
});

test("a filter that nests or grows without end is refused, not run into the stack", () => {
  expect(() => parseFilter("(".repeat(90_000), RUN_VOCABULARY)).toThrow("at most 100 levels");
  expect(() => parseFilter("NOT ".repeat(5_000), RUN_VOCABULARY)).toThrow("at most 100 levels");
  expect(() => parseFilter("metrics.a > 1 ".repeat(501), RUN_VOCABULARY)).toThrow("at most 500 comparisons");
  expect(() => parseFilter("a".repeat(1_000_001), RUN_VOCABULARY)).toThrow("characters");
});

test("a number that turns out to be none costs one look, however long it is", () => {
  const before = process.cpuUsage().user;
  expect(() => parseFilter(`metrics.loss > ${"1".repeat(90_000)}_`, RUN_VOCABULARY)).toThrow("filter");
  // Looked at once for each of its digits it would take a minute.
  expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
});
