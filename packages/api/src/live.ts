import { AppError, type DomainEvent, type Scope } from "@ballast/core";
import { type Database, domainEvents, likeText, listen, withTenant } from "@ballast/db";
import { stillAllowed } from "@ballast/governance/server";
import { and, desc, ilike, lt, type SQL } from "drizzle-orm";
import { eventsAfter, eventsOf, type Told } from "./events-after.ts";
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

/** Streams of one project that this process keeps open: each asks the database again and again. */
const MOST_STREAMS = 200;
/** Without a NOTIFY the stream looks by itself this often, so a lost one costs no more than this. */
const POLL_MS = 2_000;
/** How often a stream looks whether its reader still may: with the turn that waits for events it outlives the right by 7 s at most. */
const RECHECK_MS = 5_000;

const keyOf = ({ teamId, projectId }: Scope): string => `${teamId}/${projectId}`;

/** @throws AppError `too_many_requests` where the project has its share of streams open */
export function admitStream(scope: Scope): void {
  if ((wakers.get(keyOf(scope))?.size ?? 0) < MOST_STREAMS) return;
  throw new AppError("too_many_requests", `This project has ${MOST_STREAMS} live streams open; close some of them.`);
}

export interface Following {
  /** The stream tells what came after this event, and of the minute before it some again. */
  after: number;
  /** The reader went away. */
  signal: AbortSignal;
  /** When the reader's session ends; null for one that does not. */
  until?: Date | null;
  recheckMs?: number;
}

/**
 * The project's domain events as they happen, each at least once; ends with `signal`, and within `recheckMs` and a turn of the session's
 * end, the actor's token being revoked or membership ended.
 */
export async function* followEvents(
  db: Database,
  scope: Scope,
  { after, signal, until = null, recheckMs = RECHECK_MS }: Following,
): AsyncGenerator<Told> {
  await listenOnce(db);
  const key = keyOf(scope);
  const set = wakers.get(key) ?? new Set<Waker>();
  wakers.set(key, set);
  let rung = false;
  let answer: Waker = () => {};
  const ring = () => {
    rung = true;
    answer();
  };
  set.add(ring);
  signal.addEventListener("abort", ring);
  try {
    const read = eventsAfter(scope, after);
    let checkedAt = Date.now();
    while (!signal.aborted) {
      if (Date.now() - checkedAt >= recheckMs) {
        if (until !== null && until.getTime() <= Date.now()) return;
        if (!(await withTenant(db, scope.teamId, (tx) => stillAllowed(tx, scope, "project.read")))) return;
        checkedAt = Date.now();
      }
      rung = false;
      const told = await withTenant(db, scope.teamId, read);
      if (told.events.length > 0) yield told;
      else if (!rung)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, POLL_MS).unref();
          answer = () => {
            clearTimeout(timer);
            resolve();
          };
        });
    }
  } finally {
    signal.removeEventListener("abort", ring);
    set.delete(ring);
    if (set.size === 0 && wakers.get(key) === set) wakers.delete(key);
  }
}

/** Newest first; `before` is the id the last page ended with. */
export function listEvents(
  db: Database,
  scope: Scope,
  page: { before?: number; limit: number; name?: string; newsOnly?: boolean },
): Promise<DomainEvent[]> {
  const conditions: SQL[] = eventsOf(scope);
  if (page.before !== undefined) conditions.push(lt(domainEvents.id, page.before));
  if (page.name) conditions.push(ilike(domainEvents.name, `${likeText(page.name)}%`));
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
