/** Services of delivery. */
export { decideByHand } from "./decide-by-hand.ts";
export {
  createDeployment,
  type DeploymentView,
  getDeployment,
  listDeployments,
  type VersionLabel,
} from "./deployments.ts";
export { AUC_FLOOR, BATCH_TOLERANCE, type GateResult, PARITY_TOLERANCE, SKILL_FLOOR } from "./gates.ts";
export { canonicalJson, planDigest } from "./plan-digest.ts";
export type { DecisionRow, DeploymentRow, RolloutRow } from "./records.ts";
export { requestRollout, startApprovedRollouts, startNextRollout } from "./request-rollout.ts";
export { countRollouts, getRollout, listDecisions, listRollouts } from "./rollout-queries.ts";
export { type GateDeps, measureGates, runGates } from "./run-gates.ts";
export { type RolloutStep, stepRollout } from "./step-rollout.ts";
