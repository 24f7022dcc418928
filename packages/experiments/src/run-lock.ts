import { AppError, notFound, type Scope } from "@ballast/core";
import { runs, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";

type Run = typeof runs.$inferSelect;

export const oneRun = (scope: Scope, id: string) =>
  and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, id));

/** The run, locked; also one in the trash. @throws AppError `not_found` */
export async function lockRun(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const [run] = await tx.select().from(runs).where(oneRun(scope, runId)).for("update");
  if (!run) throw notFound("Run", runId);
  return run;
}

/** The run, locked. @throws AppError `not_found`; `conflict` for a run in the trash */
export async function lockActive(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const run = await lockRun(tx, scope, runId);
  if (run.deletedAt) throw trashed(runId);
  return run;
}

/** Why nothing is written to a run in the trash. */
export function trashed(runId: string): AppError {
  return new AppError("conflict", `Run ${runId} is in the trash; restore it first.`, { details: { run: runId } });
}
