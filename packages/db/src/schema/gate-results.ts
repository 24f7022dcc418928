import { boolean, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

export const GATES = ["artifact_hash", "contract", "metric_floor", "onnx_parity", "latency"] as const;
export type GateName = (typeof GATES)[number];

/** One gate's verdict on one version, with what it measured. */
export const gateResults = pgTable(
  "gate_results",
  {
    ...tenant,
    versionId: text("version_id").notNull(),
    gate: text("gate").$type<GateName>().notNull(),
    passed: boolean("passed").notNull(),
    message: text("message").notNull(),
    measured: jsonb("measured").$type<Record<string, number | string>>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.projectId, t.versionId, t.gate] })],
);
