import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import {
  acceptedVersions,
  type ColumnTable,
  conversionRules,
  converted,
  type DatasetVersion,
  firstStreamed,
  getDataset,
  identifier,
  literal,
  numberSql,
  parquet,
  sourceRows,
  timeSql,
} from "@ballast/datasets/server";
import {
  type FeatureBinding,
  type FeatureViewDefinition,
  type PipelineSpec,
  type ServingSpec,
  type Tx,
  withTenant,
} from "@ballast/db";
import { findFeature, neededColumns, pinBindings, versionedViews } from "@ballast/features";
import { allFeatureViews, trainingSet } from "@ballast/features/server";
import { type DayBlock, dayBlocks, MOST_BLOCK_ROWS, MOST_REFERENCE_DAYS } from "./day-blocks.ts";
import type { MonitoringDeps } from "./deps.ts";
import type { BlockedColumn } from "./reference-column.ts";
import { scoreModel } from "./score-model.ts";

export interface ReferenceQuery {
  spec: PipelineSpec;
  serving: ServingSpec;
  /** Version of each feature view it was trained with, and is served with, by name. */
  pinned: Record<string, number>;
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
 * The newest 31 days that a version was trained on, of each up to 2,000 rows, drawn at random: request columns as they are in the
 * history, features point-in-time as they would have been served, the model's own predictions for them, and the labels.
 */
export async function referenceRows(deps: MonitoringDeps, scope: Scope, query: ReferenceQuery): Promise<ReferenceRows> {
  const { spec, serving, pinned, to } = query;
  const from = Math.max(query.from, to - MOST_REFERENCE_DAYS * DAY_MS);
  const all = await withTenant(deps.db, scope.teamId, (tx) => allFeatureViews(tx, scope));
  const views = { definitions: versionedViews(all), bindings: pinBindings(serving.features, pinned, all) };
  const set = await trainingSet(deps, scope, {
    ...{ spec: { ...spec, features: serving.features }, pinned },
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

/** A version's features, bound to the views it was trained with. */
interface ServedViews {
  definitions: readonly FeatureViewDefinition[];
  bindings: readonly FeatureBinding[];
}

function featureColumns(
  serving: ServingSpec,
  { definitions, bindings }: ServedViews,
  values: readonly Float32Array[],
  blocks: readonly DayBlock[],
): BlockedColumn[] {
  const columns = new Map<string, BlockedColumn>();
  serving.features.forEach((binding, j) => {
    const found = findFeature(definitions, bindings[j] as FeatureBinding);
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
  { definitions, bindings }: ServedViews,
): Promise<BlockedColumn[]> {
  const needed = neededColumns(definitions, bindings).filter(({ type }) => type !== "time");
  if (needed.length === 0) return [];
  const names = needed.map(({ name }) => name);
  const { relation, units } = await history(deps, scope, query, names);
  const time = timeSql(identifier(query.spec.rowTime));
  const table = await deps.duck.read(`
    SELECT ${time} AS row_time, ${needed.map(({ name, type }, j) => `${castSql(name, type)} AS c${j}`).join(", ")}
    FROM ${relation} WHERE ${time} IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY ${time} // ${DAY_MS} ORDER BY hash(${time}, ${names.map(identifier).join(", ")}))
      <= ${MOST_BLOCK_ROWS} ORDER BY row_time`);
  const blocks = dayBlocks(table.numbers("row_time"));
  return needed.map(({ name, type }, j) => ({
    ...{ column: name, role: "request" as const, unit: units[name] ?? null },
    kind: type === "number" ? ("numeric" as const) : ("categorical" as const),
    blocks: blocks.map((block) => blockOf(table, `c${j}`, type === "number", block)),
  }));
}

const castSql = (name: string, type: string) =>
  type === "number" ? numberSql(identifier(name)) : `CAST(${identifier(name)} AS VARCHAR)`;

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
  const dataset = version?.digest ? await parquet(deps, [version.digest]) : null;
  const streamFrom = (await firstStreamed(deps, scope, spec.source, spec.knownAt, dataset)) ?? Number.MAX_SAFE_INTEGER;
  const columns = [...new Set([spec.rowTime, spec.knownAt, ...names])];
  const stream = await sourceRows(deps, scope, {
    ...{ source: spec.source, column: spec.knownAt, from: from + 1, to: to + 1 },
    columns: Object.fromEntries(columns.map((name) => [name, ""])),
  });
  const list = columns.map(identifier).join(", ");
  const rules = await conversionRules(deps, scope, { source: spec.source });
  const own = converted(`(SELECT ${list} FROM ${stream})`, rules, timeSql(identifier(spec.rowTime)), names);
  const known = timeSql(identifier(spec.knownAt));
  const before = dataset
    ? `SELECT ${list} FROM ${dataset}
        WHERE ${known} > ${literal(from)} AND ${known} <= ${literal(to)} AND ${known} < ${literal(streamFrom)} UNION ALL BY NAME `
    : "";
  return { relation: `(${before}SELECT * FROM ${own})`, units: unitsOf(version) };
}

/** The contract's units hold for every version; for a column it names none of, what the version itself declares. */
function unitsOf(version: DatasetVersion | null): Record<string, string> {
  const held = version?.contract?.columns.flatMap(({ name, unit }) => (unit === null ? [] : [[name, unit]])) ?? [];
  return { ...version?.declaredUnits, ...Object.fromEntries(held) };
}

async function newestVersion(tx: Tx, scope: Scope, datasetName: string) {
  const dataset = await getDataset(tx, scope, datasetName);
  const [newest] = await acceptedVersions(tx, scope, dataset.id);
  return newest ?? null;
}
