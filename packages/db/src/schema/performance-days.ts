import { boolean, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { eventTime, float8, tenant } from "./columns.ts";

/** How one version did on one matured event day, over the rows it scored (served or shadow). */
export const performanceDays = pgTable(
  "performance_days",
  {
    ...tenant,
    deploymentId: text("deployment_id").notNull(),
    versionId: text("version_id").notNull(),
    day: eventTime("day").notNull(),
    /** True if it answered callers that day as champion. */
    champion: boolean("champion").notNull(),
    /** Rows with a label, and rows scored. */
    n: integer("n").notNull(),
    scored: integer("scored").notNull(),
    auc: float8("auc").notNull(),
    brier: float8("brier").notNull(),
    /** 1 − Brier / Brier of the day's base rate. */
    brierSkill: float8("brier_skill").notNull(),
    meanPrediction: float8("mean_prediction").notNull(),
    meanOutcome: float8("mean_outcome").notNull(),
    /** Reliability bins: mean prediction, mean outcome, n. */
    reliability: jsonb("reliability").$type<{ p: number; y: number; n: number }[]>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.deploymentId, t.versionId, t.day] })],
);
