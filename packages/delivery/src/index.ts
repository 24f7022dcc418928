/** Delivery's client-safe surface: plans, routing, assignment and the pure decisions. No I/O. */
export type { RolloutEvidence, RolloutPlan, RolloutState, RoutingTable } from "@ballast/db";
export * from "./assignment.ts";
export * from "./plan.ts";
export * from "./rollout-facts.ts";
export * from "./rollout-state.ts";
export * from "./routing.ts";
export * from "./schemas.ts";
