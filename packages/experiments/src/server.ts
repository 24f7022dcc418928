/** Services of experiments: start a run, log to it, end it, find it again. */
export * from "./experiments.ts";
export { listRuns, type RunPage } from "./list-runs.ts";
export * from "./runs.ts";
