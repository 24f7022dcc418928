import { AppError } from "@ballast/core";
import type { FeatureViewDefinition } from "@ballast/db";
import { z } from "zod";

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,59}$/,
    "must be a name in lower case: letters, digits and _, at most 60, e.g. late_share_3h",
  );
const column = z.string().min(1, "must name a column").max(120);
const description = z.string().max(2_000).default("");
/** A minute is finer than any push; 90 days are held in memory. */
const windowMs = z
  .int("must be whole milliseconds")
  .min(60_000, "must be at least 60000 ms (a minute)")
  .max(90 * 86_400_000, "must be at most 7776000000 ms (90 days)");

const expression = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("column"), column }),
  z.strictObject({ op: z.literal("hour_of_day"), column }),
  z.strictObject({ op: z.literal("day_of_week"), column }),
]);

const requestView = z.strictObject({
  kind: z.literal("request"),
  name,
  description,
  features: z
    .array(z.strictObject({ name, expression, unit: z.string().min(1).max(40).nullable().default(null) }))
    .min(1, "must hold at least one feature")
    .max(500),
});

const trailingShareView = z.strictObject({
  kind: z.literal("trailing_share"),
  name,
  description,
  source: name,
  knownAt: column,
  requestTime: column,
  of: column,
  features: z
    .array(z.strictObject({ name, key: column, windowMs }))
    .min(1, "must hold at least one feature")
    .max(500),
  onMissing: z.enum(["null", "error"]).default("null"),
});

/** A feature view as a person or a script writes it; defaults filled in. */
export const featureViewSchema = z
  .discriminatedUnion("kind", [requestView, trailingShareView])
  .superRefine((view, context) => {
    const seen = new Set<string>();
    view.features.forEach((feature, i) => {
      if (seen.has(feature.name))
        context.addIssue({
          code: "custom",
          path: ["features", i, "name"],
          message: `"${feature.name}" is there twice`,
        });
      seen.add(feature.name);
    });
  });
export type FeatureViewInput = z.input<typeof featureViewSchema>;

/** The definition, checked. Throws `invalid_input` naming the first field that is wrong and what it must be. */
export function parseFeatureView(input: unknown): FeatureViewDefinition {
  const parsed = featureViewSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`))
    .join("");
  throw new AppError("invalid_input", `Feature view, ${field || "definition"}: ${issue?.message}.`, {
    details: { field: field ?? "" },
  });
}
