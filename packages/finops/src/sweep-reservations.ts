import { ID_PREFIX, type Scope } from "@ballast/core";
import { reservations, type Tx, trainingJobs } from "@ballast/db";
import { and, asc, eq, inArray } from "drizzle-orm";
import { release } from "./ledger.ts";

const ENDED = new Set(["succeeded", "failed", "refused"]);

/**
 * Gives back what nobody will settle any more: reservations of training jobs that have ended or were never stored, and all but
 * the newest lease of a deployment. A job and its reservation are written in one transaction, so this finds nothing of a job unless a
 * record was damaged, and of a deployment only leases on a budget that its project no longer charges. Answers what it released.
 */
export async function sweepReservations(
  tx: Tx,
  scope: Scope,
): Promise<{ released: { id: string; subject: string }[] }> {
  const open = await tx
    .select()
    .from(reservations)
    .where(
      and(
        eq(reservations.teamId, scope.teamId),
        eq(reservations.projectId, scope.projectId),
        eq(reservations.state, "reserved"),
      ),
    )
    .orderBy(asc(reservations.createdAt), asc(reservations.id));
  const states = await jobStates(tx, scope, open);
  const newestLease = new Map<string, string>();
  for (const row of open) if (row.subject.startsWith("lease:")) newestLease.set(leaseOwner(row.subject), row.id);
  const released: { id: string; subject: string }[] = [];
  for (const row of open) {
    const reason = whyLeaked(row, states, newestLease);
    if (reason === null) continue;
    await release(tx, scope, { reservationId: row.id, reason });
    released.push({ id: row.id, subject: row.subject });
  }
  return { released };
}

const leaseOwner = (subject: string) => subject.split(":").slice(0, 2).join(":");

async function jobStates(tx: Tx, scope: Scope, open: { subject: string }[]): Promise<Map<string, string>> {
  const ids = open.map((row) => row.subject).filter((id) => id.startsWith(`${ID_PREFIX.trainingJob}_`));
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: trainingJobs.id, state: trainingJobs.state })
    .from(trainingJobs)
    .where(
      and(
        eq(trainingJobs.teamId, scope.teamId),
        eq(trainingJobs.projectId, scope.projectId),
        inArray(trainingJobs.id, ids),
      ),
    );
  return new Map(rows.map((row) => [row.id, row.state]));
}

function whyLeaked(
  row: { id: string; subject: string },
  states: Map<string, string>,
  newestLease: Map<string, string>,
): string | null {
  if (row.subject.startsWith("lease:")) {
    return newestLease.get(leaseOwner(row.subject)) === row.id ? null : "An older lease of the same deployment.";
  }
  if (!row.subject.startsWith(`${ID_PREFIX.trainingJob}_`)) return null;
  const state = states.get(row.subject);
  if (state === undefined) return `Training job ${row.subject} does not exist.`;
  return ENDED.has(state) ? `Training job ${row.subject} ended as ${state}.` : null;
}
