import { AppError, type EpochMs, type Scope } from "@ballast/core";
import {
  acceptedVersions,
  conversionRules,
  type DatasetVersion,
  type DuckSession,
  firstStreamed,
  getDataset,
  identifier,
  type LogDeps,
  numberSql,
  parquet,
  sourceRows,
  timeSql,
} from "@ballast/datasets/server";
import { type FeatureViewDefinition, type PipelineSpec, withTenant } from "@ballast/db";
import { neededColumns } from "./bindings.ts";
import { allFeatureViews, type FeatureView } from "./feature-views.ts";
import { offlineFeatures } from "./offline-features.ts";
import { sharesOf, sourceColumns, sourceRanges } from "./source-ranges.ts";
import { pinBindings, versionedName, versionedViews } from "./versioned-views.ts";

/** Rows that must not be trained on: what an open unit incident is about. */
export interface BlockedRange {
  incidentId: string;
  title: string;
  /** Event times of rows, end exclusive; null while it lasts. */
  from: EpochMs;
  to: EpochMs | null;
}

export interface TrainingSetRequest {
  spec: Pick<PipelineSpec, "dataset" | "source" | "label" | "rowTime" | "knownAt" | "features">;
  /** Version of the feature views to read, by name; the newest of those left out. */
  pinned?: Readonly<Record<string, number>>;
  /** Rows whose label was known in (from, to], epoch ms. */
  from: EpochMs;
  to: EpochMs;
  /** Nothing that was known later is read; the project's watermark, usually. */
  asOf: EpochMs;
  blockedRanges: readonly BlockedRange[];
}

/** Rows in the order of their time; the first four members are a trainer's `TrainingTable`. */
export interface TrainingSet {
  rows: number;
  /** Inputs as the model will know them. */
  featureNames: string[];
  /** `features[j][i]`: feature j of row i as it would have been served, NaN for missing. */
  features: Float32Array[];
  label: Float32Array;
  /** Row times, epoch ms, ascending. */
  times: Float64Array;
  /** When each row's label was known, epoch ms. */
  known: Float64Array;
  /** First and last row time; null without rows. */
  range: { from: EpochMs; to: EpochMs } | null;
  /** Where the rows came from. */
  origin: { datasetRows: number; streamRows: number };
  datasetVersions: { id: string; label: string }[];
  featureViews: { id: string; name: string; version: number }[];
}

/**
 * The point-in-time training set of a pipeline: every row of its history whose label was known in (from, to], with the
 * features it would have been served at its own time, conversions applied to streamed rows. History is the dataset's
 * newest accepted version up to the stream's first row, and the stream from there on.
 *
 * Throws `not_found` for an unknown dataset or feature, `precondition_failed` when no version is accepted or an open
 * incident covers rows asked for (naming it), `unprocessable` when a column is absent.
 */
export async function trainingSet(deps: LogDeps, scope: Scope, asked: TrainingSetRequest): Promise<TrainingSet> {
  const [version, views] = await withTenant(deps.db, scope.teamId, async (tx) => {
    const dataset = await getDataset(tx, scope, asked.spec.dataset);
    const [newest] = await acceptedVersions(tx, scope, dataset.id);
    return [newest, await allFeatureViews(tx, scope)] as const;
  });
  const spec = { ...asked.spec, features: pinBindings(asked.spec.features, asked.pinned ?? {}, views) };
  const request = { ...asked, spec };
  if (version?.digest == null)
    throw new AppError("precondition_failed", `Dataset "${spec.dataset}" has no accepted version to train on.`);
  const definitions = versionedViews(views);
  const history = await openHistory(deps, scope, request, version, definitions);
  return deps.duck.session(async (session) => {
    const origin = await selectRows(session, history, request);
    const features = await computeFeatures(deps, scope, session, history, request, definitions);
    const [time, known, label] = [spec.rowTime, spec.knownAt, spec.label].map(identifier);
    const table = await session.read(
      `SELECT ${time} AS row_time, ${known} AS known, ${label}::FLOAT AS label FROM asked ORDER BY row_id`,
    );
    const times = table.numbers("row_time");
    const rows = table.rows;
    return {
      rows,
      featureNames: spec.features.map((feature) => feature.input),
      features,
      label: table.floats("label"),
      times,
      known: table.numbers("known"),
      range: rows === 0 ? null : { from: times[0] as number, to: times[rows - 1] as number },
      origin,
      datasetVersions: origin.datasetRows > 0 ? [{ id: version.id, label: `${spec.dataset} v${version.version}` }] : [],
      featureViews: usedViews(views, request),
    };
  });
}

function usedViews(views: readonly FeatureView[], request: TrainingSetRequest): TrainingSet["featureViews"] {
  const names = new Set(request.spec.features.map((feature) => feature.view));
  return views.filter((view) => names.has(versionedName(view))).map(({ id, name, version }) => ({ id, name, version }));
}

interface History {
  /** SQL relation of rows known in [from, to), streamed ones marked by `streamed`. */
  known(from: EpochMs, to: EpochMs): Promise<string>;
  columns: string[];
}

/** The dataset's rows from before the stream, then the stream's. */
async function openHistory(
  deps: LogDeps,
  scope: Scope,
  { spec, asOf }: TrainingSetRequest,
  version: DatasetVersion,
  views: readonly FeatureViewDefinition[],
): Promise<History> {
  const shares = sharesOf(views, spec.features).filter((view) => view.source === spec.source);
  const columns = new Set([spec.label, spec.rowTime, spec.knownAt]);
  for (const column of neededColumns(views, spec.features)) columns.add(column.name);
  for (const view of shares) for (const column of Object.keys(sourceColumns(view))) columns.add(column);
  const dataset = await parquet(deps, [version.digest as string]);
  await checkColumns(deps, dataset, [...columns], `${spec.dataset} v${version.version}`);
  const streamFrom = (await firstStreamed(deps, scope, spec.source, spec.knownAt, dataset)) ?? Number.MAX_SAFE_INTEGER;
  const knownAt = identifier(spec.knownAt);
  const list = [...columns].map((column) => typedColumn(spec, column)).join(", ");
  return {
    columns: [...columns],
    async known(from, to) {
      const end = Math.min(to, asOf + 1);
      const stream = await sourceRows(deps, scope, {
        source: spec.source,
        column: spec.knownAt,
        from,
        to: end,
        columns: Object.fromEntries([...columns].map((column) => [column, ""])),
      });
      return `(SELECT ${list}, false AS streamed FROM ${dataset}
          WHERE ${timeSql(knownAt)} >= ${from} AND ${timeSql(knownAt)} < ${Math.min(end, streamFrom)}
        UNION ALL BY NAME SELECT ${list}, true AS streamed FROM ${stream})`;
    },
  };
}

/** A column under its name, of the type that it is read as: pushed rows may hold anything, and one text makes a column text. */
function typedColumn({ rowTime, knownAt, label }: TrainingSetRequest["spec"], column: string): string {
  const name = identifier(column);
  if (column === rowTime || column === knownAt) return `${timeSql(name)} AS ${name}`;
  return column === label ? `${numberSql(name)} AS ${name}` : name;
}

async function checkColumns(deps: LogDeps, relation: string, columns: readonly string[], label: string): Promise<void> {
  const found = await deps.duck.all<{ column_name: string }>(`DESCRIBE SELECT * FROM ${relation}`);
  const names = new Set(found.map((column) => column.column_name));
  const absent = columns.filter((column) => !names.has(column));
  if (absent.length > 0)
    throw new AppError(
      "unprocessable",
      `${label} has no column ${absent.map((name) => `"${name}"`).join(", ")}; it has ${[...names].join(", ")}.`,
    );
}

/** View `asked`: the rows to train on, numbered by their time. Refuses rows that an incident is about. */
async function selectRows(
  session: DuckSession,
  history: History,
  { spec, from, to, blockedRanges }: TrainingSetRequest,
): Promise<TrainingSet["origin"]> {
  const relation = await history.known(from + 1, to + 1);
  const rowTime = identifier(spec.rowTime);
  const label = identifier(spec.label);
  // Rows that are equal in every column are interchangeable; all others get the same number every time.
  const order = [rowTime, identifier(spec.knownAt), ...history.columns.map(identifier)].join(", ");
  // A table keeps the order of its insertion: numbering by a window function would sort three times as long.
  await session.run(`CREATE TEMP TABLE ordered AS FROM ${relation}
    WHERE ${rowTime} IS NOT NULL AND ${label} IS NOT NULL ORDER BY ${order}`);
  await session.run("CREATE TEMP VIEW asked AS SELECT rowid AS row_id, * FROM ordered");
  const [counts] = await session.all<{ n: number; streamed: number }>(
    "SELECT count(*) AS n, count(*) FILTER (streamed) AS streamed FROM asked",
  );
  const { n = 0, streamed = 0 } = counts ?? {};
  for (const range of blockedRanges) {
    const end = range.to === null ? "" : ` AND ${rowTime} < ${range.to}`;
    const [blocked] = await session.all<{ n: number }>(
      `SELECT count(*) AS n FROM asked WHERE streamed AND ${rowTime} >= ${range.from}${end}`,
    );
    const rows = blocked?.n ?? 0;
    if (rows > 0)
      throw new AppError(
        "precondition_failed",
        `${rows.toLocaleString("en-US")} of ${n.toLocaleString("en-US")} training rows are in doubt: open incident ` +
          `"${range.title}" (${range.incidentId}), since ${new Date(range.from).toISOString()}. ` +
          "Accept its conversion or dismiss it, then train again.",
        { details: { incidentId: range.incidentId, rows, of: n } },
      );
  }
  return { datasetRows: n - streamed, streamRows: streamed };
}

async function computeFeatures(
  deps: LogDeps,
  scope: Scope,
  session: DuckSession,
  history: History,
  { spec, asOf }: TrainingSetRequest,
  views: readonly FeatureViewDefinition[],
): Promise<Float32Array[]> {
  const sources = new Map<string, string>();
  for (const range of await sourceRanges(session, "asked", "", views, spec.features)) {
    const own = range.source === spec.source && range.knownAt === spec.knownAt;
    const relation = own
      ? await history.known(range.from, range.to)
      : await sourceRows(deps, scope, { ...range, column: range.knownAt, to: Math.min(range.to, asOf + 1) });
    sources.set(`${range.source}/${range.knownAt}`, relation);
  }
  return offlineFeatures(session, views, spec.features, {
    request: "asked",
    source: (name, knownAt) => sources.get(`${name}/${knownAt}`) as string,
    eventTime: `CASE WHEN streamed THEN ${identifier(spec.rowTime)} END`,
    conversions: await conversionRules(deps, scope, { source: spec.source }),
  });
}
