/** Search of runs, experiments and logged models by MLflow's grammar and more. */
export { type Completion, completeFilter, type KeyCount, type RunColumns, runColumns } from "./run-columns.ts";
export { type SearchExperimentsInput, searchExperiments } from "./search-experiments.ts";
export {
  type FoundLoggedModel,
  type ModelOrder,
  type SearchLoggedModelsInput,
  searchLoggedModels,
} from "./search-logged-models.ts";
export { type RunSearchPage, type SearchRunsInput, searchRuns } from "./search-runs.ts";
