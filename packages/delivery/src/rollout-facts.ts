import type { EpochMs } from "@ballast/core";
import type { RolloutPlan, RolloutState } from "@ballast/db";

export type DecisionKind =
  | "start_gates"
  | "start_shadow"
  | "start_canary"
  | "advance"
  | "hold"
  | "promote"
  | "refuse"
  | "roll_back"
  | "abort"
  | "pause"
  | "resume";

/** All that a decision reads about a rollout. */
export interface RolloutFacts {
  state: RolloutState;
  /** Index into `plan.steps` while in canary, else −1. */
  step: number;
  /** Event time at which the present state or step began. */
  stepSince: EpochMs | null;
  plan: RolloutPlan;
  /** False for the first version of a deployment: there is nobody to compare with. */
  hasChampion: boolean;
  /** Why the version exists; `policy:…` marks a retrain that a policy asked for. */
  cause: string;
  /** Verdict of the gates; null while they have not all run. */
  gates: { passed: boolean; summary: string } | null;
  /** A person asked for no further step. Guards still act. */
  paused: boolean;
}

/** What is to be done, by which rule, on which numbers. */
export interface Decision {
  decision: DecisionKind;
  toState: RolloutState;
  step: number;
  /** Short name of the rule, stable: `quality.harm`, `srm.mismatch`, … */
  ruleId: string;
  /** The rule in words. */
  rule: string;
  inputs: Record<string, number | string>;
  /** What was decided and why, in words with the numbers. */
  summary: string;
}

export const OPEN_STATES: readonly RolloutState[] = ["queued", "gating", "shadow", "canary"];
export const ACTIVE_STATES: readonly RolloutState[] = ["gating", "shadow", "canary"];
export const isPolicyCaused = (cause: string) => cause.startsWith("policy:");
