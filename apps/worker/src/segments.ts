import { PLATFORM, type Scope } from "@ballast/core";
import { advanceWatermark, compactSegment } from "@ballast/datasets/server";
import { journalSegments, type Tx, withTenant } from "@ballast/db";
import { closeWindows, markLateFiles } from "@ballast/monitoring/server";
import { and, asc, eq } from "drizzle-orm";
import type { WorkerContext } from "./context.ts";
import { pauseAfter } from "./pause.ts";

/**
 * Compacts a project's sealed segments in order and, with each watermark, closes the windows it passes: in one
 * transaction, so a watermark is never ahead of the windows it closed. One that fails is tried again after a growing
 * pause and holds up those behind it: its rows were acknowledged, so only a person may give them up.
 */
export async function compactProject(
  context: WorkerContext,
  teamId: string,
  projectId: string,
  signal: AbortSignal,
): Promise<void> {
  const scope: Scope = { teamId, projectId, actor: PLATFORM };
  while (!signal.aborted) {
    const id = await withTenant(context.db, teamId, (tx) => nextSealed(tx, scope));
    if (id === null) return;
    try {
      await compactSegment(context, scope, id, async (tx, watermark) => {
        await advanceWatermark(tx, scope, watermark);
        await markLateFiles(tx, scope, id);
        await closeWindows(tx, scope, watermark);
      });
    } catch (error) {
      context.log.error("segment not compacted", { segment: id, error });
      await pauseAfter(await noteFailure(context, scope, id, error), signal);
    }
  }
}

const ofSegments = (scope: Scope) =>
  and(eq(journalSegments.teamId, scope.teamId), eq(journalSegments.projectId, scope.projectId));

async function nextSealed(tx: Tx, scope: Scope): Promise<string | null> {
  const [row] = await tx
    .select({ id: journalSegments.id })
    .from(journalSegments)
    .where(and(ofSegments(scope), eq(journalSegments.state, "sealed")))
    .orderBy(asc(journalSegments.sequence))
    .limit(1);
  return row?.id ?? null;
}

/** Counts a failure on the segment, with its reason; answers how many there were. */
async function noteFailure(context: WorkerContext, scope: Scope, id: string, error: unknown): Promise<number> {
  const last = error instanceof Error ? error.message : String(error);
  const mine = and(ofSegments(scope), eq(journalSegments.id, id));
  return withTenant(context.db, scope.teamId, async (tx) => {
    const [row] = await tx
      .select({ failures: journalSegments.failures })
      .from(journalSegments)
      .where(mine)
      .for("update");
    const count = (row?.failures?.count ?? 0) + 1;
    await tx.update(journalSegments).set({ failures: { count, last } }).where(mine);
    return count;
  });
}
