import { PLATFORM, type Scope } from "@ballast/core";
import { advanceWatermark, compactSegment } from "@ballast/datasets/server";
import { journalSegments, withTenant } from "@ballast/db";
import { closeWindows } from "@ballast/monitoring/server";
import { and, asc, eq } from "drizzle-orm";
import type { WorkerContext } from "./context.ts";

const RETRY_MS = 500;

/**
 * Compacts a project's sealed segments in order and, with each watermark, closes the windows it passes: in one
 * transaction, so a watermark is never ahead of the windows it closed.
 */
export async function compactProject(context: WorkerContext, teamId: string, projectId: string): Promise<void> {
  const scope: Scope = { teamId, projectId, actor: PLATFORM };
  for (;;) {
    const segment = await withTenant(context.db, teamId, async (tx) => {
      const sealed = and(
        eq(journalSegments.teamId, teamId),
        eq(journalSegments.projectId, projectId),
        eq(journalSegments.state, "sealed"),
      );
      const [row] = await tx
        .select({ id: journalSegments.id })
        .from(journalSegments)
        .where(sealed)
        .orderBy(asc(journalSegments.sequence))
        .limit(1);
      return row;
    });
    if (!segment) return;
    try {
      await compactSegment(context, scope, segment.id, async (tx, watermark) => {
        await advanceWatermark(tx, scope, watermark);
        await closeWindows(tx, scope, watermark);
      });
    } catch (error) {
      context.log.error("segment not compacted", { segment: segment.id, error });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
