import { DAY_MS, isoDay, type Scope } from "@ballast/core";
import { findings, monitorWindows, type Tx } from "@ballast/db";
import { and, asc, eq, gte, lt, max } from "drizzle-orm";
import { daySpan } from "./day-range.ts";
import { findDeployment, newestWindowEnd } from "./deployments.ts";
import { tooFewFor } from "./drift.ts";
import type { DayRange } from "./index.ts";
import type { ColumnRole } from "./observed-column.ts";
import { readReference } from "./reference.ts";

/** One day of one column: the strongest test's statistic against its limit. */
export interface HeatCell {
  day: string;
  /** Value ÷ calibrated limit; null where the test has none (then `drifted` rests on its q-value). */
  ratio: number | null;
  test: string;
  statistic: string;
  value: number;
  limit: number | null;
  qValue: number | null;
  n: number;
  /** Rows that a verdict needs, where the day has fewer: then there is neither limit nor verdict. */
  tooFewFor: number | null;
  drifted: boolean;
}
export interface HeatRow {
  column: string;
  role: ColumnRole;
  unit: string | null;
  /** Days without predictions, or before the column had a reference, have no cell. */
  cells: HeatCell[];
}
export interface HeatMap {
  deployment: { id: string; name: string };
  /** Every day of the range, oldest first. */
  days: string[];
  /** Tests there are answers of, for the chooser. */
  tests: { id: string; statistic: string }[];
  rows: HeatRow[];
  /** Last day before the range that has a window; null at the beginning. */
  earlier: string | null;
}

const ROLE_ORDER: ColumnRole[] = ["request", "feature", "prediction", "outcome"];

/**
 * Feature × day. With `test` the cells are that test's; without, each cell is the calibrated test whose value is the largest
 * multiple of its limit, so that whatever saw something is what is seen.
 */
export async function heatMap(
  tx: Tx,
  scope: Scope,
  input: { deployment: string; range: DayRange; test?: string | undefined },
): Promise<HeatMap> {
  const deployment = await findDeployment(tx, scope, input.deployment);
  const span = daySpan(input.range, await newestWindowEnd(tx, scope, deployment.id));
  const rows = await tx
    .select()
    .from(findings)
    .where(
      and(
        eq(findings.teamId, scope.teamId),
        eq(findings.projectId, scope.projectId),
        eq(findings.deploymentId, deployment.id),
        gte(findings.from, new Date(span.from)),
        lt(findings.from, new Date(span.to)),
      ),
    )
    .orderBy(asc(findings.from));
  const reference = await readReference(tx, scope, deployment.id);
  const cells = new Map<string, Map<string, HeatCell>>();
  for (const row of rows) {
    if (input.test !== undefined && row.test !== input.test) continue;
    const cell: HeatCell = {
      ...{ day: isoDay(+row.from), test: row.test, statistic: row.statistic, value: row.value, limit: row.limit },
      ratio: row.limit === null || row.limit <= 0 ? null : row.value / row.limit,
      ...{ qValue: row.qValue, n: row.nCurrent, tooFewFor: tooFewFor(row.details), drifted: row.drifted },
    };
    const days = cells.get(row.column) ?? new Map<string, HeatCell>();
    const known = days.get(cell.day);
    if (!known || (cell.ratio ?? -1) > (known.ratio ?? -1)) days.set(cell.day, cell);
    cells.set(row.column, days);
  }
  const tests = new Map(rows.map((row) => [row.test, row.statistic]));
  return {
    deployment: { id: deployment.id, name: deployment.name },
    days: daysOf(span),
    tests: [...tests].sort().map(([id, statistic]) => ({ id, statistic })),
    rows: reference
      .filter(({ column }) => cells.has(column))
      .map(({ column, role, unit }) => ({ column, role, unit, cells: [...(cells.get(column)?.values() ?? [])] }))
      .sort(
        (a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role) || a.column.localeCompare(b.column, "en"),
      ),
    earlier: await lastDayBefore(tx, scope, deployment.id, span.from),
  };
}

function daysOf({ from, to }: { from: number; to: number }): string[] {
  const days: string[] = [];
  for (let day = from; day < to; day += DAY_MS) days.push(isoDay(day));
  return days;
}

async function lastDayBefore(tx: Tx, scope: Scope, deploymentId: string, from: number): Promise<string | null> {
  const [row] = await tx
    .select({ from: max(monitorWindows.from) })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deploymentId),
        lt(monitorWindows.from, new Date(from)),
      ),
    );
  return row?.from ? isoDay(+row.from) : null;
}
