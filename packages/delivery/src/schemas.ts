import { z } from "zod";
import { planOverridesSchema, rolloutStrategySchema } from "./plan.ts";

const id = z.string().min(1).max(100);
/** An endpoint's name: what a caller puts into `/v2/models/{name}/infer`. */
const endpointName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "must start with a letter or digit; letters, digits, '.', '_', '-' only");
const columnName = z.string().min(1).max(200);

export const createDeploymentSchema = z.strictObject({
  name: endpointName,
  /** Registered model whose versions it serves; made when it is new. */
  modelName: endpointName,
  /** Latency objective per request at the gateway, milliseconds. */
  sloMs: z.int().min(1).max(60_000).default(25),
  /** Longest a request may wait before 504, milliseconds. */
  deadlineMs: z.int().min(1).max(600_000).default(1000),
  assignmentColumn: columnName.nullable().default(null),
  timeColumn: columnName.nullable().default(null),
});
export type CreateDeployment = z.infer<typeof createDeploymentSchema>;

export const requestRolloutSchema = z.strictObject({
  /** Deployment, by id or name. */
  deployment: id,
  versionId: id,
  strategy: rolloutStrategySchema.default("shadow_then_canary"),
  /** `initial`, `manual`, `policy:<name>`, …; a retrain that a policy asked for has to show a gain. */
  cause: z.string().min(1).max(200).default("manual"),
  plan: planOverridesSchema.default({}),
});
export type RequestRollout = z.infer<typeof requestRolloutSchema>;

export const decideSchema = z.strictObject({
  rolloutId: id,
  /** `pause` stops steps forward, never guards; `abort` ends a rollout that no caller has met. */
  decision: z.enum(["promote", "roll_back", "abort", "pause", "resume"]),
  reason: z.string().min(1, "must say why").max(1000),
});
export type DecideByHand = z.infer<typeof decideSchema>;

export const pageSchema = z.object({
  /** Id of the last row of the page before. */
  before: id.optional(),
  limit: z.int().min(1).max(200).default(50),
});
