import type { DomainEvent, Scope } from "@ballast/core";
import { domainEvents, type Tx } from "@ballast/db";
import { and, asc, desc, eq, gt, lte, type SQL, sql } from "drizzle-orm";

const BATCH = 200;
/**
 * An id is drawn when an event is written and seen when its transaction commits, so a smaller one may come to light after a larger one.
 * For so long after it was written an event is looked for; one whose transaction takes longer to commit is passed over here. (Whoever
 * acts on events goes by what is not handled, and misses none.)
 */
const SETTLED_AFTER = sql`interval '1 minute'`;

/** What a reader has not been told yet. */
export interface Told {
  /** In the order of their ids, as far as they are known. */
  events: DomainEvent[];
  /** Where a later reading goes on: all events up to this one were told before, some of those after it are told again. */
  resume: number;
}

/** The condition of a project's events. */
export const eventsOf = (scope: Scope): SQL[] => [
  eq(domainEvents.teamId, scope.teamId),
  eq(domainEvents.projectId, scope.projectId),
];

/** A reading of the project's events behind `after`, a batch with each call: what it told it does not tell again. */
export function eventsAfter(scope: Scope, after: number): (tx: Tx) => Promise<Told> {
  let newest = after;
  const told = new Set<number>();
  return async (tx) => {
    const resume = await settledThrough(tx, scope, newest);
    for (const id of told) if (id <= resume) told.delete(id);
    const known = `{${[...told].join(",")}}`;
    const events = await tx
      .select()
      .from(domainEvents)
      .where(and(...eventsOf(scope), gt(domainEvents.id, resume), sql`${domainEvents.id} <> all(${known}::bigint[])`))
      .orderBy(asc(domainEvents.id))
      .limit(BATCH);
    for (const { id } of events) told.add(id);
    newest = Math.max(newest, events.at(-1)?.id ?? 0);
    return { events, resume };
  };
}

/** The last event up to `newest` before which none will come to light any more. */
async function settledThrough(tx: Tx, scope: Scope, newest: number): Promise<number> {
  const settled = sql`${domainEvents.at} < clock_timestamp() - ${SETTLED_AFTER}`;
  const [row] = await tx
    .select({ id: domainEvents.id })
    .from(domainEvents)
    .where(and(...eventsOf(scope), lte(domainEvents.id, newest), settled))
    .orderBy(desc(domainEvents.id))
    .limit(1);
  return row?.id ?? 0;
}
