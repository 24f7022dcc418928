import type { Scope } from "@ballast/core";
import { approvals, deployments, findings, gateResults, monitorWindows, performanceDays, type Tx } from "@ballast/db";
import { unitCosts } from "@ballast/finops/server";
import { and, asc, count, countDistinct, desc, eq, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { type Approval, ofApprovals } from "./approval-rules.ts";

/** How a version did on real outcomes, on one deployment. Means are of days, weighted by their labelled rows. */
export interface LivePerformance {
  deployment: string;
  /** Event days, first and last. */
  from: string;
  to: string;
  days: number;
  /** Days on which it answered callers as champion; on the others it scored copies. */
  championDays: number;
  labelled: number;
  scored: number;
  auc: number | null;
  brier: number | null;
  brierSkill: number | null;
}

const weighted = (column: PgColumn) =>
  sql<string | null>`sum(${column} * ${performanceDays.n}) filter (where ${column} <> 'NaN'::float8)
    / nullif(sum(${performanceDays.n}) filter (where ${column} <> 'NaN'::float8), 0)`;

export async function livePerformance(tx: Tx, scope: Scope, versionId: string): Promise<LivePerformance[]> {
  const rows = await tx
    .select({
      deployment: deployments.name,
      from: sql<string>`to_char(min(${performanceDays.day}) at time zone 'UTC', 'YYYY-MM-DD')`,
      to: sql<string>`to_char(max(${performanceDays.day}) at time zone 'UTC', 'YYYY-MM-DD')`,
      days: count(),
      championDays: sql<string>`count(*) filter (where ${performanceDays.champion})`,
      labelled: sql<string>`sum(${performanceDays.n})`,
      scored: sql<string>`sum(${performanceDays.scored})`,
      auc: weighted(performanceDays.auc),
      brier: weighted(performanceDays.brier),
      brierSkill: weighted(performanceDays.brierSkill),
    })
    .from(performanceDays)
    .innerJoin(deployments, eq(deployments.id, performanceDays.deploymentId))
    .where(
      and(
        eq(performanceDays.teamId, scope.teamId),
        eq(performanceDays.projectId, scope.projectId),
        eq(performanceDays.versionId, versionId),
      ),
    )
    .groupBy(deployments.name)
    .orderBy(asc(deployments.name));
  const number = (value: string | null) => (value === null ? null : Number(value));
  return rows.map((row) => ({
    ...row,
    championDays: Number(row.championDays),
    labelled: Number(row.labelled),
    scored: Number(row.scored),
    auc: number(row.auc),
    brier: number(row.brier),
    brierSkill: number(row.brierSkill),
  }));
}

/** Columns whose distribution drifted on days that a version served, most days first. */
export interface DriftSeen {
  /** Processed days on which it answered callers. */
  days: number;
  columns: { column: string; days: number }[];
}

export async function driftSeen(tx: Tx, scope: Scope, versionId: string): Promise<DriftSeen> {
  const served = sql`coalesce((${monitorWindows.tally} #>> array['versions', ${versionId}::text, 'served'])::float8, 0) > 0`;
  const ofWindows = and(eq(monitorWindows.teamId, scope.teamId), eq(monitorWindows.projectId, scope.projectId), served);
  const [windows] = await tx.select({ days: count() }).from(monitorWindows).where(ofWindows);
  const columns = await tx
    .select({ column: findings.column, days: countDistinct(findings.windowId) })
    .from(findings)
    .innerJoin(monitorWindows, eq(monitorWindows.id, findings.windowId))
    .where(
      and(
        eq(findings.teamId, scope.teamId),
        eq(findings.projectId, scope.projectId),
        eq(findings.drifted, true),
        ofWindows,
      ),
    )
    .groupBy(findings.column)
    .orderBy(desc(countDistinct(findings.windowId)), asc(findings.column))
    .limit(50);
  return { days: windows?.days ?? 0, columns };
}

/** What a version costs. */
export interface CardCost {
  currency: string;
  predictions: number;
  servingPer1000Micros: number | null;
  trainingPer1000Micros: number | null;
}

export async function costOf(tx: Tx, scope: Scope, versionId: string): Promise<CardCost | null> {
  const [cost] = await unitCosts(tx, scope, { versionId });
  if (!cost) return null;
  const { currency, predictions, servingPer1000Micros, trainingPer1000Micros } = cost;
  return { currency, predictions, servingPer1000Micros, trainingPer1000Micros };
}

/** Every request that the version might carry a guarded alias, newest first. */
export async function approvalsOf(tx: Tx, scope: Scope, versionId: string): Promise<Approval[]> {
  return tx
    .select()
    .from(approvals)
    .where(and(ofApprovals(scope), eq(approvals.versionId, versionId)))
    .orderBy(desc(approvals.id))
    .limit(100);
}

export async function gatesOf(tx: Tx, scope: Scope, versionId: string) {
  return tx
    .select({ gate: gateResults.gate, passed: gateResults.passed, message: gateResults.message })
    .from(gateResults)
    .where(
      and(
        eq(gateResults.teamId, scope.teamId),
        eq(gateResults.projectId, scope.projectId),
        eq(gateResults.versionId, versionId),
      ),
    )
    .orderBy(asc(gateResults.gate));
}
