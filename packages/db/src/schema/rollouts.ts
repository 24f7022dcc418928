import { index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { at, createdAt, eventTime, tenant } from "./columns.ts";

/** Fixed before the first observation and hashed; changing it afterwards would void the error guarantees. */
export interface RolloutPlan {
  /** `shadow_then_canary` starts without exposure; `canary` starts at the first step; both judge quality on pairs. */
  strategy: "shadow_then_canary" | "canary" | "all_at_once";
  steps: { percent: number; minDays: number }[];
  /** Brier difference candidate − champion that still counts as not worse. */
  margin: number;
  /** Error budget of the quality test, and of each guard. */
  alpha: { quality: number; harm: number; errors: number; latency: number; srm: number };
  /** Fewest matured days before the quality test may decide. */
  minDays: number;
  /** After this many matured days without proof, or about as many days with traffic, the candidate is refused. */
  maxDays: number;
  sloMs: number;
}
/** What the candidate did in blocks of requests in which no champion answered beside it. */
export interface LoneEvidence {
  /** That it did worse than `rate`; it breaches at `needed`. */
  e: number;
  needed: number;
  blocks: number;
  events: number;
  requests: number;
  /** The rate of events that it was allowed in the last block. */
  rate: number;
}

/** Evidence that the candidate has more events of a kind than the champion. Counts are requests. */
export interface GuardEvidence {
  e: number;
  candidate: number;
  champion: number;
  exposedCandidate: number;
  exposedChampion: number;
  state: number[];
  /** Absent until the candidate first answered alone. */
  alone?: LoneEvidence;
}

/** Sufficient statistics of every guard and of the quality test; all that a decision reads. */
export interface RolloutEvidence {
  /** One observation per matured event day. */
  days: { day: string; n: number; meanDiff: number; candidateBrier: number; championBrier: number }[];
  quality: {
    days: number;
    rows: number;
    mean: number;
    lower: number;
    upper: number;
    eNonInferior: number;
    eHarm: number;
    verdict: string;
  } | null;
  errors: GuardEvidence;
  latency: GuardEvidence;
  /** Counts of the present step; `baseLogE` carries the evidence of earlier steps, whose share was another. */
  srm: { e: number; candidate: number; champion: number; baseLogE?: number };
  /** Answers the candidate gave to callers, failed ones included. */
  exposures: number;
  /** Requests that were assigned to it since the present step began. */
  stepExposures?: number;
  /** Windows in which the deployment was asked anything, since the rollout began and since the present step did. */
  trafficDays?: number;
  stepTrafficDays?: number;
  /** Rows that the champion answered in whole windows of shadow, and those that the candidate scored as well. */
  shadowed?: { rows: number; scored: number };
  /** Event time up to which windows were counted in; makes every step idempotent. */
  through: string | null;
}
export type RolloutState =
  | "queued"
  | "gating"
  | "shadow"
  | "canary"
  | "promoted"
  | "refused"
  | "rolled_back"
  | "aborted";

export const rollouts = pgTable(
  "rollouts",
  {
    ...tenant,
    id: text("id").primaryKey(),
    deploymentId: text("deployment_id").notNull(),
    candidateId: text("candidate_id").notNull(),
    /** Champion when it started; null for the first version of a deployment. */
    championId: text("champion_id"),
    plan: jsonb("plan").$type<RolloutPlan>().notNull(),
    planDigest: text("plan_digest").notNull(),
    state: text("state").$type<RolloutState>().notNull(),
    /** Index into `plan.steps` while in canary, else −1. */
    step: integer("step").notNull().default(-1),
    /** Event time at which the present state or step began. */
    stepSince: eventTime("step_since"),
    evidence: jsonb("evidence").$type<RolloutEvidence>().notNull(),
    /** Why it ended, in words with the numbers. */
    outcomeReason: text("outcome_reason"),
    cause: text("cause").notNull(),
    createdBy: text("created_by").notNull(),
    startedEventTime: eventTime("started_event_time"),
    endedEventTime: eventTime("ended_event_time"),
    createdAt: createdAt(),
    endedAt: at("ended_at"),
  },
  (t) => [index("rollouts_deployment").on(t.teamId, t.projectId, t.deploymentId, t.createdAt)],
);
