/** Services of training: pipelines, policies, requests, and the running of a job. */
export { codeVersion } from "./code-version.ts";
export { estimateTraining, type TrainingEstimate } from "./estimate-training.ts";
export { evaluatePolicies, type PolicyEvaluation } from "./evaluate-policies.ts";
export { heldOutMetrics } from "./held-out-metrics.ts";
export { getJob, type JobRow, listJobs } from "./jobs.ts";
export { countTrainingRows, loadTrainingRows } from "./load-rows.ts";
export * from "./pipelines.ts";
export {
  type RequestTrainingInput,
  requestTraining,
  type TrainingJob,
  type TrainingRequestDeps,
} from "./request-training.ts";
export * from "./row-bounds.ts";
export { runTrainingJob, type TrainingDeps, type TrainingOutcome } from "./run-training-job.ts";
export { scoreOnnx } from "./score-onnx.ts";
export type { LoadTrainingRows, TrainingRows } from "./training-rows.ts";
export { decideCalibration } from "./trigger-policy.ts";
