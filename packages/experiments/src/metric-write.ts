import { AppError } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import { type FoldedPoints, foldPoints, type RunPoints, type SeriesChange } from "./metric-fold.ts";
import { bigintArray, float8Array, textArray } from "./pg-arrays.ts";

/**
 * Writes points of any number of a team's runs: a row per series, changed once and in a fixed order, then the points. Repeats
 * change nothing but `received`. The caller has seen to it that the runs are the team's.
 */
export async function writePoints(tx: Tx, teamId: string, runs: readonly RunPoints[]): Promise<void> {
  const { series, points } = foldPoints(runs);
  if (series.length === 0) return;
  const rows = await upsertSeries(tx, teamId, series);
  const { fresh, other } = sortOut(rows, points);
  if (fresh.no.length > 0) await tx.execute(insertPoints(teamId, fresh, sql``));
  if (other.no.length > 0) await tx.execute(insertPoints(teamId, other, sql`on conflict do nothing`));
  await writeModelMetrics(tx, teamId, runs);
}

interface PointColumns {
  /** `metric_series.no`. */
  no: number[];
  step: number[];
  at: number[];
  value: number[];
}

/**
 * Points of a series that continue it, step by step, cannot be there yet: whoever writes to the series holds its row. Looking for each of
 * them would cost a third of the insert; the others are looked for.
 */
function sortOut(rows: readonly SeriesRow[], points: FoldedPoints["points"]): Record<"fresh" | "other", PointColumns> {
  const sorted = { fresh: noPoints(), other: noPoints() };
  const n = points.series.length;
  for (let start = 0, end = 0; start < n; start = end) {
    const { no, stepBefore } = rows[points.series[start] as number] as SeriesRow;
    let newest = stepBefore;
    let continues = true;
    for (end = start; end < n && points.series[end] === points.series[start]; end++) {
      const step = points.step[end] as number;
      continues &&= step > newest;
      newest = step;
    }
    const to = continues ? sorted.fresh : sorted.other;
    for (let i = start; i < end; i++) {
      to.no.push(no);
      to.step.push(points.step[i] as number);
      to.at.push(points.at[i] as number);
      to.value.push(points.value[i] as number);
    }
  }
  return sorted;
}

const noPoints = (): PointColumns => ({ no: [], step: [], at: [], value: [] });

const insertPoints = (teamId: string, { no, step, at, value }: PointColumns, repeated: SQL) => sql`
  insert into metric_points (team_id, series, step, at, value)
  select ${teamId}::text, p.series, p.step, p.at, p.value
  from unnest(${bigintArray(no)}, ${bigintArray(step)}, ${bigintArray(at)}, ${float8Array(value)}) as p(series, step, at, value)
  ${repeated}`;

interface SeriesRow {
  no: number;
  /** Greatest step before this write; -∞ for a series that is new. */
  stepBefore: number;
}

/** The row of each change, in the same order. */
async function upsertSeries(tx: Tx, teamId: string, series: readonly SeriesChange[]): Promise<SeriesRow[]> {
  const rows = await tx.execute<{ no: string; run: string; key: string; before: string | null }>(sql`
    insert into metric_series as s
      (team_id, project_id, run_id, key, last_step, last_at, last, least, greatest, first_step, received)
    select ${teamId}::text, u.* from unnest(
      ${textArray(series.map((s) => s.projectId))}, ${textArray(series.map((s) => s.runId))},
      ${textArray(series.map((s) => s.key))}, ${bigintArray(series.map((s) => s.lastStep))},
      ${bigintArray(series.map((s) => s.lastAt))}, ${float8Array(series.map((s) => s.last))},
      ${float8Array(series.map((s) => s.least))}, ${float8Array(series.map((s) => s.greatest))},
      ${bigintArray(series.map((s) => s.firstStep))}, ${bigintArray(series.map((s) => s.received))}) u
    on conflict (team_id, project_id, run_id, key) do update set
      step_before = s.last_step,
      last_step = case when ${LATER} then excluded.last_step else s.last_step end,
      last_at = case when ${LATER} then excluded.last_at else s.last_at end,
      last = case when ${LATER} then excluded.last else s.last end,
      least = least(s.least, excluded.least),
      greatest = greatest(s.greatest, excluded.greatest),
      first_step = least(s.first_step, excluded.first_step),
      received = s.received + excluded.received,
      late = s.late or coalesce(excluded.first_step <= s.built_step, false)
    returning no, run_id as run, key, step_before as before`);
  const byKey = new Map(rows.map((row) => [`${row.run} ${row.key}`, row]));
  return series.map((s) => {
    const row = byKey.get(`${s.runId} ${s.key}`);
    if (!row) throw new AppError("internal", `series ${s.runId} ${s.key} was written and not returned`);
    return { no: Number(row.no), stepBefore: row.before === null ? Number.NEGATIVE_INFINITY : Number(row.before) };
  });
}

/** PostgreSQL puts NaN above every number; the order of points puts it below. */
const LATER = sql.raw(`(excluded.last_step, excluded.last_at, coalesce(nullif(excluded.last, 'NaN'), '-Infinity'))
  > (s.last_step, s.last_at, coalesce(nullif(s.last, 'NaN'), '-Infinity'))`);

/** The newest value of each metric that names a logged model. */
async function writeModelMetrics(tx: Tx, teamId: string, runs: readonly RunPoints[]): Promise<void> {
  const rows = newestOfModels(runs);
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into logged_model_metrics as m
      (team_id, project_id, model_id, run_id, key, dataset_name, dataset_digest, step, at, value)
    select ${teamId}::text, u.* from unnest(
      ${textArray(rows.map((r) => r.projectId))}, ${textArray(rows.map((r) => r.modelId))},
      ${textArray(rows.map((r) => r.runId))}, ${textArray(rows.map((r) => r.key))},
      ${textArray(rows.map((r) => r.name))}, ${textArray(rows.map((r) => r.digest))},
      ${bigintArray(rows.map((r) => r.step))}, ${bigintArray(rows.map((r) => r.at))},
      ${float8Array(rows.map((r) => r.value))}) u
    on conflict (team_id, project_id, model_id, key, dataset_name, dataset_digest, run_id) do update set
      step = excluded.step, at = excluded.at, value = excluded.value
    where (excluded.step, excluded.at) >= (m.step, m.at)`);
}

interface ModelMetric {
  projectId: string;
  runId: string;
  modelId: string;
  key: string;
  name: string;
  digest: string;
  step: number;
  at: number;
  value: number;
}

function newestOfModels(runs: readonly RunPoints[]): ModelMetric[] {
  const newest = new Map<string, ModelMetric>();
  for (const { projectId, runId, metrics } of runs) {
    for (const { key, value, at, step, modelId, datasetName: name = "", datasetDigest: digest = "" } of metrics) {
      if (modelId === undefined) continue;
      const id = JSON.stringify([modelId, key, name, digest, runId]);
      const held = newest.get(id);
      if (held && (held.step > step || (held.step === step && held.at > at))) continue;
      newest.set(id, { projectId, runId, modelId, key, name, digest, step, at, value });
    }
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
