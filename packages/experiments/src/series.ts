import type { Scope } from "@ballast/core";
import { metricSeries, type Tx } from "@ballast/db";
import { and, asc, eq, inArray } from "drizzle-orm";

/** What a metric of a run came to. */
export interface SeriesSummary {
  key: string;
  /** The point that is greatest by step, time and value. */
  last: number;
  lastStep: number;
  /** Epoch ms. */
  lastAt: number;
  /** Null while every value was NaN. */
  least: number | null;
  greatest: number | null;
  firstStep: number;
  /** Points received, repeats among them. */
  received: number;
}

/** The series of each run, by key. */
export async function seriesOfRuns(
  tx: Tx,
  scope: Scope,
  runIds: readonly string[],
): Promise<Map<string, SeriesSummary[]>> {
  const found = new Map<string, SeriesSummary[]>();
  if (runIds.length === 0) return found;
  const rows = await tx
    .select({
      ...{ runId: metricSeries.runId, key: metricSeries.key, last: metricSeries.last },
      ...{ lastStep: metricSeries.lastStep, lastAt: metricSeries.lastAt, least: metricSeries.least },
      ...{ greatest: metricSeries.greatest, firstStep: metricSeries.firstStep, received: metricSeries.received },
    })
    .from(metricSeries)
    .where(
      and(
        eq(metricSeries.teamId, scope.teamId),
        eq(metricSeries.projectId, scope.projectId),
        inArray(metricSeries.runId, [...runIds]),
      ),
    )
    .orderBy(asc(metricSeries.key));
  for (const { runId, ...series } of rows) {
    const ofRun = found.get(runId);
    if (ofRun) ofRun.push(series);
    else found.set(runId, [series]);
  }
  return found;
}

/** Last values by key. */
export function lastMetrics(series: readonly SeriesSummary[]): Record<string, number> {
  return Object.fromEntries(series.map(({ key, last }) => [key, last]));
}
