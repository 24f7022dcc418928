import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import {
  acceptedVersions,
  type ColumnTable,
  conversionRules,
  converted,
  getDataset,
  identifier,
  literal,
  logFiles,
  parquet,
  sourceRows,
} from "@ballast/datasets/server";
import { type FeatureViewDefinition, type PipelineSpec, type ServingSpec, type Tx, withTenant } from "@ballast/db";
import { findFeature, neededColumns } from "@ballast/features";
import { loadViews, trainingSet } from "@ballast/features/server";
import { type DayBlock, dayBlocks, MOST_BLOCK_ROWS, MOST_REFERENCE_DAYS } from "./day-blocks.ts";
import type { MonitoringDeps } from "./deps.ts";
import type { BlockedColumn } from "./reference-column.ts";
import { scoreModel } from "./score-model.ts";

export interface ReferenceQuery {
  spec: PipelineSpec;
  serving: ServingSpec;
  /** SHA-256 of the model file. */
  digest: string;
  /** Rows whose label was known in (from, to]. */
  from: EpochMs;
  to: EpochMs;
}

/** What a version was trained on, as the columns that its windows will have. */
interface ReferenceRows {
  columns: BlockedColumn[];
  /** Event-time range of the rows; null without any. */
  range: { from: EpochMs; to: EpochMs } | null;
  blockRows: number;
}

/**
 * The newest 31 days that a version was trained on, thinned to about a window's size per day: request columns as they are in
 * the history, features point-in-time as they would have been served, the model's own predictions for them, and the labels.
 */
export async function referenceRows(deps: MonitoringDeps, scope: Scope, query: ReferenceQuery): Promise<ReferenceRows> {
  const { spec, serving, to } = query;
  const from = Math.max(query.from, to - MOST_REFERENCE_DAYS * DAY_MS);
  const views = await withTenant(deps.db, scope.teamId, (tx) => loadViews(tx, scope));
  const set = await trainingSet(deps, scope, {
    spec: { ...spec, features: serving.features },
    ...{ from, to, asOf: to, blockedRanges: [] },
  });
  const blocks = dayBlocks(set.times);
  const features = featureColumns(serving, views, set.features, blocks);
  const request = await requestColumns(deps, scope, { ...query, from }, views);
  const label = blocks.map(({ index }) => [...index].map((i) => String(set.label[i])));
  const predictions = await predictionBlocks(deps, query, set.features, blocks);
  const plain = { unit: null };
  return {
    columns: [
      ...request,
      ...features,
      { column: "prediction", role: "prediction", kind: "numeric", ...plain, blocks: predictions },
      { column: "outcome", role: "outcome", kind: "categorical", ...plain, blocks: label },
    ],
    range: set.range,
    blockRows: blocks[0]?.index.length ?? 0,
  };
}

function featureColumns(
  serving: ServingSpec,
  views: readonly FeatureViewDefinition[],
  values: readonly Float32Array[],
  blocks: readonly DayBlock[],
): BlockedColumn[] {
  const columns = new Map<string, BlockedColumn>();
  serving.features.forEach((binding, j) => {
    const found = findFeature(views, binding);
    const column = `${binding.view}.${binding.feature}`;
    const unit = found.kind === "request" ? found.feature.unit : null;
    const own = blocks.map(({ index }) => Float64Array.from(index, (i) => (values[j] as Float32Array)[i] as number));
    columns.set(column, { column, role: "feature", kind: "numeric", unit, blocks: own });
  });
  return [...columns.values()];
}

async function predictionBlocks(
  deps: MonitoringDeps,
  { digest, serving }: ReferenceQuery,
  features: readonly Float32Array[],
  blocks: readonly DayBlock[],
): Promise<Float64Array[]> {
  const rows = blocks.reduce((sum, { index }) => sum + index.length, 0);
  const kept = features.map((column) => {
    const out = new Float32Array(rows);
    let at = 0;
    for (const { index } of blocks) for (const i of index) out[at++] = column[i] as number;
    return out;
  });
  const scores = await scoreModel(await deps.artifacts.get(digest), kept, rows, serving);
  let start = 0;
  return blocks.map(({ index }) => {
    const own = Float64Array.from(scores.subarray(start, start + index.length));
    start += index.length;
    return own;
  });
}

/** Numbers and keys that requests carry, from the rows the version was trained on; times say nothing about drift. */
async function requestColumns(
  deps: MonitoringDeps,
  scope: Scope,
  query: ReferenceQuery,
  views: readonly FeatureViewDefinition[],
): Promise<BlockedColumn[]> {
  const needed = neededColumns(views, query.serving.features).filter(({ type }) => type !== "time");
  if (needed.length === 0) return [];
  const names = needed.map(({ name }) => name);
  const { relation, units } = await history(deps, scope, query, names);
  const time = identifier(query.spec.rowTime);
  const table = await deps.duck.read(`
    SELECT ${time}::BIGINT AS row_time, ${needed.map(({ name, type }, j) => `${castSql(name, type)} AS c${j}`).join(", ")}
    FROM ${relation} WHERE ${time} IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY ${time}::BIGINT // ${DAY_MS} ORDER BY hash(${time}, ${names.map(identifier).join(", ")}))
      <= ${MOST_BLOCK_ROWS} ORDER BY row_time`);
  const blocks = dayBlocks(table.numbers("row_time"));
  return needed.map(({ name, type }, j) => ({
    ...{ column: name, role: "request" as const, unit: units[name] ?? null },
    kind: type === "number" ? ("numeric" as const) : ("categorical" as const),
    blocks: blocks.map((block) => blockOf(table, `c${j}`, type === "number", block)),
  }));
}

const castSql = (name: string, type: string) =>
  type === "number" ? `TRY_CAST(${identifier(name)} AS DOUBLE)` : `CAST(${identifier(name)} AS VARCHAR)`;

function blockOf(
  table: ColumnTable,
  name: string,
  numeric: boolean,
  { index }: DayBlock,
): BlockedColumn["blocks"][number] {
  if (!numeric) {
    const texts = table.texts(name);
    return Array.from(index, (i) => texts[i] ?? null);
  }
  const numbers = table.numbers(name);
  return Float64Array.from(index, (i) => numbers[i] as number);
}

/** The dataset's rows from before the stream, then the stream's in declared units; and the contract's units. */
async function history(
  deps: MonitoringDeps,
  scope: Scope,
  { spec, from, to }: ReferenceQuery,
  names: readonly string[],
) {
  const version = await withTenant(deps.db, scope.teamId, (tx) => newestVersion(tx, scope, spec.dataset));
  const files = await logFiles(
    deps,
    scope,
    "source_rows",
    { from: -Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER },
    { source: spec.source, column: spec.knownAt },
  );
  const streamFrom = Math.min(Number.MAX_SAFE_INTEGER, ...files.map((f) => f.ranges?.[spec.knownAt]?.[0] ?? f.minTime));
  const columns = [...new Set([spec.rowTime, spec.knownAt, ...names])];
  const stream = await sourceRows(deps, scope, {
    ...{ source: spec.source, column: spec.knownAt, from: from + 1, to: to + 1 },
    columns: Object.fromEntries(columns.map((name) => [name, ""])),
  });
  const list = columns.map(identifier).join(", ");
  const rules = await conversionRules(deps, scope);
  const own = converted(`(SELECT ${list} FROM ${stream})`, rules, `${identifier(spec.rowTime)}::BIGINT`, names);
  const known = identifier(spec.knownAt);
  const before = version?.digest
    ? `SELECT ${list} FROM ${await parquet(deps, [version.digest])}
        WHERE ${known} > ${literal(from)} AND ${known} <= ${literal(to)} AND ${known} < ${literal(streamFrom)} UNION ALL BY NAME `
    : "";
  return { relation: `(${before}SELECT * FROM ${own})`, units: version?.declaredUnits ?? {} };
}

async function newestVersion(tx: Tx, scope: Scope, datasetName: string) {
  const dataset = await getDataset(tx, scope, datasetName);
  const [newest] = await acceptedVersions(tx, scope, dataset.id);
  return newest ?? null;
}
