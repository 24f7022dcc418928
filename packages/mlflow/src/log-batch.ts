/** The body of `runs/log-batch`, checked and laid out for the store in one pass: it is the route that training code waits for. */
import type { MetricPoint } from "@ballast/experiments/server";
import { invalidParameter } from "./errors.ts";
import { doubleOf, type Fields, integerOf, type KeyValue } from "./fields.ts";
import { pythonType } from "./python.ts";
import {
  checkBatchLimit,
  checkMetricKey,
  checkParam,
  checkTag,
  invalidValue,
  MAX_ENTITIES_PER_BATCH,
  MAX_METRICS_PER_BATCH,
  MAX_PARAMS_TAGS_PER_BATCH,
  missingParameter,
  mistyped,
} from "./validation.ts";

export interface Batch {
  metrics: MetricPoint[];
  params: KeyValue[];
  tags: KeyValue[];
}

interface Sent {
  key?: unknown;
  value?: unknown;
  timestamp?: unknown;
  step?: unknown;
  model_id?: unknown;
  dataset_name?: unknown;
  dataset_digest?: unknown;
}

/** Epoch ms and steps beyond these would lose digits in JSON. */
const isSafe = Number.isSafeInteger;

/** @throws MlflowError INVALID_PARAMETER_VALUE naming the first field that is wrong */
export function readBatch(fields: Fields): Batch {
  const metrics = fields.list("metrics");
  const params = fields.list("params");
  const tags = fields.list("tags");
  checkBatchLimit("metrics", MAX_METRICS_PER_BATCH, metrics.length);
  checkBatchLimit("params", MAX_PARAMS_TAGS_PER_BATCH, params.length);
  checkBatchLimit("tags", MAX_PARAMS_TAGS_PER_BATCH, tags.length);
  const total = metrics.length + params.length + tags.length;
  checkBatchLimit("metrics, params, and tags", MAX_ENTITIES_PER_BATCH, total);
  return { metrics: readMetrics(metrics), params: readParams(params), tags: readTags(tags) };
}

function readMetrics(sent: readonly unknown[]): MetricPoint[] {
  const points: MetricPoint[] = new Array(sent.length);
  // A batch has few keys and many points.
  const checked = new Set<string>();
  for (let i = 0; i < sent.length; i++) {
    const path = `metrics[${i}].`;
    const point = readMetric(objectOf(sent[i], "metrics", i), path);
    if (!checked.has(point.key)) {
      checkMetricKey(point.key, path);
      checked.add(point.key);
    }
    points[i] = point;
  }
  return points;
}

/** One point, but for the check of its key. `path` stands before a field's name in messages. */
export function readMetric(sent: Sent, path: string): MetricPoint {
  const { key, value, timestamp } = sent;
  if (key === undefined || key === null || key === "") throw missingParameter(`${path}key`);
  if (typeof key !== "string") throw mistyped(`${path}key`, key, pythonType(key));
  if (value === undefined || value === null || value === "") throw missingParameter(`${path}value`);
  const number = doubleOf(value);
  if (number === null) {
    throw invalidValue(
      `${path}value`,
      value,
      `(timestamp=${String(timestamp)}). Please specify value as a valid double (64-bit floating point)`,
    );
  }
  if (timestamp === undefined || timestamp === null || timestamp === "") throw missingParameter(`${path}timestamp`);
  const at = integerOf(timestamp);
  if (at === null || at < 0 || !isSafe(at)) {
    const message = `metric '${key}' (value=${String(value)}). Timestamp must be a nonnegative long (64-bit integer) `;
    throw invalidValue(`${path}timestamp`, timestamp, message);
  }
  const step = sent.step === undefined || sent.step === null ? 0 : integerOf(sent.step);
  if (step === null || !isSafe(step)) {
    const message = `metric '${key}' (value=${String(value)}). Step must be a whole number between -9007199254740991 and 9007199254740991.`;
    throw invalidValue(`${path}step`, sent.step, message);
  }
  const point: MetricPoint = { key, value: number, at, step };
  if (sent.model_id) point.modelId = textOf(sent.model_id, `${path}model_id`);
  if (sent.dataset_name) point.datasetName = textOf(sent.dataset_name, `${path}dataset_name`);
  if (sent.dataset_digest) point.datasetDigest = textOf(sent.dataset_digest, `${path}dataset_digest`);
  return point;
}

function readParams(sent: readonly unknown[]): KeyValue[] {
  const params: KeyValue[] = [];
  const seen = new Set<string>();
  const twice: string[] = [];
  for (let i = 0; i < sent.length; i++) {
    const path = `params[${i}].`;
    const { key, value } = keyAndValue(objectOf(sent[i], "params", i), path);
    if (seen.has(key)) twice.push(key);
    seen.add(key);
    params.push({ key, value: checkParam(key, value, path) });
  }
  if (twice.length > 0) {
    const keys = twice.map((key) => `'${key}'`).join(", ");
    throw invalidParameter(
      `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
    );
  }
  return params;
}

function readTags(sent: readonly unknown[]): KeyValue[] {
  return sent.map((one, i) => {
    const path = `tags[${i}].`;
    const { key, value } = keyAndValue(objectOf(one, "tags", i), path);
    return { key, value: checkTag(key, value, path) };
  });
}

function keyAndValue(sent: Sent, path: string): KeyValue {
  const { key, value } = sent;
  if (key === undefined || key === null || key === "") throw missingParameter(`${path}key`);
  const text = value === undefined || value === null ? "" : textOf(value, `${path}value`);
  return { key: textOf(key, `${path}key`), value: text };
}

function objectOf(sent: unknown, list: string, i: number): Sent {
  if (typeof sent === "object" && sent !== null && !Array.isArray(sent)) return sent;
  throw mistyped(`${list}[${i}]`, sent, pythonType(sent));
}

function textOf(sent: unknown, path: string): string {
  if (typeof sent !== "string") throw mistyped(path, sent, pythonType(sent));
  return sent;
}
