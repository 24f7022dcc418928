import { DAY_MS, dayStart, type EpochMs, isoDay, LEAST_EPOCH_MS, type Scope } from "@ballast/core";
import { countVersionsPerDay, literal, parquet } from "@ballast/datasets/server";
import { journalSegments, type LateRows, monitorWindows, type Tx, type WindowTally, withTenant } from "@ballast/db";
import { and, eq, gt, isNotNull, sql } from "drizzle-orm";
import type { MonitoringDeps } from "./deps.ts";
import type { WindowFacts } from "./window-facts.ts";

/** The clocks of the worker and of the database may differ by as much. A file looked at twice is counted once. */
const CLOCK_SLACK_MS = 10 * 60_000;

/**
 * Marks the files of a segment that hold predictions of days which are closed. Call it in the transaction that compacts the
 * segment, before that closes windows: what a window's own segments bring is not late.
 */
export async function markLateFiles(tx: Tx, scope: Scope, segmentId: string): Promise<void> {
  const late = sql`f->>'kind' in ('predictions', 'shadows') and (f->>'minTime')::float8 < closed.through`;
  await tx.execute(sql`
    with closed as (
      select extract(epoch from max(to_time)) * 1000 as through from monitor_windows
      where team_id = ${scope.teamId} and project_id = ${scope.projectId})
    update journal_segments s
    set files = (
      select jsonb_agg(case when ${late} then f || '{"late": true}' else f end order by place)
      from jsonb_array_elements(s.files) with ordinality as files(f, place))
    from closed
    where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId} and s.id = ${segmentId}
      and exists (select from jsonb_array_elements(s.files) f where ${late})`);
}

/**
 * What came of the days before a window after they had been counted, by day and version: what the log holds of a day now, less what its
 * window, or a later one's `late`, has counted of it. So no row is counted twice or left out, whenever a segment was compacted or a file merged.
 * A day whose window is still to be processed counts its own rows; of a day without a window every row is late.
 */
export async function lateRows(deps: MonitoringDeps, scope: Scope, facts: WindowFacts): Promise<LateRows[]> {
  const { window, matured, deployment } = facts;
  const since = matured === null ? 0 : +matured.createdAt - CLOCK_SLACK_MS;
  const digests = await withTenant(deps.db, scope.teamId, (tx) => lateDigests(tx, scope, since));
  if (digests.length === 0) return [];
  const touched = await deps.duck.all<{ day: EpochMs }>(`
    SELECT DISTINCT t::BIGINT // ${DAY_MS} * ${DAY_MS} AS day FROM ${await parquet(deps, digests)}
    WHERE deployment = ${literal(deployment.id)} AND t >= ${LEAST_EPOCH_MS} AND t < ${+window.from}`);
  if (touched.length === 0) return [];
  const known = await withTenant(deps.db, scope.teamId, (tx) => countedBefore(tx, scope, window));
  const days = touched.map(({ day }) => day).filter((day) => !known.waiting.has(isoDay(day)));
  const rows = await countVersionsPerDay(deps, scope, deployment.id, days);
  return rows.flatMap(({ day, version, served, shadow, errors }) => {
    const before = known.counted.get(`${isoDay(day)} ${version}`) ?? { served: 0, shadow: 0, errors: 0 };
    const late = {
      served: Math.max(0, served - before.served),
      shadow: Math.max(0, shadow - before.shadow),
      errors: Math.max(0, errors - before.errors),
    };
    return late.served + late.shadow + late.errors === 0 ? [] : [{ day: isoDay(day), version, ...late }];
  });
}

/** Rows of a window that are to be paid for, by version: its own, and those that came late for days before it. */
export function rowsToPay({ versions, late = [] }: WindowTally): Record<string, { served: number; shadow: number }> {
  const rows: Record<string, { served: number; shadow: number }> = {};
  const all = Object.entries(versions).map(([version, counts]) => ({ version, ...counts }));
  for (const { version, served, shadow } of [...all, ...late]) {
    const known = rows[version] ?? { served: 0, shadow: 0 };
    rows[version] = { served: known.served + served, shadow: known.shadow + shadow };
  }
  return rows;
}

async function lateDigests(tx: Tx, scope: Scope, since: EpochMs): Promise<string[]> {
  const segments = await tx
    .select({ files: journalSegments.files })
    .from(journalSegments)
    .where(
      and(
        eq(journalSegments.teamId, scope.teamId),
        eq(journalSegments.projectId, scope.projectId),
        // Few of a year's segments still hold files; the index of times knows which.
        isNotNull(journalSegments.lastTime),
        sql`${journalSegments.files} @> '[{"late": true}]'`,
        gt(journalSegments.compactedAt, new Date(since)),
      ),
    );
  return segments.flatMap(({ files }) => files.filter((file) => file.late).map((file) => file.digest));
}

type Counts = Pick<LateRows, "served" | "shadow" | "errors">;

/** By day and version what the deployment's windows have counted, and the days whose windows have yet to. */
async function countedBefore(
  tx: Tx,
  scope: Scope,
  { deploymentId }: WindowFacts["window"],
): Promise<{ counted: Map<string, Counts>; waiting: Set<string> }> {
  const windows = await tx
    .select({ from: monitorWindows.from, state: monitorWindows.state, tally: monitorWindows.tally })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deploymentId),
      ),
    );
  const counted = new Map<string, Counts>();
  const add = (day: string, version: string, { served, shadow, errors }: Counts) => {
    const known = counted.get(`${day} ${version}`) ?? { served: 0, shadow: 0, errors: 0 };
    counted.set(`${day} ${version}`, {
      served: known.served + served,
      shadow: known.shadow + shadow,
      errors: known.errors + errors,
    });
  };
  for (const { from, tally } of windows) {
    for (const [version, counts] of Object.entries(tally?.versions ?? {})) add(isoDay(+from), version, counts);
    for (const late of tally?.late ?? []) add(late.day, late.version, late);
  }
  const waiting = windows.filter(({ state }) => state !== "processed").map(({ from }) => isoDay(dayStart(+from)));
  return { counted, waiting: new Set(waiting) };
}
