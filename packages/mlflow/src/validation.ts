/** Limits and messages of MLflow's `utils/validation.py`. */
import { invalidParameter, type MlflowError } from "./errors.ts";
import { lengthOf, normalisedPath, pythonJson, pythonRepr } from "./python.ts";

export const MAX_KEY_LENGTH = 250;
export const MAX_METRICS_PER_BATCH = 1000;
export const MAX_PARAMS_TAGS_PER_BATCH = 100;
export const MAX_ENTITIES_PER_BATCH = 1000;
const MAX_PARAM_VALUE_LENGTH = 6000;
const MAX_TAG_VALUE_LENGTH = 8000;
const MAX_EXPERIMENT_NAME_LENGTH = 500;
const MAX_EXPERIMENT_TAG_VALUE_LENGTH = 20_000;
const MAX_REGISTRY_TAG_VALUE_LENGTH = 100_000;
const MAX_ALIAS_LENGTH = 255;

const SEE_DOCS = " See the API docs for more information about request parameters.";

export function invalidValue(path: string, value: unknown, message?: string): MlflowError {
  const said = `Invalid value ${pythonJson(value)} for parameter '${path}' supplied`;
  return invalidParameter(message === undefined ? `${said}.` : `${said}: ${message}`);
}
function missingValue(path: string): MlflowError {
  return invalidParameter(`Missing value for required parameter '${path}'.`);
}
/** As the request's schema says it, before any store is asked. */
export function missingParameter(path: string): MlflowError {
  return invalidParameter(`Missing value for required parameter '${path}'.${SEE_DOCS}`);
}
export function mistyped(path: string, value: unknown, type: string): MlflowError {
  const hint = ` Hint: Value was of type '${type}'.`;
  return invalidParameter(`Invalid value ${pythonJson(value)} for parameter '${path}' supplied: ${hint}${SEE_DOCS}`);
}
function tooLong(what: string, limit: number): MlflowError {
  return invalidParameter(`'${what}' exceeds the maximum length of ${limit} characters`);
}

const BAD_CHARACTERS =
  "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";
/** Nearly every name: no part of it can be changed by normalising. */
const PLAIN_NAME = /^[A-Za-z0-9_\- :][A-Za-z0-9_.\- :]*(?:\/[A-Za-z0-9_\- :][A-Za-z0-9_.\- :]*)*$/;
const LEGAL_NAME = /^[/\p{L}\p{N}_.\- :]*$/u;

/** Throws for the name of a metric, parameter or tag that MLflow refuses. Length is checked apart. */
export function checkName(name: string, path: string): void {
  if (PLAIN_NAME.test(name)) return;
  if (!LEGAL_NAME.test(name)) throw invalidValue(path, name, BAD_CHARACTERS);
  const normal = normalisedPath(name);
  if (normal !== name || normal === "." || normal.startsWith("..") || normal.startsWith("/")) {
    throw invalidValue(path, name, badPath(name));
  }
}

function badPath(name: string): string {
  return (
    "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. " +
    `This name would resolve to ${pythonRepr(normalisedPath(name))}`
  );
}

export function checkLength(what: string, limit: number, value: string): void {
  if (value.length > limit && lengthOf(value) > limit) throw tooLong(what, limit);
}

/** The first `limit` characters: MLflow cuts long parameter and tag values without a word. */
export function cut(value: string, limit: number): string {
  if (value.length <= limit || lengthOf(value) <= limit) return value;
  // A character is at most two units.
  return Array.from(value.slice(0, 2 * limit))
    .slice(0, limit)
    .join("");
}

export function checkBatchLimit(what: string, limit: number, length: number): void {
  if (length <= limit) return;
  throw invalidParameter(
    `A batch logging request can contain at most ${limit} ${what}. Got ${length} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

export function checkMetricKey(key: string, path: string): void {
  checkName(key, `${path}name`);
  checkLength("Metric name", MAX_KEY_LENGTH, key);
}

/** A parameter's value as it is stored. */
export function checkParam(key: string, value: string, path: string): string {
  checkName(key, `${path}key`);
  checkLength("Param key", MAX_KEY_LENGTH, key);
  return cut(value, MAX_PARAM_VALUE_LENGTH);
}

/** A run tag's value as it is stored. */
export function checkTag(key: string, value: string, path: string): string {
  checkName(key, `${path}key`);
  checkLength(`${path}key`, MAX_KEY_LENGTH, key);
  return cut(value, MAX_TAG_VALUE_LENGTH);
}

export function checkExperimentTag(key: string, value: string): void {
  checkName(key, "key");
  checkLength("key", MAX_KEY_LENGTH, key);
  checkLength("value", MAX_EXPERIMENT_TAG_VALUE_LENGTH, value);
}

export function checkRegistryTag(key: string, value: string): void {
  checkName(key, "key");
  checkLength("key", MAX_KEY_LENGTH, key);
  checkLength("value", MAX_REGISTRY_TAG_VALUE_LENGTH, value);
}

export function checkExperimentName(name: string): void {
  if (name === "") throw invalidParameter("Invalid experiment name: ''");
  checkLength("name", MAX_EXPERIMENT_NAME_LENGTH, name);
}

const RUN_ID = /^[a-zA-Z0-9][\w-]{0,255}$/;
export function checkRunId(id: string, path = "run_id"): void {
  if (!RUN_ID.test(id)) throw invalidValue(path, id);
}

/** The name of a registered model. */
export function checkModelName(name: string, path = "name"): void {
  if (name.trim() === "") throw missingValue(path);
  if (/[/:]/.test(name)) throw invalidParameter(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  const normal = normalisedPath(name);
  if (normal !== name || normal === "." || normal.startsWith("..")) throw invalidValue(path, name, badPath(name));
}

export function checkModelVersion(version: string): number {
  const number = /^\s*[+-]?\d{1,9}\s*$/.test(version) ? Number.parseInt(version, 10) : Number.NaN;
  if (Number.isNaN(number)) throw invalidParameter(`Parameter 'version' must be an integer, got '${version}'.`);
  return number;
}

const ALIAS = /^[\p{L}\p{N}_-]*$/u;
export function checkAlias(alias: string): void {
  if (alias === "") throw invalidParameter("Registered model alias name cannot be empty.");
  if (!ALIAS.test(alias)) {
    throw invalidParameter(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  checkLength("Registered model alias name", MAX_ALIAS_LENGTH, alias);
}
export function checkAliasToSet(alias: string): void {
  checkAlias(alias);
  if (alias.toLowerCase() === "latest") throw invalidParameter("'latest' alias name (case insensitive) is reserved.");
  if (/^[vV]\d+$/.test(alias)) throw invalidParameter(`Version alias name '${alias}' is reserved.`);
}
