import type { Scope } from "@ballast/core";
import { metricSeries, runs, type Tx } from "@ballast/db";
import { completionOptions, completionPlace, type KnownKeys, RUN_VOCABULARY } from "@ballast/db/search";
import { type SQL, sql } from "drizzle-orm";
import { and, oneOf } from "./search-runs.ts";

/** A key and how many runs have it. */
export interface KeyCount {
  key: string;
  runs: number;
}
export interface RunColumns {
  params: KeyCount[];
  metrics: KeyCount[];
  tags: KeyCount[];
}

/** Keys of one kind that are listed, at most: more columns than anyone can choose from. */
const MOST_KEYS = 2_000;
const MOST_VALUES = 20;

/** Which params, metrics and tags the active runs of some experiments (of all where left out) have, most common first. */
export async function runColumns(tx: Tx, scope: Scope, experimentIds?: readonly string[]): Promise<RunColumns> {
  const [params, metrics, tags] = await Promise.all([
    jsonKeys(tx, sql`${runs.params}`, scope, experimentIds),
    counted(
      tx,
      sql`select ${metricSeries.key} as key from ${metricSeries} join ${runs} on ${runs.teamId} = ${metricSeries.teamId}
        and ${runs.id} = ${metricSeries.runId}
        where ${metricSeries.teamId} = ${scope.teamId} and ${metricSeries.projectId} = ${scope.projectId}
        and ${active(scope, experimentIds)}`,
    ),
    jsonKeys(tx, sql`${runs.tags}`, scope, experimentIds),
  ]);
  return { params, metrics, tags };
}

function jsonKeys(tx: Tx, column: SQL, scope: Scope, experimentIds?: readonly string[]): Promise<KeyCount[]> {
  return counted(
    tx,
    sql`select jsonb_object_keys(${column}) as key from ${runs} where ${active(scope, experimentIds)}`,
  );
}

async function counted(tx: Tx, keys: SQL): Promise<KeyCount[]> {
  const rows = await tx.execute<{ key: string; n: string }>(
    sql`select key, count(*) as n from (${keys}) k group by key order by n desc, key limit ${MOST_KEYS}`,
  );
  return rows.map(({ key, n }) => ({ key, runs: Number(n) }));
}

const active = (scope: Scope, experimentIds?: readonly string[]): SQL =>
  and([
    sql`${runs.teamId} = ${scope.teamId}`,
    sql`${runs.projectId} = ${scope.projectId}`,
    oneOf(sql`${runs.experimentId}`, experimentIds),
    sql`${runs.deletedAt} is null`,
  ]);

export interface Completion {
  /** An option replaces [from, to) of the filter. */
  from: number;
  to: number;
  /** Likeliest first. */
  options: string[];
}

/** What could stand at `position` of a filter of runs: columns and values that are there. */
export async function completeFilter(
  tx: Tx,
  scope: Scope,
  input: { experimentIds?: readonly string[] | undefined; filter: string; position: number },
): Promise<Completion> {
  const place = completionPlace(input.filter, input.position, RUN_VOCABULARY);
  if (!place) return { from: input.position, to: input.position, options: [] };
  const { expectation } = place;
  const keys = expectation.kind === "column" ? await knownKeys(tx, scope, input.experimentIds) : {};
  const values = expectation.kind === "value" ? await knownValues(tx, scope, expectation, input.experimentIds) : [];
  return { from: place.from, to: place.to, options: completionOptions(place, RUN_VOCABULARY, keys, values) };
}

async function knownKeys(tx: Tx, scope: Scope, experimentIds?: readonly string[]): Promise<KnownKeys> {
  const { params, metrics, tags } = await runColumns(tx, scope, experimentIds);
  const keys = (counts: KeyCount[]) => counts.map(({ key }) => key);
  return { metric: keys(metrics), param: keys(params), tag: keys(tags) };
}

async function knownValues(
  tx: Tx,
  scope: Scope,
  { family, key }: { family: string; key: string },
  experimentIds?: readonly string[],
): Promise<string[]> {
  const attributes: Record<string, SQL> = { run_name: sql`${runs.name}`, user_id: sql`${runs.createdBy}` };
  const column = { param: sql`${runs.params} ->> ${key}::text`, tag: sql`${runs.tags} ->> ${key}::text` }[family];
  const value = column ?? attributes[key];
  if (!value) return [];
  const rows = await tx.execute<{ value: string | null }>(sql`
    select value from (select ${value} as value from ${runs} where ${active(scope, experimentIds)}) v
    where length(value) <= 200 group by value order by count(*) desc, value limit ${MOST_VALUES}`);
  return rows.flatMap(({ value: one }) => (one === null ? [] : one));
}
