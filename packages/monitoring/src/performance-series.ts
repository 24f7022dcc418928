import { isoDay, type Scope } from "@ballast/core";
import { modelVersions, performanceDays, type Tx } from "@ballast/db";
import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import { daySpan } from "./day-range.ts";
import { findDeployment, newestWindowEnd } from "./deployments.ts";
import type { DayRange } from "./index.ts";

export interface PerformancePoint {
  day: string;
  champion: boolean;
  n: number;
  scored: number;
  /** null where the day's labels cannot define it. */
  auc: number | null;
  brier: number | null;
  brierSkill: number | null;
  meanPrediction: number | null;
  meanOutcome: number | null;
}
export interface PerformanceSeries {
  versionId: string;
  version: number;
  days: PerformancePoint[];
  /** Reliability over all days of the range: mean prediction, realised rate, n. */
  reliability: { p: number; y: number; n: number }[];
}

/** Performance over matured days, one series per version that scored any of them, in version order. */
export async function performanceOverTime(
  tx: Tx,
  scope: Scope,
  input: { deployment: string; range: DayRange },
): Promise<{ deployment: { id: string; name: string }; series: PerformanceSeries[] }> {
  const deployment = await findDeployment(tx, scope, input.deployment);
  const span = daySpan(input.range, await newestWindowEnd(tx, scope, deployment.id));
  const rows = await tx
    .select()
    .from(performanceDays)
    .where(
      and(
        eq(performanceDays.teamId, scope.teamId),
        eq(performanceDays.projectId, scope.projectId),
        eq(performanceDays.deploymentId, deployment.id),
        gte(performanceDays.day, new Date(span.from)),
        lt(performanceDays.day, new Date(span.to)),
      ),
    )
    .orderBy(asc(performanceDays.day));
  const numbers = await versionNumbers(tx, scope, [...new Set(rows.map((row) => row.versionId))]);
  const series = [...numbers]
    .map(([versionId, version]): PerformanceSeries => {
      const own = rows.filter((row) => row.versionId === versionId);
      return { versionId, version, days: own.map(pointOf), reliability: mergeReliability(own) };
    })
    .sort((a, b) => a.version - b.version);
  return { deployment: { id: deployment.id, name: deployment.name }, series };
}

function pointOf(row: typeof performanceDays.$inferSelect): PerformancePoint {
  return {
    ...{ day: isoDay(+row.day), champion: row.champion, n: row.n, scored: row.scored },
    auc: finite(row.auc),
    brier: finite(row.brier),
    brierSkill: finite(row.brierSkill),
    meanPrediction: finite(row.meanPrediction),
    meanOutcome: finite(row.meanOutcome),
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** Days' tenths of probability put together, weighted by rows. */
export function mergeReliability(
  days: readonly { reliability: { p: number; y: number; n: number }[] }[],
): { p: number; y: number; n: number }[] {
  const bins = new Map<number, { p: number; y: number; n: number }>();
  for (const { reliability } of days) {
    for (const { p, y, n } of reliability) {
      const key = Math.min(9, Math.floor(p * 10));
      const bin = bins.get(key) ?? { p: 0, y: 0, n: 0 };
      bins.set(key, { p: bin.p + p * n, y: bin.y + y * n, n: bin.n + n });
    }
  }
  return [...bins].sort(([a], [b]) => a - b).map(([, { p, y, n }]) => ({ p: p / n, y: y / n, n }));
}

async function versionNumbers(tx: Tx, scope: Scope, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: modelVersions.id, version: modelVersions.version })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        inArray(modelVersions.id, ids),
      ),
    );
  return new Map(rows.map(({ id, version }) => [id, version]));
}
