import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import { type ConversionRule, rulesByColumn } from "@ballast/datasets";
import { conversionRules, converted, identifier, numberSql, sourceRows, timeSql } from "@ballast/datasets/server";
import type { MonitoringDeps } from "./deps.ts";
import { locateOnset } from "./unit-onset.ts";

/** A push source whose rows train the deployment's models, with the times of its rows. */
export interface WatchedSource {
  name: string;
  /** When a row's label was known, and the row's own time. */
  column: string;
  rowTime: string;
}

/** A column as it is watched in a source. */
export interface SourceColumn {
  column: string;
  /** In the declared unit, ascending. */
  reference: Float64Array;
}

/** What arrives × factor + offset is in the declared unit. */
export type Linear = Pick<ConversionRule, "factor" | "offset">;
export const UNCHANGED: Linear = { factor: 1, offset: 0 };

/** Fewer rows say nothing about a source. */
const LEAST_ROWS = 100;
/** Newest rows that are looked at. */
const MOST_ROWS = 200_000;
/** Of log-likelihood, nats: rows that only look like it by chance come to a few. */
const LEAST_GAIN = 20;
/** Share of a source's rows of the first day of a change of the requests that must show it, for it to be the same change. */
const SAME_CHANGE = 0.9;

/** The conversion in force at the end of a range. */
export function activeRule(rules: readonly ConversionRule[], column: string, to: EpochMs): ConversionRule | null {
  return (
    rulesByColumn(rules)
      .get(column)
      ?.find((rule) => rule.from < to) ?? null
  );
}

/**
 * Sources whose rows of the first day since `since` show what the requests show: that they need the conversion `wanted`. One that
 * changed later is left out: the conversion would spoil its rows from before.
 */
export async function sourcesThatShow(
  deps: MonitoringDeps,
  scope: Scope,
  sources: readonly WatchedSource[],
  watched: SourceColumn,
  { since, to, wanted }: { since: EpochMs; to: EpochMs; wanted: Linear },
): Promise<string[]> {
  const shown: string[] = [];
  for (const source of sources) {
    const rules = await conversionRules(deps, scope, { source: source.name });
    const range = { from: since, to: Math.min(to, since + DAY_MS) };
    const found = await onsetIn(deps, scope, source, watched, rules, range, wanted);
    if (found !== null && found.rows >= SAME_CHANGE * found.of) shown.push(source.name);
  }
  return shown;
}

/**
 * Since when a source's rows need the conversion `wanted` rather than the one they have. Looked for in a window and the day before
 * it; where all of that shows it, further back, to where either conversion began. Null where the window does not show it.
 */
export async function sourceOnset(
  deps: MonitoringDeps,
  scope: Scope,
  source: WatchedSource,
  watched: SourceColumn,
  window: { from: EpochMs; to: EpochMs },
  wanted: Linear & { from?: EpochMs },
): Promise<{ from: EpochMs; rows: number } | null> {
  const rules = await conversionRules(deps, scope, { source: source.name });
  const began = activeRule(rules, watched.column, window.to)?.from ?? wanted.from ?? window.from;
  for (let days = 1; ; days *= 4) {
    const from = window.from - days * DAY_MS;
    const found = await onsetIn(
      deps,
      scope,
      source,
      watched,
      rules,
      { from: Math.max(from, began), to: window.to },
      wanted,
    );
    if (found === null || found.rows < found.of || from <= began) return found;
  }
}

async function onsetIn(
  deps: MonitoringDeps,
  scope: Scope,
  source: WatchedSource,
  { column, reference }: SourceColumn,
  rules: readonly ConversionRule[],
  range: { from: EpochMs; to: EpochMs },
  wanted: Linear,
): Promise<{ from: EpochMs; rows: number; of: number } | null> {
  const own = activeRule(rules, column, range.to) ?? UNCHANGED;
  // What turns the rows at hand, converted as they are, into what `wanted` would make of them.
  const factor = wanted.factor / own.factor;
  const offset = wanted.offset - own.offset * factor;
  if (factor === 1 && offset === 0) return null;
  const time = identifier(source.rowTime);
  const relation = await sourceRows(deps, scope, {
    ...{ ...range, source: source.name, column: source.rowTime, columns: { [column]: "" } },
  });
  const rows = await deps.duck.read(`SELECT ${timeSql(time)} AS t, ${numberSql(identifier(column))} AS value
    FROM ${converted(relation, rules, time, [column])} WHERE value IS NOT NULL ORDER BY t DESC LIMIT ${MOST_ROWS}`);
  if (rows.rows < LEAST_ROWS) return null;
  const [t, values] = [rows.numbers("t").reverse(), rows.numbers("value").reverse()];
  const onset = locateOnset({ t, values, reference, factor, offset });
  if (onset === null || onset.rows < LEAST_ROWS || onset.gain < LEAST_GAIN) return null;
  return { from: onset.from, rows: onset.rows, of: rows.rows };
}
