/** Experiments and runs: what was tried, with what, and how it did. Client-safe types and schemas. */
import { z } from "zod";

const name = z.string().trim().min(1).max(250);

export const runParamsSchema = z.record(name, z.union([z.string().max(6_000), z.number(), z.boolean()]));
/** Metrics are finite numbers: what could not be measured is left out, never NaN. */
export const runMetricsSchema = z.record(name, z.number().finite());
/** A metric's value where NaN and ±∞ count: numbers, or these three as JSON writes them. */
export const metricValueSchema = z
  .preprocess(
    (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value),
    z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]),
  )
  .transform(Number);
export const runTagsSchema = z.record(name, z.string().max(6_000));
export const runArtifactSchema = z.object({
  kind: z.enum(["dataset_version", "feature_view", "stream", "model_version", "artifact"]),
  id: z.string().min(1),
  label: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

export const RUN_STATES = ["running", "scheduled", "finished", "failed", "killed"] as const;
export type RunState = (typeof RUN_STATES)[number];

const step = z.int().default(0);
/** Epoch ms. */
const at = z.int();

/** What one call logs to a run: all of it or nothing, and harmless to send again. */
export const trackingBatchSchema = z.object({
  metrics: z
    .array(
      z.object({
        ...{ key: name, value: metricValueSchema, at, step, modelId: z.string().max(100).optional() },
        ...{ datasetName: z.string().max(500).optional(), datasetDigest: z.string().max(36).optional() },
      }),
    )
    .max(1_000)
    .optional(),
  params: runParamsSchema.optional(),
  tags: runTagsSchema.optional(),
});

export const historyQuerySchema = z.object({
  runId: z.string().min(1),
  key: name,
  limit: z.int().min(1).max(25_000).default(5_000),
  /** The last point of the page before. */
  after: z.object({ at, step: z.int(), value: metricValueSchema }).nullish(),
});

export const datasetInputSchema = z.object({
  ...{ name: z.string().min(1).max(500), digest: z.string().min(1).max(36) },
  ...{ sourceType: z.string().max(500), source: z.string().max(65_535) },
  ...{ schema: z.string().max(1_048_575).nullish(), profile: z.string().max(16_777_215).nullish() },
  tags: runTagsSchema.optional(),
});

/** `started`, `ended`, `event_time`, `name`, or a metric or parameter by name: `metric:auc`, `param:maxTrees`. */
export const runSortSchema = z.object({
  by: z
    .string()
    .regex(
      /^(started|ended|event_time|name|metric:.+|param:.+)$/,
      "started, ended, event_time, name, metric:<name> or param:<name>",
    ),
  descending: z.boolean(),
});

export const runQuerySchema = z.object({
  experimentId: z.string().optional(),
  states: z.array(z.enum(RUN_STATES)).optional(),
  /** Part of a run's name or id, or of a tag's value. */
  search: z.string().max(200).optional(),
  /** Tags that must have exactly these values. */
  tags: runTagsSchema.optional(),
  sort: runSortSchema.default({ by: "started", descending: true }),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(200).default(50),
});
export type RunQuery = z.input<typeof runQuerySchema>;
