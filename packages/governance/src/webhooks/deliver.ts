import type { Scope } from "@ballast/core";
import { type Database, type Tx, type WebhookAttempt, webhookDeliveries, webhooks, withTenant } from "@ballast/db";
import { and, asc, eq, exists, lte, sql } from "drizzle-orm";
import { type Installation, openSealed } from "../installation.ts";
import { CONTENT_TYPE, payloadOf } from "./payload.ts";
import { type Answer, post } from "./post.ts";
import type { RequestSlots } from "./request-slots.ts";
import { judge } from "./retry.ts";
import type { WebhookFormat } from "./schemas.ts";
import { signatureHeaders } from "./signature.ts";
import { WEBHOOK_SECRET } from "./webhooks.ts";

type Delivery = typeof webhookDeliveries.$inferSelect;
export interface DeliverDeps {
  db: Database;
  installation: Installation;
}

/** Who sends what is due. */
export interface SenderDeps extends DeliverDeps {
  /** Bounds the requests that are open at once, of all senders that share it. */
  slots: RequestSlots;
}

/** A delivery that is taken belongs to its taker for so long: longer than any attempt, short enough after a crash. */
export const LEASE_MS = 60_000;
/** Requests to one webhook at once, at most. */
const AT_ONCE = 8;
const LOG_LENGTH = 20;

export const ofDeliveries = (scope: Scope) =>
  and(eq(webhookDeliveries.teamId, scope.teamId), eq(webhookDeliveries.projectId, scope.projectId));

/** What one attempt needs, read and fixed before anything is sent. */
export interface Attempt {
  delivery: Delivery & { payload: string };
  webhook: typeof webhooks.$inferSelect;
}

/** The webhooks of a project that have something due. Asked of each webhook, so that one's backlog is not read through. */
export function dueWebhooks(db: Database, scope: Scope): Promise<string[]> {
  return withTenant(db, scope.teamId, async (tx) => {
    const due = tx
      .select({ id: webhookDeliveries.id })
      .from(webhookDeliveries)
      .where(and(isDue(scope), eq(webhookDeliveries.webhookId, webhooks.id)));
    const found = await tx
      .select({ id: webhooks.id })
      .from(webhooks)
      .where(and(eq(webhooks.teamId, scope.teamId), eq(webhooks.projectId, scope.projectId), exists(due)));
    return found.map(({ id }) => id);
  });
}

/**
 * Sends what is due of one webhook until nothing is, or `signal` aborts: at least once, since a sender that dies leaves its deliveries
 * to be taken again when their lease ends. A receiver that does not answer holds up its own deliveries only. Returns how
 * many attempts were made.
 */
export async function deliverWebhook(
  deps: SenderDeps,
  scope: Scope,
  webhookId: string,
  signal?: AbortSignal,
): Promise<number> {
  let made = 0;
  while (!signal?.aborted) {
    // Before anything is taken: the lease must not run while the slot is waited for.
    let held = await deps.slots.take(AT_ONCE);
    try {
      if (signal?.aborted) break;
      const attempts = await withTenant(deps.db, scope.teamId, (tx) => take(tx, scope, webhookId, held));
      if (attempts === null) break;
      made += attempts.length;
      deps.slots.give(held - attempts.length);
      held = attempts.length;
      const outcomes = await Promise.allSettled(attempts.map((attempt) => makeAttempt(deps, scope, attempt)));
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    } finally {
      deps.slots.give(held);
    }
  }
  return made;
}

const isDue = (scope: Scope) =>
  and(ofDeliveries(scope), eq(webhookDeliveries.state, "pending"), lte(webhookDeliveries.nextAttemptAt, sql`now()`));

/** Takes due deliveries with their bodies; null when none is due. Those that cannot be sent are given up here. */
async function take(tx: Tx, scope: Scope, webhookId: string, limit: number): Promise<Attempt[] | null> {
  const due = await tx
    .select({ delivery: webhookDeliveries, webhook: webhooks })
    .from(webhookDeliveries)
    .innerJoin(
      webhooks,
      and(eq(webhooks.teamId, webhookDeliveries.teamId), eq(webhooks.id, webhookDeliveries.webhookId)),
    )
    .where(and(isDue(scope), eq(webhookDeliveries.webhookId, webhookId)))
    .orderBy(asc(webhookDeliveries.nextAttemptAt))
    .limit(limit)
    .for("update", { of: webhookDeliveries, skipLocked: true });
  if (due.length === 0) return null;
  const attempts: Attempt[] = [];
  for (const { delivery, webhook } of due) {
    const payload = delivery.payload ?? (await bodyOf(tx, scope, webhook.format, delivery));
    if (webhook.deletedAt || webhook.state === "disabled" || payload === null) {
      const error = payload === null ? "The event has nothing to send in this format." : "The webhook is disabled.";
      await tx.update(webhookDeliveries).set({ state: "failed", error }).where(eq(webhookDeliveries.id, delivery.id));
    } else attempts.push({ webhook, delivery: { ...delivery, payload, attempts: delivery.attempts + 1 } });
  }
  for (const { delivery } of attempts) {
    const nextAttemptAt = new Date(Date.now() + LEASE_MS);
    await tx
      .update(webhookDeliveries)
      .set({ payload: delivery.payload, attempts: delivery.attempts, nextAttemptAt })
      .where(eq(webhookDeliveries.id, delivery.id));
  }
  return attempts;
}

async function bodyOf(tx: Tx, scope: Scope, format: WebhookFormat, delivery: Delivery): Promise<string | null> {
  return delivery.eventId === null ? null : payloadOf(tx, scope, format, delivery.eventId);
}

export interface Outcome {
  answer: Answer | null;
  error: string | null;
}

/** Sends once and records how it went. Never rejects for what the receiver did. */
export async function makeAttempt(deps: DeliverDeps, scope: Scope, attempt: Attempt): Promise<Outcome> {
  const started = Date.now();
  const outcome = await send(deps.installation, attempt).catch(
    (error: unknown): Outcome => ({ answer: null, error: error instanceof Error ? error.message : String(error) }),
  );
  await withTenant(deps.db, scope.teamId, (tx) => record(tx, scope, attempt, outcome, started));
  return outcome;
}

async function send(installation: Installation, { delivery, webhook }: Attempt): Promise<Outcome> {
  const secret = webhook.secret === null ? null : openSealed(installation.secret, WEBHOOK_SECRET, webhook.secret);
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    "content-type": CONTENT_TYPE[webhook.format],
    "user-agent": "Ballast-Webhooks/1",
    ...signatureHeaders(secret, { id: delivery.id, timestamp, body: delivery.payload }),
  };
  const answer = await post(webhook.url, { headers, body: delivery.payload }, installation.webhookHosts);
  const redirect = answer.status >= 300 && answer.status < 400;
  return { answer, error: redirect ? "The receiver redirects; redirects are not followed." : null };
}

async function record(tx: Tx, scope: Scope, attempt: Attempt, outcome: Outcome, started: number): Promise<void> {
  const { delivery, webhook } = attempt;
  const { answer, error } = outcome;
  const now = Date.now();
  const status = answer?.status ?? null;
  const test = delivery.eventId === null;
  const verdict = judge({ attempts: delivery.attempts, status, retryAfter: answer?.retryAfter ?? null }, now);
  // A test is tried once, and a person looks at it: nothing is worth repeating later.
  const state = test && verdict.state === "pending" ? "failed" : verdict.state;
  const entry: WebhookAttempt = { at: new Date(started).toISOString(), status, ms: now - started, error };
  await tx
    .update(webhookDeliveries)
    .set({
      state,
      responseStatus: status,
      responseBody: answer?.body ?? null,
      error: error ?? (state === "delivered" ? null : `The receiver answered ${status ?? "nothing"}.`),
      log: [...delivery.log, entry].slice(-LOG_LENGTH),
      ...(state === "delivered" ? { deliveredAt: new Date(now) } : {}),
      ...(verdict.state === "pending" ? { nextAttemptAt: new Date(now + verdict.waitMs) } : {}),
    })
    .where(and(ofDeliveries(scope), eq(webhookDeliveries.id, delivery.id), eq(webhookDeliveries.state, "pending")));
  if (verdict.state === "failed" && verdict.gone) {
    const reason = "The receiver answered 410: nobody is there any more.";
    await tx
      .update(webhooks)
      .set({ state: "disabled", reason, updatedAt: new Date(now) })
      .where(and(eq(webhooks.teamId, scope.teamId), eq(webhooks.id, webhook.id)));
  }
}
