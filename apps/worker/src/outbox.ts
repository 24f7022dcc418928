import { type DomainEvent, type DomainEventName, PLATFORM, type Scope } from "@ballast/core";
import { domainEvents, type Tx, withTenant } from "@ballast/db";
import { and, asc, eq, inArray, isNull, lte, notInArray, sql } from "drizzle-orm";
import type { WorkerContext } from "./context.ts";
import { enqueue, type JobName, type JobPayload } from "./jobs.ts";
import { pauseAfter } from "./pause.ts";

/**
 * What follows from a domain event: work in transactions of its own, then work in the transaction that marks the event
 * handled, or a job enqueued in it. All of it is idempotent: where one fails, all are tried again with it.
 */
export type Reaction =
  | { kind: "run"; run: (context: WorkerContext, scope: Scope, event: DomainEvent) => Promise<void> }
  | { kind: "within"; run: (tx: Tx, context: WorkerContext, scope: Scope, event: DomainEvent) => Promise<void> }
  | { kind: "job"; job: JobName; payload: (event: DomainEvent, scope: Scope) => JobPayload };
type OpenEvent = DomainEvent & Pick<typeof domainEvents.$inferSelect, "failures">;
export type Reactions = Partial<Record<DomainEventName, Reaction[]>>;

/**
 * After so many failures, a quarter of an hour with the growing pauses between them, an event is set aside with its reason: a full
 * disk or a database away has had time to be mended, and one poisoned event does not stop a project for ever.
 */
const FAILURE_LIMIT = 36;

/**
 * Handles a project's open events in id order until none is left. At least once: an event is marked after its reactions,
 * so a crash in between repeats them.
 */
export async function drainOutbox(
  context: WorkerContext,
  reactions: Reactions,
  teamId: string,
  projectId: string,
  signal: AbortSignal,
): Promise<void> {
  const scope: Scope = { teamId, projectId, actor: PLATFORM };
  const next = (tx: Tx) => nextEvent(tx, scope, Object.keys(reactions) as DomainEventName[]);
  let event = await withTenant(context.db, teamId, next);
  while (event && !signal.aborted)
    event = await react(context, reactions[event.name] ?? [], scope, event, { next, signal });
}

async function nextEvent(tx: Tx, scope: Scope, names: DomainEventName[]): Promise<OpenEvent | null> {
  const open = and(
    eq(domainEvents.teamId, scope.teamId),
    eq(domainEvents.projectId, scope.projectId),
    isNull(domainEvents.handledAt),
  );
  const [next] = await tx
    .select()
    .from(domainEvents)
    .where(and(open, inArray(domainEvents.name, names)))
    .orderBy(asc(domainEvents.id))
    .limit(1);
  const quiet = and(open, notInArray(domainEvents.name, names), next ? lte(domainEvents.id, next.id) : undefined);
  await tx.update(domainEvents).set({ handledAt: new Date() }).where(quiet);
  return next ?? null;
}

interface Loop {
  next: (tx: Tx) => Promise<OpenEvent | null>;
  signal: AbortSignal;
}

/** Handles an event and answers the next (the same after a failure and a pause); null when there is none. */
async function react(
  context: WorkerContext,
  reactions: Reaction[],
  scope: Scope,
  event: OpenEvent,
  { next, signal }: Loop,
): Promise<OpenEvent | null> {
  const failures: unknown[] = [];
  const attempt = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      const { id, name, subject } = event;
      context.log.error("event not handled", { event: name, id, subject, error });
      failures.push(error);
      return null;
    });
  for (const reaction of reactions) if (reaction.kind === "run") await attempt(reaction.run(context, scope, event));
  // All in the marking transaction; after a failure each in its own first: one that fails undoes and holds up no other.
  if (failures.length > 0 || event.failures !== null)
    for (const reaction of reactions)
      if (reaction.kind === "within")
        await attempt(withTenant(context.db, scope.teamId, (tx) => reaction.run(tx, context, scope, event)));
  const after = failures.length === 0 ? await attempt(finish(context, reactions, scope, event, next)) : null;
  if (failures.length === 0) return after;
  await pauseAfter(await noteFailure(context, scope, event, failures[0]), signal);
  return withTenant(context.db, scope.teamId, next);
}

/** The transaction that marks an event handled, with what happens within it; answers the next event. */
function finish(
  context: WorkerContext,
  reactions: Reaction[],
  scope: Scope,
  event: OpenEvent,
  next: Loop["next"],
): Promise<OpenEvent | null> {
  return withTenant(context.db, scope.teamId, async (tx) => {
    // A mark alone may be lost with the power: what is repeated then is idempotent.
    if (reactions.every((reaction) => reaction.kind === "run"))
      await tx.execute(sql`set local synchronous_commit = off`);
    for (const reaction of reactions) {
      if (reaction.kind === "within") await reaction.run(tx, context, scope, event);
      if (reaction.kind === "job") await enqueue(context.boss, tx, reaction.job, reaction.payload(event, scope));
    }
    await mark(tx, event.id, { handledAt: new Date() });
    return next(tx);
  });
}

/** Counts a failure on the event; answers how many there were. */
async function noteFailure(context: WorkerContext, scope: Scope, event: DomainEvent, error: unknown): Promise<number> {
  const last = error instanceof Error ? error.message : String(error);
  return withTenant(context.db, scope.teamId, async (tx) => {
    const [row] = await tx
      .select({ failures: domainEvents.failures })
      .from(domainEvents)
      .where(eq(domainEvents.id, event.id));
    const count = (row?.failures?.count ?? 0) + 1;
    await mark(tx, event.id, {
      ...(count >= FAILURE_LIMIT
        ? { failures: { count, last, setAside: true }, handledAt: new Date() }
        : { failures: { count, last } }),
    });
    return count;
  });
}

async function mark(tx: Tx, id: number, set: Partial<typeof domainEvents.$inferInsert>): Promise<void> {
  await tx.update(domainEvents).set(set).where(eq(domainEvents.id, id));
}
