import { expect, test } from "vitest";
import { columnKey, completionOptions, completionPlace } from "./filter-completion.ts";
import { parseFilter } from "./filter-syntax.ts";
import { EXPERIMENT_VOCABULARY, RUN_VOCABULARY } from "./filter-vocabulary.ts";

const KEYS = { metric: ["loss", "val loss", "auc"], param: ["lr"], tag: ["mlflow.user"] };
/** `|` is the cursor. */
function complete(text: string, values: string[] = []) {
  const position = text.indexOf("|");
  const place = completionPlace(text.replace("|", ""), position, RUN_VOCABULARY);
  return place && { ...place, options: completionOptions(place, RUN_VOCABULARY, KEYS, values) };
}

test.each([
  ["|", 0, 0, ["metrics.loss", "metrics.`val loss`", "metrics.auc", "params.lr"]],
  ["metrics.lo|", 0, 10, ["metrics.loss"]],
  ["loss|", 0, 4, ["metrics.loss", "metrics.`val loss`"]],
  ["metrics.`val|", 0, 12, ["metrics.`val loss`"]],
  ["metrics.loss |", 13, 13, ["=", "!=", ">"]],
  ["metrics.loss >|", 13, 14, [">", ">="]],
  ["metrics.loss > 1 |", 17, 17, ["AND", "OR"]],
  ["metrics.loss > 1 a|", 17, 18, ["AND"]],
  ["metrics.loss > 1 AND |", 21, 21, ["metrics.loss"]],
  ["NOT (metrics.loss > 1 OR aucX| > 2", 25, 29, []],
  ["status = |", 9, 9, ["'RUNNING'", "'SCHEDULED'"]],
  ["status = 'fin|", 9, 13, ["'FINISHED'"]],
  ["params.lr = |", 12, 12, ["'0.1'", "'it''s'"]],
  ["run_id IN (|", 11, 11, ["'0.1'"]],
  ["metrics.auc| > 0.5", 0, 11, ["metrics.auc"]],
])("%s", (text, from, to, first) => {
  const got = complete(text, ["0.1", "it's"]);
  expect(got).toMatchObject({ from, to });
  expect(got?.options.slice(0, first.length)).toEqual(first);
});

test("nothing is offered inside of what is wrong already", () => {
  expect(complete("foo = 'x' AND |")).toBeNull();
});

test("what is offered can be parsed, whatever the key", () => {
  for (const key of ["a", "val loss", "a`b", 'a"b', "a.b/c-d", "loss (train)", "50%"]) {
    expect(parseFilter(`metrics.${columnKey(key)} > 1`, RUN_VOCABULARY)).toMatchObject({ key });
  }
});

test("only what the thing has is offered", () => {
  const place = completionPlace("", 0, EXPERIMENT_VOCABULARY);
  const options = place && completionOptions(place, EXPERIMENT_VOCABULARY, KEYS);
  expect(options).toEqual(["tags.mlflow.user", "experiment_id", "name", "creation_time", "last_update_time", "NOT"]);
});
