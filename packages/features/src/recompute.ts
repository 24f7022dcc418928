import type { EpochMs, Scope } from "@ballast/core";
import {
  type ColumnTable,
  conversionRules,
  type DuckSession,
  identifier,
  type LogDeps,
  literal,
  rawAnswers,
  sourceRows,
} from "@ballast/datasets/server";
import { type FeatureBinding, type FeatureViewDefinition, isServable, modelVersions, withTenant } from "@ballast/db";
import { and, eq, inArray } from "drizzle-orm";
import { neededColumns } from "./bindings.ts";
import { allFeatureViews } from "./feature-views.ts";
import { offlineFeatures } from "./offline-features.ts";
import { sourceRanges } from "./source-ranges.ts";
import { pinBindings, pinnedViews, versionedViews } from "./versioned-views.ts";

/** A served value that the offline engine does not give. */
export interface Mismatch {
  predictionId: string;
  versionId: string;
  /** Name of the model's input, and `view.feature`. */
  input: string;
  feature: string;
  /** Event time, epoch ms. */
  t: EpochMs;
  /** Null is missing. */
  served: number | null;
  offline: number | null;
}
export interface Recomputation {
  /** Predictions recomputed: all of the window but those whose caller sent the model's own tensor. */
  rowsChecked: number;
  /** Rows with at least one differing float32 bit. */
  mismatches: number;
  examples: Mismatch[];
}

const MOST_EXAMPLES = 20;

/**
 * Recomputes the features of every prediction journalled in [from, to) from the offline tables, with the conversions
 * and view versions each was served with, and compares float32 bits. A repeated answer is checked too: it was served. Reads source rows of
 * the stream only, as serving did. Throws `not_found` when a version reads a feature that no view has.
 */
export async function recomputeServedRows(
  deps: LogDeps,
  scope: Scope,
  window: { deploymentId: string; from: EpochMs; to: EpochMs },
): Promise<Recomputation> {
  const [raw, conversions, definitions] = await Promise.all([
    rawAnswers(deps, scope, window),
    conversionRules(deps, scope, { deployment: window.deploymentId }),
    withTenant(deps.db, scope.teamId, (tx) => allFeatureViews(tx, scope)),
  ]);
  const views = versionedViews(definitions);
  const inWindow = `${raw} WHERE error IS NULL AND t >= ${window.from} AND t < ${window.to}`;
  return deps.duck.session(async (session) => {
    const versions = await session.all<{ version: string }>(
      `SELECT DISTINCT version FROM ${inWindow} ORDER BY version`,
    );
    const models = await modelsOf(
      deps,
      scope,
      versions.map((v) => v.version),
    );
    const served = versions.flatMap(({ version }): ServedVersion[] => {
      const model = models.get(version);
      if (model === undefined || model.features.length === 0) return [];
      return [{ version, names: model.features, bindings: pinBindings(model.features, model.pinned, definitions) }];
    });
    const total: Recomputation = { rowsChecked: 0, mismatches: 0, examples: [] };
    if (served.length === 0) return total;
    // One pass for all versions: they read much the same features, and each pass sorts the sources' rows.
    const features = distinctFeatures(served);
    await prepareRows(session, views, served, { raw, inWindow });
    const sources = new Map<string, string>();
    for (const range of await sourceRanges(session, "asked", "req_", views, features))
      sources.set(
        `${range.source}/${range.knownAt}`,
        await sourceRows(deps, scope, { ...range, column: range.knownAt }),
      );
    const offline = await offlineFeatures(session, views, features, {
      request: "asked",
      prefix: "req_",
      source: (name, knownAt) => sources.get(`${name}/${knownAt}`) as string,
      eventTime: "t",
      conversions,
      revision: "conv",
    });
    await compare(session, served, features, offline, total);
    return total;
  });
}

/** A version that answered in the window, and how its inputs were fed. */
interface ServedVersion {
  version: string;
  /** As declared, and with views by the version it was trained with. */
  names: FeatureBinding[];
  bindings: FeatureBinding[];
}

const sameFeature = (a: FeatureBinding, b: FeatureBinding) => a.view === b.view && a.feature === b.feature;

function distinctFeatures(served: readonly ServedVersion[]): FeatureBinding[] {
  const all = served.flatMap(({ bindings }) => bindings);
  return all.filter((binding, i) => all.findIndex((other) => sameFeature(other, binding)) === i);
}

interface ServedModel {
  features: FeatureBinding[];
  /** Version of each feature view it was trained with, by name. */
  pinned: Record<string, number>;
}

async function modelsOf(deps: LogDeps, scope: Scope, ids: readonly string[]): Promise<Map<string, ServedModel>> {
  if (ids.length === 0) return new Map();
  const { id, serving, lineage, teamId, projectId } = modelVersions;
  const rows = await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .select({ id, serving, lineage })
      .from(modelVersions)
      .where(and(eq(teamId, scope.teamId), eq(projectId, scope.projectId), inArray(id, [...ids]))),
  );
  return new Map(
    rows.filter(isServable).map((row) => [
      row.id,
      {
        features: row.serving.features,
        pinned: pinnedViews(row.lineage),
      },
    ]),
  );
}

/** View `asked`: the rows whose request columns were journalled, version by version, every needed column present. */
async function prepareRows(
  session: DuckSession,
  views: readonly FeatureViewDefinition[],
  served: readonly ServedVersion[],
  { raw, inWindow }: { raw: string; inWindow: string },
): Promise<void> {
  const present = await session.all<{ name: string }>(`SELECT column_name AS name FROM (DESCRIBE FROM ${raw})`);
  const names = new Set(present.map((column) => column.name));
  const needed = served.map(({ bindings }) => neededColumns(views, bindings).map((column) => `req_${column.name}`));
  const columns = [...new Set(needed.flat())].map((name) =>
    names.has(name) ? identifier(name) : `NULL AS ${identifier(name)}`,
  );
  const conditions = served.map(({ version }, i) => {
    const any = (needed[i] ?? []).map((name) => `${identifier(name)} IS NOT NULL`).join(" OR ");
    return `(version = ${literal(version)} AND (${any}))`;
  });
  // A table keeps the order of its insertion.
  await session.run(`CREATE TEMP TABLE ordered AS
    FROM (SELECT ${["id", "t", "version", "conv", "f", ...columns].join(", ")} FROM ${inWindow})
    WHERE ${conditions.join(" OR ")} ORDER BY version, t, id`);
  await session.run("CREATE TEMP VIEW asked AS SELECT rowid AS row_id, * FROM ordered");
}

async function compare(
  session: DuckSession,
  served: readonly ServedVersion[],
  features: readonly FeatureBinding[],
  offline: readonly Float32Array[],
  total: Recomputation,
): Promise<void> {
  const width = Math.max(...served.map(({ bindings }) => bindings.length));
  const given = Array.from({ length: width }, (_, j) => `f[${j + 1}] AS f${j}`);
  // Version by version, as the rows are numbered.
  const table = await session.read(`SELECT id, t, version, ${given.join(", ")} FROM asked ORDER BY row_id`);
  const versions = table.texts("version");
  for (const version of served) {
    const from = versions.indexOf(version.version);
    if (from < 0) continue;
    const rows: [number, number] = [from, versions.lastIndexOf(version.version) + 1];
    compareVersion(table, version, { features, offline }, rows, total);
  }
}

/** Compares the rows [from, to) of a version, bit by bit. */
function compareVersion(
  table: ColumnTable,
  { version, names, bindings }: ServedVersion,
  { features, offline }: { features: readonly FeatureBinding[]; offline: readonly Float32Array[] },
  [from, to]: [number, number],
  total: Recomputation,
): void {
  const differs = new Uint8Array(to - from);
  const ids = table.texts("id");
  const times = table.numbers("t");
  for (const [j, binding] of bindings.entries()) {
    const left = table.floats(`f${j}`);
    const right = offline[features.findIndex((feature) => sameFeature(feature, binding))] as Float32Array;
    const leftBits = new Uint32Array(left.buffer, left.byteOffset, left.length);
    const rightBits = new Uint32Array(right.buffer, right.byteOffset, right.length);
    const name = names[j] as FeatureBinding;
    for (let i = from; i < to; i++) {
      if (leftBits[i] === rightBits[i]) continue;
      differs[i - from] = 1;
      if (total.examples.length >= MOST_EXAMPLES) continue;
      total.examples.push({
        predictionId: ids[i] as string,
        versionId: version,
        input: name.input,
        feature: `${name.view}.${name.feature}`,
        t: times[i] as number,
        served: missing(left[i] as number),
        offline: missing(right[i] as number),
      });
    }
  }
  total.rowsChecked += to - from;
  for (const flag of differs) total.mismatches += flag;
}

function missing(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
