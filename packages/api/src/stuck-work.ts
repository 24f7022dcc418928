import { AppError, notFound, type Scope } from "@ballast/core";
import { datasetVersions, domainEvents, journalSegments, notify, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, eq, isNotNull, sql } from "drizzle-orm";

/** Work that fails again and again, or that was given up: what a person has to look at for the loop to go on. */
export interface StuckWork {
  kind: "segment" | "event" | "dataset_version";
  id: string;
  /** What stands still because of it, in a sentence. */
  what: string;
  attempts: number;
  /** Of the last attempt. */
  reason: string | null;
  since: Date;
  /** It is not tried again by itself any more: a person has it tried again. */
  setAside: boolean;
}

/** Fewer failed attempts are hiccups: a database that restarts, a disk that is being cleared. */
const HICCUPS = 3;
/** Most of each kind that one answer lists. */
const MOST = 20;

/** The project's stuck work, oldest first within each kind. */
export async function listStuckWork(tx: Tx, scope: Scope): Promise<StuckWork[]> {
  return [...(await stuckSegments(tx, scope)), ...(await stuckEvents(tx, scope)), ...(await stuckVersions(tx, scope))];
}

async function stuckSegments(tx: Tx, scope: Scope): Promise<StuckWork[]> {
  const { teamId, projectId, state, failures, sequence } = journalSegments;
  const rows = await tx
    .select()
    .from(journalSegments)
    .where(
      and(
        ...[eq(teamId, scope.teamId), eq(projectId, scope.projectId), eq(state, "sealed")],
        sql`(${failures}->>'count')::int >= ${HICCUPS}`,
      ),
    )
    .orderBy(asc(sequence))
    .limit(MOST);
  return rows.map((row) => ({
    kind: "segment" as const,
    id: row.id,
    what: `Predictions, outcomes and feature events from segment ${row.sequence} on do not reach the log (${row.records.toLocaleString("en-US")} records, ${row.bytes.toLocaleString("en-US")} bytes in it); no day closes.`,
    attempts: row.failures?.count ?? 0,
    reason: row.failures?.last ?? null,
    since: row.createdAt,
    setAside: false,
  }));
}

async function stuckEvents(tx: Tx, scope: Scope): Promise<StuckWork[]> {
  const { teamId, projectId, failures, id } = domainEvents;
  const rows = await tx
    .select()
    .from(domainEvents)
    .where(
      and(
        ...[eq(teamId, scope.teamId), eq(projectId, scope.projectId), isNotNull(failures)],
        sql`((${failures}->>'setAside')::boolean or (handled_at is null and (${failures}->>'count')::int >= ${HICCUPS}))`,
      ),
    )
    .orderBy(asc(id))
    .limit(MOST);
  return rows.map((row) => ({
    kind: "event" as const,
    id: String(row.id),
    what: row.failures?.setAside
      ? `What follows from ${row.name} was not done: ${row.summary}`
      : `Everything after ${row.name} waits for it: ${row.summary}`,
    attempts: row.failures?.count ?? 0,
    reason: row.failures?.last ?? null,
    since: row.at,
    setAside: row.failures?.setAside ?? false,
  }));
}

async function stuckVersions(tx: Tx, scope: Scope): Promise<StuckWork[]> {
  const { teamId, projectId, state, attempts, createdAt } = datasetVersions;
  const rows = await tx
    .select()
    .from(datasetVersions)
    .where(
      and(
        ...[eq(teamId, scope.teamId), eq(projectId, scope.projectId), eq(state, "validating")],
        sql`${attempts} >= ${HICCUPS}`,
      ),
    )
    .orderBy(asc(createdAt))
    .limit(MOST);
  return rows.map((row) => ({
    kind: "dataset_version" as const,
    id: row.id,
    what: `Version ${row.version} of a dataset is still being validated.`,
    attempts: row.attempts,
    reason: null,
    since: row.createdAt,
    setAside: false,
  }));
}

/** Has an event that was set aside handled again, in its turn. @throws AppError `not_found`; `precondition_failed` if it was not set aside */
export async function retryEvent(tx: Tx, scope: Scope, eventId: number): Promise<void> {
  const mine = and(
    eq(domainEvents.teamId, scope.teamId),
    eq(domainEvents.projectId, scope.projectId),
    eq(domainEvents.id, eventId),
  );
  const [event] = await tx.select().from(domainEvents).where(mine).for("update");
  if (!event) throw notFound("Event", String(eventId));
  if (!event.failures?.setAside)
    throw new AppError("precondition_failed", `Event ${eventId} was not set aside; there is nothing to try again.`);
  await tx.update(domainEvents).set({ handledAt: null, failures: null }).where(mine);
  await audit(tx, scope, { action: "event.retry", subject: String(eventId), detail: { name: event.name } });
  await notify(tx, "ballast_events", `${scope.teamId}/${scope.projectId}`);
}

/**
 * Gives up a journal segment that cannot be compacted, so that the stream goes on without its rows. The file stays where it is.
 * @throws AppError `not_found`; `precondition_failed` while it has not failed several times
 */
export async function setSegmentAside(tx: Tx, scope: Scope, segmentId: string, why: string): Promise<void> {
  const mine = and(
    eq(journalSegments.teamId, scope.teamId),
    eq(journalSegments.projectId, scope.projectId),
    eq(journalSegments.id, segmentId),
  );
  const [segment] = await tx.select().from(journalSegments).where(mine).for("update");
  if (!segment) throw notFound("Journal segment", segmentId);
  if (segment.state !== "sealed" || (segment.failures?.count ?? 0) < HICCUPS)
    throw new AppError(
      "precondition_failed",
      `Segment ${segmentId} is not stuck: only one that failed ${HICCUPS} times may be given up.`,
    );
  await tx.update(journalSegments).set({ state: "set_aside" }).where(mine);
  const { records, bytes, path } = segment;
  await audit(tx, scope, { action: "segment.set_aside", subject: segmentId, detail: { why, records, bytes, path } });
  await notify(tx, "ballast_segments", `${scope.teamId}/${scope.projectId}`);
}
