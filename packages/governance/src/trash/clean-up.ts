import { type Scope, toAppError } from "@ballast/core";
import { type Database, retentionReports, withTenant } from "@ballast/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { applyRules } from "./apply-rules.ts";
import { addCounts } from "./purge.ts";
import { listRules, ofReports, type RetentionReport, requestCleanUp } from "./rules.ts";

const SCHEDULE_MS = 86_400_000;

export interface CleanUpDeps {
  db: Database;
  /** Removes the files of the store that nothing names any more. */
  collectGarbage: (scope: Scope) => Promise<{ files: number; bytes: number; young: number }>;
}

/** Asks for the daily clean-up where rules want one and the last began a day ago. True if it did. */
export async function scheduleCleanUp(db: Database, scope: Scope, now: Date): Promise<boolean> {
  return withTenant(db, scope.teamId, async (tx) => {
    if (!(await listRules(tx, scope)).some(({ enabled }) => enabled)) return false;
    const [last] = await tx.execute<{ at: string | null }>(sql`
      select max(created_at) as at from retention_reports
      where team_id = ${scope.teamId} and project_id = ${scope.projectId} and cause = 'schedule'`);
    if (last?.at && now.getTime() - new Date(last.at).getTime() < SCHEDULE_MS) return false;
    await requestCleanUp(tx, scope, { cause: "schedule" });
    return true;
  });
}

/**
 * Works off the clean-ups asked for in a project, one after the other; also one that a killed worker left running. For the one worker
 * alone. Returns how many there were.
 */
export async function runCleanUps(
  deps: CleanUpDeps,
  scope: Scope,
  now: () => Date = () => new Date(),
): Promise<number> {
  let done = 0;
  for (;;) {
    const report = await withTenant(deps.db, scope.teamId, async (tx) => {
      const [open] = await tx
        .select()
        .from(retentionReports)
        .where(and(ofReports(scope), inArray(retentionReports.state, ["queued", "running"])))
        .orderBy(asc(retentionReports.id))
        .limit(1);
      if (open)
        await tx
          .update(retentionReports)
          .set({ state: "running", startedAt: now() })
          .where(eq(retentionReports.id, open.id));
      return open;
    });
    if (!report) return done;
    await cleanUp(deps, scope, report, now);
    done += 1;
  }
}

async function cleanUp(deps: CleanUpDeps, scope: Scope, report: RetentionReport, now: () => Date): Promise<void> {
  let result: Partial<typeof retentionReports.$inferInsert>;
  try {
    const none = { trashed: 0, purged: 0, rows: {} as Record<string, number> };
    const applied = report.cause === "purge" ? none : await applyRules(deps.db, scope, now());
    const freed = await deps.collectGarbage(scope);
    const rows = { ...report.rows };
    addCounts(rows, applied.rows);
    const purged = report.purged + applied.purged;
    result = {
      state: "done",
      trashed: applied.trashed,
      purged,
      rows,
      files: freed.files,
      bytes: freed.bytes,
      waiting: freed.young,
    };
  } catch (error) {
    result = { state: "failed", error: toAppError(error).message.slice(0, 2_000) };
  }
  await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .update(retentionReports)
      .set({ ...result, endedAt: now() })
      .where(and(ofReports(scope), eq(retentionReports.id, report.id))),
  );
}
