import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import { literal } from "../duck/sql-text.ts";
import type { LogDeps } from "./compact-segment.ts";
import { logFiles, shared } from "./log-files.ts";
import { answers, outcomes, shadows } from "./log-relation.ts";

/**
 * A day's labels are what is known one day after its end, however much later it is asked: so a verdict does not depend
 * on how fast anything ran.
 */
export const MATURITY_MS = DAY_MS;

/** Rows of one event day that both versions scored and whose label is known, in event-time order. */
export interface PairedRows {
  rows: number;
  /** Event times, epoch ms. */
  t: Float64Array;
  /** Predictions of a and of b, and the label. */
  a: Float64Array;
  b: Float64Array;
  y: Float64Array;
}

/** A version's predictions of one event day with their labels, in event-time order. */
export interface LabelledRows {
  rows: number;
  t: Float64Array;
  p: Float64Array;
  y: Float64Array;
  /** 1 where the version answered the caller, 0 where it scored a copy. */
  served: Float64Array;
}

/**
 * Every prediction of the UTC day that begins at `day`, scored by version `a` and by version `b` (as the answer or in
 * shadow), whose outcome was known a day after the day's end.
 */
export async function maturedPairs(
  deps: LogDeps,
  scope: Scope,
  deploymentId: string,
  day: EpochMs,
  versions: { a: string; b: string },
): Promise<PairedRows> {
  const scores = await scoresWithLabels(deps, scope, deploymentId, day);
  const table = await deps.duck.read(`
    SELECT any_value(t) AS t, any_value(label) AS y,
      any_value(p) FILTER (version = ${literal(versions.a)}) AS a,
      any_value(p) FILTER (version = ${literal(versions.b)}) AS b
    FROM ${scores} WHERE version IN (${literal(versions.a)}, ${literal(versions.b)})
    GROUP BY id HAVING a IS NOT NULL AND b IS NOT NULL ORDER BY t, id`);
  return {
    rows: table.rows,
    t: table.numbers("t"),
    a: table.numbers("a"),
    b: table.numbers("b"),
    y: table.numbers("y"),
  };
}

/** Predictions with labels of the UTC day that begins at `day`, by model version. Labels as in {@link maturedPairs}. */
export async function scoredWithLabels(
  deps: LogDeps,
  scope: Scope,
  deploymentId: string,
  day: EpochMs,
): Promise<Record<string, LabelledRows>> {
  const scores = await scoresWithLabels(deps, scope, deploymentId, day);
  const table = await deps.duck.read(`SELECT version, t, p, label AS y, served FROM ${scores} ORDER BY version, t, id`);
  const version = table.texts("version");
  const result: Record<string, LabelledRows> = {};
  for (let from = 0; from < table.rows; ) {
    let to = from + 1;
    while (to < table.rows && version[to] === version[from]) to++;
    const part = (name: string) => table.numbers(name).slice(from, to);
    result[version[from] as string] = {
      rows: to - from,
      t: part("t"),
      p: part("p"),
      y: part("y"),
      served: part("served"),
    };
    from = to;
  }
  return result;
}

/** Relation (id, t, version, p, served, label): one row per prediction and version that scored it. */
async function scoresWithLabels(deps: LogDeps, scope: Scope, deploymentId: string, day: EpochMs): Promise<string> {
  const query = { deploymentId, from: day, to: day + DAY_MS };
  const [answered, copies, labels] = await Promise.all([
    answers(deps, scope, query),
    shadows(deps, scope, query),
    // A label is never older than its prediction, save for clocks that disagree.
    outcomes(deps, scope, { from: day - DAY_MS, to: day + DAY_MS + MATURITY_MS + 1 }),
  ]);
  const files = await logFiles(deps, scope, "predictions", query);
  const scores = `(WITH answered AS MATERIALIZED (SELECT id, t, version, y FROM ${answered}),
    scored AS (
      SELECT id, t, version, y AS p, 1 AS served FROM answered
      UNION ALL
      SELECT s.id, a.t, s.version, s.y, 0 FROM ${copies} s JOIN answered a ON a.id = s.id AND a.version <> s.version)
    SELECT scored.*, o.label FROM scored JOIN ${labels} o ON o.id = scored.id)`;
  return shared(deps, scores, files);
}
