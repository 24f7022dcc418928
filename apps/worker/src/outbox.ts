import { type DomainEvent, type DomainEventName, PLATFORM, type Scope } from "@ballast/core";
import { domainEvents, type Tx, withTenant } from "@ballast/db";
import { and, asc, eq, inArray, isNull, lte, notInArray } from "drizzle-orm";
import type { WorkerContext } from "./context.ts";
import { enqueue, type JobName, type JobPayload } from "./jobs.ts";

/** What follows from a domain event: work done here and now (idempotent), or a job enqueued in the marking transaction. */
export type Reaction =
  | { kind: "run"; run: (context: WorkerContext, scope: Scope, event: DomainEvent) => Promise<void> }
  | { kind: "job"; job: JobName; payload: (event: DomainEvent, scope: Scope) => JobPayload };
export type Reactions = Partial<Record<DomainEventName, Reaction[]>>;

/** After so many failures an event is set aside with its reason, so that one poisoned event does not stop a project. */
const FAILURE_LIMIT = 8;
const RETRY_MS = 500;

/**
 * Handles a project's open events in id order until none is left. At least once: an event is marked after its reactions,
 * so a crash in between repeats them.
 */
export async function drainOutbox(
  context: WorkerContext,
  reactions: Reactions,
  teamId: string,
  projectId: string,
): Promise<void> {
  const scope: Scope = { teamId, projectId, actor: PLATFORM };
  const names = Object.keys(reactions) as DomainEventName[];
  for (;;) {
    const event = await withTenant(context.db, teamId, (tx) => nextEvent(tx, scope, names));
    if (!event) return;
    const handled = await react(context, reactions[event.name] ?? [], scope, event);
    if (!handled) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function nextEvent(tx: Tx, scope: Scope, names: DomainEventName[]): Promise<DomainEvent | null> {
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

async function react(
  context: WorkerContext,
  reactions: Reaction[],
  scope: Scope,
  event: DomainEvent,
): Promise<boolean> {
  try {
    for (const reaction of reactions) if (reaction.kind === "run") await reaction.run(context, scope, event);
    await withTenant(context.db, scope.teamId, async (tx) => {
      for (const reaction of reactions)
        if (reaction.kind === "job") await enqueue(context.boss, tx, reaction.job, reaction.payload(event, scope));
      await mark(tx, event.id, { handledAt: new Date() });
    });
    return true;
  } catch (error) {
    context.log.error("event not handled", { event: event.name, id: event.id, subject: event.subject, error });
    await noteFailure(context, scope, event, error);
    return false;
  }
}

async function noteFailure(context: WorkerContext, scope: Scope, event: DomainEvent, error: unknown): Promise<void> {
  const last = error instanceof Error ? error.message : String(error);
  await withTenant(context.db, scope.teamId, async (tx) => {
    const [row] = await tx
      .select({ failures: domainEvents.failures })
      .from(domainEvents)
      .where(eq(domainEvents.id, event.id));
    const count = (row?.failures?.count ?? 0) + 1;
    await mark(tx, event.id, {
      failures: { count, last },
      ...(count >= FAILURE_LIMIT ? { handledAt: new Date() } : {}),
    });
  });
}

async function mark(tx: Tx, id: number, set: Partial<typeof domainEvents.$inferInsert>): Promise<void> {
  await tx.update(domainEvents).set(set).where(eq(domainEvents.id, id));
}
