import type { Scope } from "@ballast/core";
import { runs, type Tx, trainingJobs } from "@ballast/db";
import { and, asc, eq, gte, isNull, lt, type SQL, sql } from "drizzle-orm";
import { factsOfJobs, factsOfRuns } from "./gather.ts";
import { type RunEvent, runEvents } from "./run-event.ts";

export interface LineagePage {
  /** Runs and training jobs that started in [from, to). */
  from?: Date | undefined;
  to?: Date | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  /** Runs and jobs of the page. */
  limit: number;
}

const within = (column: typeof runs.startedAt | typeof trainingJobs.createdAt, page: LineagePage): SQL[] => [
  ...(page.from ? [gte(column, page.from)] : []),
  ...(page.to ? [lt(column, page.to)] : []),
];

/**
 * OpenLineage events of a project's runs and training jobs: first the jobs, then the runs, each by id. Trashed runs are left out.
 * `next` asks for the page after; null on the last.
 */
export async function exportLineage(
  tx: Tx,
  scope: Scope,
  page: LineagePage,
): Promise<{ events: RunEvent[]; next: string | null }> {
  const [kind, last] = splitCursor(page.after);
  if (kind === "job") {
    const rows = await tx
      .select()
      .from(trainingJobs)
      .where(
        and(
          eq(trainingJobs.teamId, scope.teamId),
          eq(trainingJobs.projectId, scope.projectId),
          sql`${trainingJobs.id} > ${last}`,
          ...within(trainingJobs.createdAt, page),
        ),
      )
      .orderBy(asc(trainingJobs.id))
      .limit(page.limit + 1);
    const shown = rows.slice(0, page.limit);
    const next = rows.length > page.limit ? `job:${shown.at(-1)?.id ?? ""}` : "run:";
    return { events: (await factsOfJobs(tx, scope, shown)).flatMap(runEvents), next };
  }
  const rows = await tx
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.teamId, scope.teamId),
        eq(runs.projectId, scope.projectId),
        isNull(runs.deletedAt),
        sql`${runs.id} > ${last}`,
        ...within(runs.startedAt, page),
      ),
    )
    .orderBy(asc(runs.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const next = rows.length > page.limit ? `run:${shown.at(-1)?.id ?? ""}` : null;
  return { events: (await factsOfRuns(tx, scope, shown)).flatMap(runEvents), next };
}

function splitCursor(after: string | undefined): ["job" | "run", string] {
  if (after?.startsWith("run:")) return ["run", after.slice(4)];
  return ["job", after?.startsWith("job:") ? after.slice(4) : ""];
}

/** The newest OpenLineage event of a run or training job; null when there is no such thing. */
export async function lineageEventOf(tx: Tx, scope: Scope, subject: string): Promise<RunEvent | null> {
  const [job] = await tx
    .select()
    .from(trainingJobs)
    .where(
      and(
        eq(trainingJobs.teamId, scope.teamId),
        eq(trainingJobs.projectId, scope.projectId),
        eq(trainingJobs.id, subject),
      ),
    );
  if (job) return (await factsOfJobs(tx, scope, [job])).flatMap(runEvents).at(-1) ?? null;
  const [run] = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, subject)));
  if (!run) return null;
  return (await factsOfRuns(tx, scope, [run])).flatMap(runEvents).at(-1) ?? null;
}
