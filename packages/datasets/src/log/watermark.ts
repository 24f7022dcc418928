import type { EpochMs, Scope } from "@ballast/core";
import { journalSegments, projects, type Tx } from "@ballast/db";
import { and, desc, eq, isNull, lt, or } from "drizzle-orm";

/** Moves the project's watermark to `t`, never back. True if it moved. */
export async function advanceWatermark(tx: Tx, scope: Scope, t: EpochMs): Promise<boolean> {
  const moment = new Date(t);
  const moved = await tx
    .update(projects)
    .set({ watermark: moment })
    .where(
      and(
        eq(projects.teamId, scope.teamId),
        eq(projects.id, scope.projectId),
        or(isNull(projects.watermark), lt(projects.watermark, moment)),
      ),
    )
    .returning({ id: projects.id });
  return moved.length > 0;
}

export interface SegmentState {
  /** `<gateway>/<project>/<sequence>`. */
  id: string;
  sequence: number;
  watermark: Date | null;
  state: "sealed" | "compacted" | "set_aside";
}

/**
 * The highest watermark that may be believed: one with everything before it compacted. A gap in a gateway's sequence is
 * a segment that is not registered yet, and stops the walk like one that is not compacted. One that a person set aside
 * holds nothing up. Pure.
 */
export function reachedWatermark(segments: readonly SegmentState[]): EpochMs | null {
  const next = new Map<string, number>();
  const stopped = new Set<string>();
  let reached: number | null = null;
  for (const segment of [...segments].sort((a, b) => a.sequence - b.sequence)) {
    const gateway = segment.id.slice(0, segment.id.lastIndexOf("/"));
    if (stopped.has(gateway)) continue;
    const expected = next.get(gateway);
    if (segment.state === "sealed" || (expected !== undefined && segment.sequence !== expected)) {
      stopped.add(gateway);
      continue;
    }
    next.set(gateway, segment.sequence + 1);
    if (segment.watermark !== null) reached = Math.max(reached ?? Number.NEGATIVE_INFINITY, +segment.watermark);
  }
  return reached;
}

/** More than this many uncompacted segments hold the watermark until the queue is shorter. */
const WALK = 2_000;

/**
 * The newest segments of the project, for {@link reachedWatermark}. Empty while an older one is still to be compacted:
 * then nothing newer may be believed.
 */
export async function newestSegments(tx: Tx, scope: Scope): Promise<SegmentState[]> {
  const { id, sequence, watermark, state } = journalSegments;
  const own = and(eq(journalSegments.teamId, scope.teamId), eq(journalSegments.projectId, scope.projectId));
  const newest = await tx
    .select({ id, sequence, watermark, state })
    .from(journalSegments)
    .where(own)
    .orderBy(desc(sequence))
    .limit(WALK);
  if (newest.length < WALK) return newest;
  const least = newest[newest.length - 1]?.sequence ?? 0;
  const older = await tx
    .select({ id })
    .from(journalSegments)
    .where(and(own, eq(state, "sealed"), lt(sequence, least)))
    .limit(1);
  return older.length > 0 ? [] : newest;
}
