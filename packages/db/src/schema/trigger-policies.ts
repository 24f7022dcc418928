import { boolean, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime, tenant } from "./columns.ts";

/** Ask for training when the champion's mean prediction and the realised rate part company. */
export interface CalibrationPolicy {
  kind: "calibration";
  /** Matured days looked back. */
  days: number;
  /** Largest |mean outcome − mean prediction| allowed over them. */
  limit: number;
  /** Event days after a request in which the policy does not ask again. */
  cooldownDays: number;
  /** Event days of history to train on. */
  trainDays: number;
}
export type TriggerPolicySpec = CalibrationPolicy;

export const triggerPolicies = pgTable(
  "trigger_policies",
  {
    ...tenant,
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    deploymentId: text("deployment_id").notNull(),
    pipelineId: text("pipeline_id").notNull(),
    spec: jsonb("spec").$type<TriggerPolicySpec>().notNull(),
    enabled: boolean("enabled").notNull().default(true),
    lastFired: eventTime("last_fired"),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("trigger_policies_name").on(t.teamId, t.projectId, t.name)],
);
