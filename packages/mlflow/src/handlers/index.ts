import type { MlflowHandler } from "../call.ts";
import * as experiments from "./experiments.ts";
import * as runs from "./runs.ts";
import * as search from "./search.ts";

/** The function of each JSON route, by the route's name. */
export const HANDLERS: Readonly<Record<string, MlflowHandler>> = {
  createExperiment: experiments.createExperimentHandler,
  getExperiment: experiments.getExperimentHandler,
  experimentByName: experiments.experimentByNameHandler,
  searchExperiments: search.searchExperimentsHandler,
  deleteExperiment: experiments.deleteExperimentHandler,
  restoreExperiment: experiments.restoreExperimentHandler,
  updateExperiment: experiments.updateExperimentHandler,
  setExperimentTag: experiments.setExperimentTagHandler,
  deleteExperimentTag: experiments.deleteExperimentTagHandler,
  createRun: runs.createRun,
  updateRun: runs.updateRunHandler,
  getRun: runs.getRunHandler,
  deleteRun: runs.deleteRun,
  restoreRun: runs.restoreRunHandler,
  searchRuns: search.searchRunsHandler,
  logBatch: runs.logBatch,
  logMetric: runs.logMetric,
  logParameter: runs.logParameter,
  setTag: runs.setTag,
  deleteTag: runs.deleteTag,
  logModel: runs.logModel,
  logInputs: runs.logInputs,
  logOutputs: runs.logOutputs,
};
