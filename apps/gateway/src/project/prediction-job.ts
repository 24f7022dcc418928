import type { RequestRow } from "@ballast/features";
import type { QueuedRows } from "../inference/batch-queue.ts";
import type { Arm, DeploymentPlan, Role } from "./deployment-plan.ts";

/** What a caller is told when a request is done. */
interface Reply {
  answered(json: string): void;
  failed(error: Error): void;
}

/** One infer request on its way through a version's queue. */
export interface PredictionJob extends QueuedRows {
  plan: DeploymentPlan;
  arm: Arm;
  role: Role;
  /** Routing revision that chose the version; null where the caller named it. */
  routing: number | null;
  /** The caller's request id. */
  requestId: string | null;
  ids: string[];
  /** Rows as received; empty objects where the caller sent the model's own tensor. */
  requests: readonly RequestRow[];
  /** Event time of each row. */
  times: number[];
  /** Wall time of arrival, epoch ms, and on the monotonic clock. */
  at: number;
  startedAt: number;
  /** Features of the versions that score beside, taken at the same moment as the answering version's. */
  shadows: ShadowFeatures[];
  reply: Reply;
}

export interface ShadowFeatures {
  arm: Arm;
  features: Float32Array;
}
