import type { Scope } from "@ballast/core";
import { monitorWindows, withTenant } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import { analyseWindow } from "./analyse-window.ts";
import type { MonitoringDeps } from "./deps.ts";
import { lateRows } from "./late-rows.ts";
import { dayPerformance } from "./performance.ts";
import { recordWindow, type WindowResult } from "./record-window.ts";
import { readWindowData, type WindowData } from "./window-data.ts";
import { readWindowFacts, type WindowFacts } from "./window-facts.ts";

/**
 * Looks at a closed window: counts it, profiles its columns, tests them against the reference, names changes of unit, computes every
 * served row again, and scores the day before, whose labels have matured. All of it is written in one transaction with
 * `window.processed` (and `drift.detected`, `incident.opened` where due). A window that was processed before is left alone: false.
 * Throws `not_found` for a window of another project; a failed attempt is counted on the window.
 */
export async function processWindow(deps: MonitoringDeps, scope: Scope, windowId: string): Promise<boolean> {
  const startedAt = performance.now();
  const facts = await withTenant(deps.db, scope.teamId, (tx) => readWindowFacts(tx, scope, windowId));
  if (facts.window.state === "processed") return false;
  try {
    const data = await readWindowData(deps, scope, facts);
    const analysis = await analyseWindow(deps, scope, facts, data);
    const late = await lateRows(deps, scope, facts);
    const result: WindowResult = {
      tally: {
        ...{ ...data.counts, ...data.recomputed },
        ...(late.length > 0 ? { late } : {}),
        processingMs: Math.round(performance.now() - startedAt),
      },
      analysis,
      performance: performanceOf(facts, data),
    };
    return await withTenant(deps.db, scope.teamId, (tx) => recordWindow(tx, scope, facts, result));
  } catch (error) {
    await countFailure(deps, scope, windowId);
    throw error;
  }
}

function performanceOf({ matured }: WindowFacts, { labelled, champion }: WindowData): WindowResult["performance"] {
  return Object.entries(labelled).flatMap(([versionId, { p, y }]) => {
    const figures = dayPerformance(p, y);
    if (figures === null) return [];
    const counts = matured?.tally?.versions[versionId];
    const scored = counts ? counts.served + counts.shadow : figures.n;
    return [{ versionId, champion: versionId === champion.matured, scored, figures }];
  });
}

async function countFailure(deps: MonitoringDeps, scope: Scope, windowId: string): Promise<void> {
  await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .update(monitorWindows)
      .set({ attempts: sql`${monitorWindows.attempts} + 1` })
      .where(
        and(
          eq(monitorWindows.teamId, scope.teamId),
          eq(monitorWindows.projectId, scope.projectId),
          eq(monitorWindows.id, windowId),
        ),
      ),
  ).catch(() => undefined); // The failure itself is what the caller must hear of.
}
