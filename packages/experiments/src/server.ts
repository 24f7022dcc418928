/** Services of experiments: start a run, log to it, end it, find it again. */
export * from "./charts/index.ts";
export { type DatasetSummary, datasetSummaries } from "./dataset-summaries.ts";
export * from "./experiments.ts";
export { listRuns, type RunPage } from "./list-runs.ts";
export * from "./logged-models.ts";
export type { MetricPoint } from "./metric-fold.ts";
export * from "./metric-history.ts";
export {
  type DatasetInput,
  linksOfRun,
  linksOfRuns,
  logRunInputs,
  logRunOutputs,
  type RunLinks,
  type TrackedDataset,
} from "./run-links.ts";
export {
  type FinishRunInput,
  finishRun,
  getRun,
  logInputs,
  logMetrics,
  logParams,
  type Run,
  type RunParams,
  type RunRecord,
  restoreRun,
  type StartRunInput,
  startRun,
  tagRun,
  trashRun,
  type UpdateRunInput,
  untagRun,
  updateRun,
} from "./runs.ts";
export * from "./search/index.ts";
export { lastMetrics, type SeriesSummary, seriesOfRuns } from "./series.ts";
export type { TrackingBatch } from "./tracking-batch.ts";
export { TrackingWriter, type TrackingWriterOptions } from "./tracking-writer.ts";
