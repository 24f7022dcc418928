import type { DomainEvent, Scope } from "@ballast/core";
import { type Database, domainEvents, listen, withTenant } from "@ballast/db";
import { stillAllowed } from "@ballast/governance/server";
import { and, asc, desc, eq, gt, ilike, lt, type SQL } from "drizzle-orm";
import { notRoutine } from "./routine-events.ts";

type Waker = () => void;
const wakers = new Map<string, Set<Waker>>();
let listening: Promise<unknown> | null = null;

/** One LISTEN connection per process, shared by all open streams. */
function listenOnce(db: Database): Promise<unknown> {
  const wakeAll = () => {
    for (const set of wakers.values()) for (const wake of set) wake();
  };
  listening ??= listen(
    db,
    "ballast_events",
    (project) => {
      for (const wake of wakers.get(project) ?? []) wake();
    },
    wakeAll,
  ).catch((error: unknown) => {
    listening = null;
    throw error;
  });
  return listening;
}

const BATCH = 200;
/** Without a NOTIFY the stream looks by itself this often, so a lost one costs no more than this. */
const POLL_MS = 2_000;
/** How long a stream may outlive the right to read it. */
const RECHECK_MS = 5_000;

/**
 * The project's domain events from `after` on, as they happen; ends with `signal`, and within `recheckMs` of the actor's token
 * being revoked or membership ended.
 */
export async function* followEvents(
  db: Database,
  scope: Scope,
  after: number,
  signal: AbortSignal,
  recheckMs: number = RECHECK_MS,
): AsyncGenerator<DomainEvent[]> {
  await listenOnce(db);
  const key = `${scope.teamId}/${scope.projectId}`;
  const set = wakers.get(key) ?? new Set<Waker>();
  wakers.set(key, set);
  let wake: Waker = () => {};
  const onWake = () => wake();
  set.add(onWake);
  try {
    let last = after;
    let checkedAt = Date.now();
    while (!signal.aborted) {
      if (Date.now() - checkedAt >= recheckMs) {
        if (!(await withTenant(db, scope.teamId, (tx) => stillAllowed(tx, scope, "project.read")))) return;
        checkedAt = Date.now();
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, POLL_MS).unref();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      const events = await eventsAfter(db, scope, last);
      if (events.length > 0) {
        last = events.at(-1)?.id ?? last;
        yield events;
      } else await woken;
    }
  } finally {
    set.delete(onWake);
    if (set.size === 0) wakers.delete(key);
  }
}

const mine = (scope: Scope) => [eq(domainEvents.teamId, scope.teamId), eq(domainEvents.projectId, scope.projectId)];

function eventsAfter(db: Database, scope: Scope, after: number): Promise<DomainEvent[]> {
  return withTenant(db, scope.teamId, (tx) =>
    tx
      .select()
      .from(domainEvents)
      .where(and(...mine(scope), gt(domainEvents.id, after)))
      .orderBy(asc(domainEvents.id))
      .limit(BATCH),
  );
}

/** Newest first; `before` is the id the last page ended with. */
export function listEvents(
  db: Database,
  scope: Scope,
  page: { before?: number; limit: number; name?: string; newsOnly?: boolean },
): Promise<DomainEvent[]> {
  const conditions: SQL[] = mine(scope);
  if (page.before !== undefined) conditions.push(lt(domainEvents.id, page.before));
  if (page.name) conditions.push(ilike(domainEvents.name, `${page.name.replaceAll("%", "\\%")}%`));
  if (page.newsOnly) conditions.push(notRoutine());
  return withTenant(db, scope.teamId, (tx) =>
    tx
      .select()
      .from(domainEvents)
      .where(and(...conditions))
      .orderBy(desc(domainEvents.id))
      .limit(page.limit),
  );
}
