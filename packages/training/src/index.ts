/** Training: how a model is made again, when, and at what cost. Client-safe schemas; the services are in `./server`. */
import { z } from "zod";

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "must start with a letter or digit; letters, digits, '.', '_', '-' only");
const column = z.string().min(1).max(200);

/** Trainer parameters; each trainer says which it knows. */
export const trainerParamsSchema = z.record(z.string().min(1).max(100), z.union([z.number(), z.string(), z.boolean()]));

export const pipelineSpecSchema = z
  .strictObject({
    modelName: name,
    deploymentName: name,
    task: z.enum(["binary", "regression"]),
    dataset: z.string().min(1),
    source: z.string().min(1),
    label: column,
    rowTime: column,
    knownAt: column,
    features: z
      .array(z.strictObject({ input: column, view: column, feature: column }))
      .min(1)
      .max(2_000),
    trainer: z.string().min(1),
    params: trainerParamsSchema.default({}),
    validationShare: z.number().min(0).max(0.5).default(0.1),
    testShare: z.number().min(0.01).max(0.5).default(0.15),
  })
  .refine((spec) => new Set(spec.features.map((f) => f.input)).size === spec.features.length, {
    path: ["features"],
    message: "two features have the same input name",
  });

export const calibrationPolicySchema = z.strictObject({
  kind: z.literal("calibration"),
  days: z.int().min(1).max(90),
  limit: z.number().gt(0).max(1),
  cooldownDays: z.int().min(1).max(365),
  trainDays: z.int().min(1).max(3_650),
});

export const trainingPlanSchema = z.strictObject({ strategy: z.enum(["shadow_then_canary", "canary", "all_at_once"]) });

/** How a version made by a policy is delivered: nobody is exposed before it has proved itself in shadow. */
export const DEFAULT_PLAN: z.infer<typeof trainingPlanSchema> = { strategy: "shadow_then_canary" };

export const pipelineInputSchema = z.strictObject({ name, spec: pipelineSpecSchema });
export const policyInputSchema = z.strictObject({
  name,
  /** Names of the deployment watched and of the pipeline asked. */
  deployment: name,
  pipeline: name,
  spec: calibrationPolicySchema,
  enabled: z.boolean().default(true),
});
export const trainingRequestSchema = z.strictObject({
  pipeline: name,
  /** Event-time range of the label's being known: (from, to]. */
  from: z.date(),
  to: z.date(),
  params: trainerParamsSchema.default({}),
  plan: trainingPlanSchema.default(DEFAULT_PLAN),
});

export type { TriggerDecision } from "./trigger-policy.ts";
