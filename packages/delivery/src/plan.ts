import type { RolloutPlan } from "@ballast/db";
import { z } from "zod";

export const rolloutStrategySchema = z.enum(["shadow_then_canary", "canary", "all_at_once"]);
export type RolloutStrategy = z.infer<typeof rolloutStrategySchema>;

const alphaSchema = z.number().gt(0).max(0.2);

/** A rollout plan, as it is fixed and hashed before the first observation. */
export const rolloutPlanSchema = z
  .strictObject({
    strategy: rolloutStrategySchema,
    steps: z
      .array(z.strictObject({ percent: z.number().gt(0).max(100), minDays: z.int().min(1).max(90) }))
      .max(20)
      .refine((steps) => steps.every((step, i) => i === 0 || step.percent > (steps[i - 1]?.percent ?? 0)), {
        message: "steps must grow: each percent larger than the one before",
      }),
    margin: z.number().gt(0).max(0.25),
    alpha: z.strictObject({
      quality: alphaSchema,
      harm: alphaSchema,
      errors: alphaSchema,
      latency: alphaSchema,
      srm: alphaSchema,
    }),
    minDays: z.int().min(1).max(365),
    maxDays: z.int().min(1).max(365),
    sloMs: z.number().gt(0),
  })
  .refine((plan) => plan.strategy === "all_at_once" || plan.steps.length > 0, {
    message: "steps is empty: a canary needs at least one step",
    path: ["steps"],
  })
  .refine((plan) => plan.maxDays >= plan.minDays, {
    message: "maxDays is smaller than minDays",
    path: ["maxDays"],
  });

/** What a person may change of a plan when asking for a rollout. */
export const planOverridesSchema = z
  .strictObject({
    steps: rolloutPlanSchema.shape.steps,
    margin: rolloutPlanSchema.shape.margin,
    alpha: rolloutPlanSchema.shape.alpha.partial(),
    minDays: rolloutPlanSchema.shape.minDays,
    maxDays: rolloutPlanSchema.shape.maxDays,
  })
  .partial();
export type PlanOverrides = z.infer<typeof planOverridesSchema>;

/** Beyond this share of callers a candidate must have proven, on pairs, that it is not worse. */
export const UNPROVEN_PERCENT_LIMIT = 10;

/**
 * The plan used where nothing else is asked for; every default with its reason. Measured on 2001's flights
 * (`fixtures/paired-days.json`, held by `rollout-paths.test.ts`): better features promoted after 19 to 23 days, swapped
 * features rolled back after 6 to 19, none of the retrains that did harm promoted.
 *
 * - `steps` 1 → 10 → 50 → 100 %: 1 % shows crashes and latency at the least cost, 10 % is the most that callers may
 *   meet before the quality is proven (`UNPROVEN_PERCENT_LIMIT`), 50 % doubles the champion's load share, 100 % is a full
 *   day of the candidate alone with the champion still scoring beside it. One matured day each: the guards see every
 *   request, and quality is judged on pairs, which do not depend on the step.
 * - `margin` 0.001 Brier: half of the worst loss a promotion may turn out to have (0.002 over the 14 days after it), and below
 *   what a silent mistake costs (swapped features: 0.0013). With half of it about half of the retrains that help are refused.
 * - `alpha.quality`, `alpha.harm` 0.05: one wrong proof in twenty rollouts *at* its limit, fewer away from it. A false harm
 *   costs a candidate that can be asked for again, a slow one costs callers.
 * - `alpha.errors`, `alpha.latency`, `alpha.srm` 0.01 each: three guards together alarm falsely in at most 3 % of rollouts,
 *   however often they are looked at.
 * - `minDays` 7: traffic has a weekly rhythm, a verdict sees all of it.
 * - `maxDays` 21: a candidate that could not prove itself in three weeks was trained on data that is older than newer data
 *   to train on, and others wait behind it.
 */
export const DEFAULT_PLAN: RolloutPlan = {
  strategy: "shadow_then_canary",
  steps: [
    { percent: 1, minDays: 1 },
    { percent: 10, minDays: 1 },
    { percent: 50, minDays: 1 },
    { percent: 100, minDays: 1 },
  ],
  margin: 0.001,
  alpha: { quality: 0.05, harm: 0.05, errors: 0.01, latency: 0.01, srm: 0.01 },
  minDays: 7,
  maxDays: 21,
  sloMs: 25,
};

/** What each strategy changes of {@link DEFAULT_PLAN}. */
export const STRATEGY_OVERRIDES: Record<RolloutStrategy, Partial<RolloutPlan>> = {
  shadow_then_canary: {},
  canary: {},
  // Gates alone decide: for a deployment's first version, where there is nobody to compare with.
  all_at_once: { steps: [] },
};

function composePlan(strategy: RolloutStrategy, sloMs: number, overrides: PlanOverrides): RolloutPlan {
  const base = { ...DEFAULT_PLAN, ...STRATEGY_OVERRIDES[strategy], strategy, sloMs };
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return { ...base, ...given, alpha: { ...base.alpha, ...overrides.alpha } };
}

/** A field of a plan and what is wrong with it. */
export interface PlanProblem {
  field: string;
  message: string;
}

/** What is wrong with a person's changes in the plan they lead to; null when nothing is. */
export function planProblem(strategy: RolloutStrategy, sloMs: number, overrides: PlanOverrides): PlanProblem | null {
  const issue = rolloutPlanSchema.safeParse(composePlan(strategy, sloMs, overrides)).error?.issues[0];
  return issue ? { field: ["plan", ...issue.path].join("."), message: issue.message } : null;
}

/**
 * The plan of a strategy for a deployment whose latency objective is `sloMs`, with a person's changes on top.
 * Throws a ZodError where these lead to an impossible plan; ask {@link planProblem} first about what a person sent.
 */
export function planFor(strategy: RolloutStrategy, sloMs: number, overrides: PlanOverrides = {}): RolloutPlan {
  return rolloutPlanSchema.parse(composePlan(strategy, sloMs, overrides));
}
