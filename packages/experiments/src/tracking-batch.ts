import { AppError } from "@ballast/core";
import type { MetricPoint } from "./metric-fold.ts";

/** What one call logs to one run: all of it or nothing. */
export interface TrackingBatch {
  metrics?: readonly MetricPoint[];
  /** A parameter does not change within a run; the same value again is fine. */
  params?: readonly { key: string; value: string | number | boolean }[];
  /** The last value of a key counts. */
  tags?: readonly { key: string; value: string }[];
}

/** Longest key of a metric, parameter or tag. */
const LONGEST_KEY = 250;

/**
 * Refuses what cannot be stored, before it could fail a transaction that others share: keys and values that are not text, steps and times
 * beyond the integers a double holds, a batch that contradicts itself.
 * @throws AppError `invalid_input` naming the field; `conflict` for a parameter given twice with different values
 */
export function checkBatch({ metrics = [], params = [], tags = [] }: TrackingBatch): void {
  for (let i = 0; i < metrics.length; i++) checkMetric(metrics[i] as MetricPoint, i);
  const given = new Map<string, string>();
  params.forEach(({ key, value }, i) => {
    checkText(key, `params[${i}].key`, LONGEST_KEY);
    checkText(String(value), `params[${i}].value`);
    const before = given.get(key);
    if (before !== undefined && before !== String(value)) throw paramConflict(key, before, String(value));
    given.set(key, String(value));
  });
  tags.forEach(({ key, value }, i) => {
    checkText(key, `tags[${i}].key`, LONGEST_KEY);
    checkText(value, `tags[${i}].value`);
  });
}

/** Why a parameter is refused. */
export function paramConflict(key: string, was: string, given: string): AppError {
  return new AppError(
    "conflict",
    `Parameter "${key}" is ${JSON.stringify(was)} and cannot become ${JSON.stringify(given)}; a parameter does not change within a run.`,
    { details: { field: `params.${key}`, key, was, given } },
  );
}

function checkMetric({ key, value, step, at, modelId, datasetName, datasetDigest }: MetricPoint, i: number): void {
  if (!isStorable(key, LONGEST_KEY) || key === "") checkText(key, `metrics[${i}].key`, LONGEST_KEY);
  if (typeof value !== "number") throw invalid(`metrics[${i}].value`, "must be a number, NaN or ±Infinity");
  if (!Number.isSafeInteger(step)) throw invalid(`metrics[${i}].step`, INTEGER);
  if (!Number.isSafeInteger(at)) throw invalid(`metrics[${i}].timestamp`, INTEGER);
  if (modelId !== undefined) checkText(modelId, `metrics[${i}].model_id`);
  if (datasetName !== undefined) checkText(datasetName, `metrics[${i}].dataset_name`, undefined, true);
  if (datasetDigest !== undefined) checkText(datasetDigest, `metrics[${i}].dataset_digest`, undefined, true);
}

const INTEGER = "must be an integer between -(2^53 - 1) and 2^53 - 1";

const isStorable = (text: string, longest: number) =>
  text.length <= longest && text.isWellFormed() && !text.includes("\u0000");

function checkText(text: string, field: string, longest = Number.POSITIVE_INFINITY, mayBeEmpty = longest > 1e9): void {
  if (text === "" && !mayBeEmpty) throw invalid(field, "is empty");
  if (text.length > longest) throw invalid(field, `has ${text.length} characters; ${longest} at most`);
  if (!text.isWellFormed() || text.includes("\u0000"))
    throw invalid(field, "holds a NUL character or half of a surrogate pair, which cannot be stored");
}

function invalid(field: string, problem: string): AppError {
  return new AppError("invalid_input", `${field} ${problem}.`, { details: { field } });
}
