import type { EpochMs, Scope } from "@ballast/core";
import { conversions, type FeatureBinding, isServable, modelVersions, withTenant } from "@ballast/db";
import { and, eq, inArray } from "drizzle-orm";
import { type ConversionReader, type ConversionRule, rulesFor } from "../conversions.ts";
import type { Column } from "../duck/columns.ts";
import type { DuckSession } from "../duck/duck.ts";
import { identifier, numberSql } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import { answers, converted } from "./log-relation.ts";

/** What callers asked and were answered in a window, in event-time order; every array has `rows` values. */
export interface WindowRows {
  rows: number;
  id: string[];
  /** Event time, epoch ms. */
  t: Float64Array;
  version: string[];
  /** The prediction. */
  y: Float64Array;
  /** Time in the gateway, microseconds. */
  latencyUs: Float64Array;
  /** Request columns as received, or in declared units. */
  request: Record<string, Column>;
  /**
   * Served features by `view.feature`: values of those rows whose version reads the feature, NaN where missing. `index`
   * says which rows these are.
   */
  features: Record<string, { values: Float32Array; index: Uint32Array }>;
}

export interface WindowRowsOptions {
  /** Request columns in their declared units, by the conversions accepted so far; else as received. Default true. */
  convert?: boolean;
  /** Request columns that are numbers, whatever else was sent under their name to a version that reads none; NaN for that. */
  numbers?: readonly string[];
  /** Leaves features out. */
  requestOnly?: boolean;
}

/** The predictions of [from, to) with request columns and served features. */
export async function windowRows(
  deps: LogDeps,
  scope: Scope,
  deploymentId: string,
  from: EpochMs,
  to: EpochMs,
  options: WindowRowsOptions = {},
): Promise<WindowRows> {
  const relation = await answers(deps, scope, { deploymentId, from, to });
  const rules = options.convert === false ? [] : await conversionRules(deps, scope, { deployment: deploymentId });
  return deps.duck.session(async (session) => {
    const shape = await session.all<{ name: string }>(`SELECT column_name AS name FROM (DESCRIBE FROM ${relation})`);
    const names = shape.flatMap(({ name }) => (name.startsWith("req_") ? [name.slice(4)] : []));
    const width = options.requestOnly ? 0 : await widthOf(session, relation);
    const wanted = names.map((name) => {
      const column = identifier(`req_${name}`);
      return options.numbers?.includes(name) ? `${numberSql(column)} AS ${column}` : column;
    });
    for (let j = 1; j <= width; j++) wanted.push(`f[${j}] AS f${j}`);
    const source = converted(relation, rules, "t", names, "req_");
    const table = await session.read(
      `SELECT ${["id", "t", "version", "y", "latency_us", ...wanted].join(", ")} FROM ${source} ORDER BY t, id`,
    );
    const version = table.texts("version") as string[];
    const bindings = options.requestOnly ? new Map() : await bindingsOf(deps, scope, [...new Set(version)]);
    const served = Array.from({ length: width }, (_, j) => table.floats(`f${j + 1}`));
    return {
      rows: table.rows,
      id: table.texts("id") as string[],
      t: table.numbers("t"),
      version,
      y: table.numbers("y"),
      latencyUs: table.numbers("latency_us"),
      request: Object.fromEntries(names.map((name) => [name, table.column(`req_${name}`)])),
      features: featureColumns(version, served, bindings),
    };
  });
}

/** Conversions accepted of what a reader reads, as rules. */
export async function conversionRules(
  deps: Pick<LogDeps, "db">,
  scope: Scope,
  reader: ConversionReader,
): Promise<ConversionRule[]> {
  const rows = await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .select()
      .from(conversions)
      .where(and(eq(conversions.teamId, scope.teamId), eq(conversions.projectId, scope.projectId))),
  );
  const rules = rows.map(({ revision, column, factor, offset, from, receivedUnit, appliesTo }) => ({
    ...{ revision, column, factor, offset, from: +from, receivedUnit, appliesTo },
  }));
  return rulesFor(rules, reader);
}

/** Values of the longest feature vector. */
async function widthOf(session: DuckSession, relation: string): Promise<number> {
  const [most] = await session.all<{ width: number | null }>(`SELECT max(len(f)) AS width FROM ${relation}`);
  return most?.width ?? 0;
}

/** How each model version's inputs are fed, in order. */
export async function bindingsOf(
  deps: Pick<LogDeps, "db">,
  scope: Scope,
  versionIds: readonly string[],
): Promise<Map<string, FeatureBinding[]>> {
  if (versionIds.length === 0) return new Map();
  const rows = await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .select({ id: modelVersions.id, serving: modelVersions.serving })
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.teamId, scope.teamId),
          eq(modelVersions.projectId, scope.projectId),
          inArray(modelVersions.id, [...versionIds]),
        ),
      ),
  );
  return new Map(rows.filter(isServable).map((row) => [row.id, row.serving.features]));
}

/** Regroups served features from positions of each version's vector to `view.feature`. Pure. */
function featureColumns(
  version: readonly string[],
  served: readonly Float32Array[],
  bindings: ReadonlyMap<string, readonly FeatureBinding[]>,
): WindowRows["features"] {
  const names = new Set<string>();
  /** Per version: position of each feature in its vector. A feature that feeds two inputs is taken once. */
  const positions = new Map<string, Map<string, number>>();
  for (const [id, list] of bindings) {
    const own = new Map<string, number>();
    list.forEach(({ view, feature }, j) => {
      const name = `${view}.${feature}`;
      if (!own.has(name)) own.set(name, j);
      names.add(name);
    });
    positions.set(id, own);
  }
  const features: WindowRows["features"] = {};
  for (const name of names) {
    const values = new Float32Array(version.length);
    const index = new Uint32Array(version.length);
    let n = 0;
    version.forEach((id, i) => {
      const position = positions.get(id)?.get(name);
      if (position === undefined) return;
      values[n] = served[position]?.[i] ?? Number.NaN;
      index[n] = i;
      n += 1;
    });
    features[name] = { values: values.slice(0, n), index: index.slice(0, n) };
  }
  return features;
}
