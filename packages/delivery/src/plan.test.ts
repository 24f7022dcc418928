import { expect, test } from "vitest";
import { DEFAULT_PLAN, planFor, planOverridesSchema, rolloutPlanSchema, UNPROVEN_PERCENT_LIMIT } from "./plan.ts";
import { canonicalJson, planDigest } from "./plan-digest.ts";

test("the default plan is a valid plan and shows callers little before quality is proven", () => {
  expect(rolloutPlanSchema.parse(DEFAULT_PLAN)).toEqual(DEFAULT_PLAN);
  expect(DEFAULT_PLAN.steps[0]?.percent).toBeLessThanOrEqual(UNPROVEN_PERCENT_LIMIT);
  expect(DEFAULT_PLAN.steps.at(-1)?.percent).toBe(100);
});

test("a person's changes go on top, the rest stays", () => {
  const plan = planFor("canary", 40, { margin: 0.002, alpha: { harm: 0.001 } });
  expect(plan).toMatchObject({ strategy: "canary", sloMs: 40, margin: 0.002, minDays: DEFAULT_PLAN.minDays });
  expect(plan.alpha).toEqual({ ...DEFAULT_PLAN.alpha, harm: 0.001 });
  expect(planFor("all_at_once", 25).steps).toEqual([]);
});

test.each([
  [{ ...DEFAULT_PLAN, steps: [] }, "steps is empty"],
  [{ ...DEFAULT_PLAN, maxDays: 2 }, "maxDays is smaller"],
  [
    {
      ...DEFAULT_PLAN,
      steps: [
        { percent: 10, minDays: 1 },
        { percent: 10, minDays: 1 },
      ],
    },
    "steps must grow",
  ],
  [{ ...DEFAULT_PLAN, margin: 0 }, ""],
  [{ ...DEFAULT_PLAN, alpha: { ...DEFAULT_PLAN.alpha, srm: 0.5 } }, ""],
])("an impossible plan is refused: %#", (plan, message) => {
  const parsed = rolloutPlanSchema.safeParse(plan);
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error?.issues)).toContain(message);
});

test("an unknown override is refused rather than ignored", () => {
  expect(planOverridesSchema.safeParse({ minDay: 3 }).success).toBe(false);
});

test("a plan's digest follows its values, not the order they were written in", () => {
  const { margin, ...rest } = DEFAULT_PLAN;
  expect(planDigest({ ...rest, margin })).toBe(planDigest(DEFAULT_PLAN));
  expect(planDigest({ ...DEFAULT_PLAN, margin: 0.0011 })).not.toBe(planDigest(DEFAULT_PLAN));
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
});
