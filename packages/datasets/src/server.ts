/** Services: DuckDB, the offline log, dataset versions. */

export {
  acceptedVersions,
  createDatasetVersion,
  type Dataset,
  type DatasetPage,
  type DatasetVersion,
  getDataset,
  getDatasetVersion,
  listDatasets,
} from "./dataset-versions.ts";
export { type Column, ColumnTable } from "./duck/columns.ts";
export { type Duck, type DuckOptions, type DuckSession, openDuck } from "./duck/duck.ts";
export { identifier, literal, numberSql, timeSql } from "./duck/sql-text.ts";
export { type Compaction, compactSegment, type LogDeps, watermarkOf } from "./log/compact-segment.ts";
export { logFiles, readingLog, type TimeRange } from "./log/log-files.ts";
export {
  type AnswerQuery,
  answers,
  conversionSql,
  converted,
  firstStreamed,
  outcomes,
  parquet,
  rawAnswers,
  rawOutcomes,
  type SourceQuery,
  shadows,
  sourceRows,
} from "./log/log-relation.ts";
export { mergeSegments } from "./log/merge-segments.ts";
export { RecentLog } from "./log/recent-log.ts";
export { type LabelledRows, MATURITY_MS, maturedPairs, type PairedRows, scoredWithLabels } from "./log/scored-rows.ts";
export { countVersionsPerDay, type LogTally, type TallyOptions, tally } from "./log/tally.ts";
export { advanceWatermark } from "./log/watermark.ts";
export { bindingsOf, conversionRules, type WindowRows, type WindowRowsOptions, windowRows } from "./log/window-rows.ts";
export { contractType, describeRelation, measureTable, type RelationColumn } from "./measure-table.ts";
export { validateDatasetVersion } from "./validate-version.ts";
