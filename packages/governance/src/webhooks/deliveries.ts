import { AppError, type DomainEventName, newId, notFound, type Scope } from "@ballast/core";
import { notify, type Tx, webhookDeliveries, webhooks, withTenant } from "@ballast/db";
import { and, desc, eq, gte, inArray, lt, type SQL } from "drizzle-orm";
import { audit } from "../audit.ts";
import { type DeliverDeps, LEASE_MS, makeAttempt, ofDeliveries } from "./deliver.ts";
import { testPayload } from "./payload.ts";
import type { Replay } from "./schemas.ts";
import { getWebhook, ofWebhooks } from "./webhooks.ts";

/** Deliveries, newest first, without their bodies; pass the last one's time as `before`. */
export async function listDeliveries(
  tx: Tx,
  scope: Scope,
  page: {
    webhookId: string;
    state?: "pending" | "delivered" | "failed" | undefined;
    before?: Date | undefined;
    limit: number;
  },
) {
  await getWebhook(tx, scope, page.webhookId);
  const rows = await tx
    .select({
      id: webhookDeliveries.id,
      eventId: webhookDeliveries.eventId,
      eventName: webhookDeliveries.eventName,
      state: webhookDeliveries.state,
      attempts: webhookDeliveries.attempts,
      nextAttemptAt: webhookDeliveries.nextAttemptAt,
      responseStatus: webhookDeliveries.responseStatus,
      error: webhookDeliveries.error,
      log: webhookDeliveries.log,
      deliveredAt: webhookDeliveries.deliveredAt,
      createdAt: webhookDeliveries.createdAt,
    })
    .from(webhookDeliveries)
    .where(
      and(
        ofDeliveries(scope),
        eq(webhookDeliveries.webhookId, page.webhookId),
        page.state ? eq(webhookDeliveries.state, page.state) : undefined,
        page.before ? lt(webhookDeliveries.createdAt, page.before) : undefined,
      ),
    )
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(page.limit + 1);
  const deliveries = rows.slice(0, page.limit);
  return { deliveries, next: rows.length > page.limit ? (deliveries.at(-1)?.createdAt ?? null) : null };
}

/** A delivery with what was sent and what was answered. */
export async function getDelivery(tx: Tx, scope: Scope, deliveryId: string) {
  const [row] = await tx
    .select()
    .from(webhookDeliveries)
    .where(and(ofDeliveries(scope), eq(webhookDeliveries.id, deliveryId)));
  if (!row) throw notFound("Delivery", deliveryId);
  return row;
}

/**
 * Sends again what was delivered or given up: same id, same body, fresh signature and count of attempts. Tests are not among a range.
 * Returns how many. @throws AppError `not_found` for a delivery or webhook that is not the project's
 */
export async function replayDeliveries(tx: Tx, scope: Scope, input: Replay): Promise<{ replayed: number }> {
  const conditions: (SQL | undefined)[] = [
    ofDeliveries(scope),
    inArray(webhookDeliveries.state, ["delivered", "failed"]),
  ];
  if (input.deliveryIds) {
    for (const id of input.deliveryIds) {
      const { webhookId, eventId } = await getDelivery(tx, scope, id);
      await getWebhook(tx, scope, webhookId);
      if (eventId === null) throw new AppError("invalid_input", "deliveryIds: a test cannot be replayed; test again.");
    }
    conditions.push(inArray(webhookDeliveries.id, input.deliveryIds));
  } else {
    await getWebhook(tx, scope, input.webhookId ?? "");
    conditions.push(eq(webhookDeliveries.webhookId, input.webhookId ?? ""));
    conditions.push(inArray(webhookDeliveries.state, input.states));
    // Tests were made with the event in them; a range is of events.
    conditions.push(gte(webhookDeliveries.eventId, 0));
    if (input.from) conditions.push(gte(webhookDeliveries.createdAt, input.from));
    if (input.to) conditions.push(lt(webhookDeliveries.createdAt, input.to));
  }
  const replayed = await tx
    .update(webhookDeliveries)
    .set({ state: "pending", attempts: 0, nextAttemptAt: new Date(), error: null, deliveredAt: null })
    .where(and(...conditions))
    .returning({ id: webhookDeliveries.id });
  if (replayed.length > 0) await notify(tx, "ballast_webhooks", `${scope.teamId}/${scope.projectId}`);
  const subject = input.webhookId ?? input.deliveryIds?.[0] ?? "";
  await audit(tx, scope, { action: "webhook.replay", subject, detail: { replayed: replayed.length } });
  return { replayed: replayed.length };
}

export interface TestResult {
  deliveryId: string;
  success: boolean;
  status: number | null;
  body: string | null;
  error: string | null;
}

/** Sends an example at once, also over a disabled webhook, and says what came back. It is kept as a delivery. */
export async function testWebhook(
  deps: DeliverDeps,
  scope: Scope,
  input: { webhookId: string; event?: DomainEventName | undefined },
): Promise<TestResult> {
  const attempt = await withTenant(deps.db, scope.teamId, async (tx) => {
    const [webhook] = await tx
      .select()
      .from(webhooks)
      .where(and(ofWebhooks(scope), eq(webhooks.id, input.webhookId)));
    if (!webhook) throw notFound("Webhook", input.webhookId);
    const payload = await testPayload(tx, scope, webhook.format, input.event ?? null);
    const [delivery] = await tx
      .insert(webhookDeliveries)
      .values({
        teamId: scope.teamId,
        projectId: scope.projectId,
        id: newId("webhookDelivery"),
        webhookId: webhook.id,
        eventId: null,
        eventName: input.event ?? "test",
        state: "pending",
        payload,
        attempts: 1,
        nextAttemptAt: new Date(Date.now() + LEASE_MS),
      })
      .returning();
    if (!delivery) throw new AppError("internal", "the test was not written");
    await audit(tx, scope, { action: "webhook.test", subject: webhook.id, detail: { url: webhook.url } });
    return { webhook, delivery: { ...delivery, payload } };
  });
  const { answer, error } = await makeAttempt(deps, scope, attempt);
  const status = answer?.status ?? null;
  const success = status !== null && status >= 200 && status < 300;
  return { deliveryId: attempt.delivery.id, success, status, body: answer?.body ?? null, error };
}
