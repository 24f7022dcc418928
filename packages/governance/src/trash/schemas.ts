import { z } from "zod";

/** What can be in the trash. */
export const TRASH_KINDS = ["experiment", "run", "logged_model", "model", "model_version"] as const;
export type TrashKind = (typeof TRASH_KINDS)[number];

export const trashRefSchema = z.object({ kind: z.enum(TRASH_KINDS), id: z.string().min(1).max(300) });
export type TrashRef = z.infer<typeof trashRefSchema>;

const keepDays = z.int("Use whole days.").min(0, "Use 0 days or more.").max(36_500, "Use at most 36,500 days.");
const experimentId = z.string().min(1).max(100).nullable().default(null);
export const retentionSpecSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("trash"), keepDays }),
  z.object({
    kind: z.literal("runs"),
    experimentId,
    keepDays: keepDays.min(1, "Keep runs for at least a day."),
    keepTag: z.string().min(1).max(250).nullable().default(null),
  }),
  z.object({
    kind: z.literal("metric_history"),
    experimentId,
    keepDays,
    points: z.int().min(10, "Keep at least 10 points of each metric.").max(1_000_000),
  }),
  z.object({ kind: z.literal("deliveries"), keepDays: keepDays.min(1, "Keep deliveries for at least a day.") }),
]);
export type RetentionSpecInput = z.input<typeof retentionSpecSchema>;
