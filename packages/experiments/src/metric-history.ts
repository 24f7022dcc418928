import { notFound, type Scope } from "@ballast/core";
import { metricPoints, metricSeries, runs, type Tx } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import { textArray } from "./pg-arrays.ts";

export interface HistoryPoint {
  /** Epoch ms. */
  at: number;
  step: number;
  value: number;
}

export interface HistoryPage {
  points: HistoryPoint[];
  /** The last point, to be sent as `after` for the next page; null on the last. */
  next: HistoryPoint | null;
}

/**
 * The points of a metric of a run by time, step and value, a page of them: MLflow's order. NaN is above every number here.
 * @returns no points for a metric that was never logged
 * @throws AppError `not_found` for a run that is not the project's
 */
export async function metricHistory(
  tx: Tx,
  scope: Scope,
  input: { runId: string; key: string; limit: number; after?: HistoryPoint | null },
): Promise<HistoryPage> {
  const { runId, key, limit, after } = input;
  await refuseForeignRun(tx, scope, runId);
  const behind = after
    ? sql`and (p.at, p.step, p.value) > (${after.at}::bigint, ${after.step}::bigint, ${String(after.value)}::float8)`
    : sql``;
  const rows = await tx.execute<{ at: string; step: string; value: number }>(sql`
    select p.at, p.step, p.value from ${metricPoints} p
    where p.team_id = ${scope.teamId} and p.series = (
      select s.no from ${metricSeries} s where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId}
      and s.run_id = ${runId} and s.key = ${key}) ${behind}
    order by p.at, p.step, p.value limit ${limit + 1}`);
  const points = rows.slice(0, limit).map(numbers);
  return { points, next: rows.length > limit ? (points.at(-1) ?? null) : null };
}

const numbers = ({ at, step, value }: { at: string; step: string; value: number }): HistoryPoint => ({
  at: Number(at),
  step: Number(step),
  value: Number(value),
});

async function refuseForeignRun(tx: Tx, scope: Scope, runId: string): Promise<void> {
  const [run] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, runId)));
  if (!run) throw notFound("Run", runId);
}

/**
 * The points of one metric of many runs, by run, time, step and value, `limit` of them in all. Runs that are not the project's
 * have no points.
 */
export async function metricHistories(
  tx: Tx,
  scope: Scope,
  input: { runIds: readonly string[]; key: string; limit: number },
): Promise<(HistoryPoint & { runId: string })[]> {
  const rows = await tx.execute<{ run: string; at: string; step: string; value: number }>(sql`
    select s.run_id as run, p.at, p.step, p.value
    from ${metricSeries} s join ${metricPoints} p on p.team_id = s.team_id and p.series = s.no
    where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId}
      and s.run_id = any(${textArray(input.runIds)}) and s.key = ${input.key}
    order by s.run_id, p.at, p.step, p.value limit ${input.limit}`);
  return rows.map(({ run, ...point }) => ({ runId: run, ...numbers(point) }));
}
