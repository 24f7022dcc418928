import { randomBytes } from "node:crypto";
import { AppError, type DomainEventName, newId, notFound, type Scope } from "@ballast/core";
import { type Tx, webhookDeliveries, webhooks } from "@ballast/db";
import { and, asc, count, desc, eq, gt, isNull, max, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { type Installation, sealText } from "../installation.ts";
import { checkWebhookUrl } from "./address.ts";
import {
  type CreateWebhook,
  createWebhookSchema,
  eventsOf,
  type UpdateWebhook,
  type WebhookFormat,
} from "./schemas.ts";

type Row = typeof webhooks.$inferSelect;
/** A webhook as it is shown: whether it signs, never with what. */
export type Webhook = Omit<Row, "secret" | "deletedAt"> & { signed: boolean };

export const WEBHOOK_SECRET = "webhook-secret";
const MOST_WEBHOOKS = 100;

export const ofWebhooks = (scope: Scope) =>
  and(eq(webhooks.teamId, scope.teamId), eq(webhooks.projectId, scope.projectId), isNull(webhooks.deletedAt));

function shown({ secret, deletedAt: _, ...row }: Row): Webhook {
  return { ...row, signed: secret !== null };
}

/** Events as they are kept: `*` stays for CloudEvents, other formats name what they can tell of. */
function eventsFor(format: WebhookFormat, events: readonly string[]): string[] {
  const possible = eventsOf(format);
  if (events.includes("*")) return format === "cloudevents" ? ["*"] : [...possible];
  const impossible = events.find((event) => !possible.includes(event as DomainEventName));
  if (impossible) {
    throw new AppError(
      "invalid_input",
      `events: the format ${format} says nothing of ${impossible}. It can tell of ${possible.join(", ")}.`,
      { details: { field: "events" } },
    );
  }
  return [...new Set(events)];
}

/**
 * Makes a webhook. A secret that the platform makes is in the answer this once. @throws AppError `invalid_input` for an address that
 * is not https or is private, or events the format cannot tell of; `precondition_failed` beyond 100 webhooks
 */
export async function createWebhook(
  tx: Tx,
  installation: Installation,
  scope: Scope,
  asked: CreateWebhook,
): Promise<Webhook & { secret: string | null }> {
  const input = createWebhookSchema.parse(asked);
  const url = checkWebhookUrl(input.url, installation.webhookHosts).href;
  const [present] = await tx.select({ n: count() }).from(webhooks).where(ofWebhooks(scope));
  if ((present?.n ?? 0) >= MOST_WEBHOOKS)
    throw new AppError("precondition_failed", `A project has at most ${MOST_WEBHOOKS} webhooks. Delete one first.`);
  const secret = input.secret === undefined ? `whsec_${randomBytes(32).toString("base64")}` : input.secret;
  const [made] = await tx
    .insert(webhooks)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("webhook"),
      name: input.name,
      description: input.description,
      url,
      events: eventsFor(input.format, input.events),
      format: input.format,
      secret: secret === null ? null : sealText(installation.secret, WEBHOOK_SECRET, secret),
      state: input.state,
      createdBy: scope.actor.name,
    })
    .returning();
  if (!made) throw new AppError("internal", "the webhook was not written");
  const detail = { name: made.name, url, events: made.events, format: made.format, signed: secret !== null };
  await audit(tx, scope, { action: "webhook.create", subject: made.id, detail });
  return { ...shown(made), secret: input.secret === undefined ? secret : null };
}

/** Changes what is named. A new secret signs from the next attempt on. */
export async function updateWebhook(
  tx: Tx,
  installation: Installation,
  scope: Scope,
  webhookId: string,
  change: UpdateWebhook,
): Promise<Webhook> {
  const before = await getWebhook(tx, scope, webhookId);
  const { secret, ...rest } = change;
  const set: Partial<typeof webhooks.$inferInsert> = { updatedAt: new Date() };
  if (rest.name !== undefined) set.name = rest.name;
  if (rest.description !== undefined) set.description = rest.description;
  if (rest.url !== undefined) set.url = checkWebhookUrl(rest.url, installation.webhookHosts).href;
  if (rest.events !== undefined) set.events = eventsFor(before.format, rest.events);
  if (rest.state !== undefined) Object.assign(set, { state: rest.state, reason: null });
  if (secret !== undefined) set.secret = secret === null ? null : sealText(installation.secret, WEBHOOK_SECRET, secret);
  const [row] = await tx
    .update(webhooks)
    .set(set)
    .where(and(ofWebhooks(scope), eq(webhooks.id, webhookId)))
    .returning();
  if (!row) throw notFound("Webhook", webhookId);
  const detail = { ...rest, ...(secret === undefined ? {} : { signed: secret !== null, secretChanged: true }) };
  await audit(tx, scope, { action: "webhook.update", subject: webhookId, detail });
  return shown(row);
}

/** Ends a webhook: nothing more is sent, what waits is given up; its past stays readable. */
export async function deleteWebhook(tx: Tx, scope: Scope, webhookId: string): Promise<void> {
  const { name } = await getWebhook(tx, scope, webhookId);
  await tx
    .update(webhooks)
    .set({ deletedAt: new Date(), secret: null })
    .where(and(ofWebhooks(scope), eq(webhooks.id, webhookId)));
  await tx
    .update(webhookDeliveries)
    .set({ state: "failed", error: "The webhook was deleted." })
    .where(
      and(
        eq(webhookDeliveries.teamId, scope.teamId),
        eq(webhookDeliveries.projectId, scope.projectId),
        eq(webhookDeliveries.webhookId, webhookId),
        eq(webhookDeliveries.state, "pending"),
      ),
    );
  await audit(tx, scope, { action: "webhook.delete", subject: webhookId, detail: { name } });
}

export async function getWebhook(tx: Tx, scope: Scope, webhookId: string): Promise<Webhook> {
  const [row] = await tx
    .select()
    .from(webhooks)
    .where(and(ofWebhooks(scope), eq(webhooks.id, webhookId)));
  if (!row) throw notFound("Webhook", webhookId);
  return shown(row);
}

/** Webhooks in the order they were made, of one format or all, a page at a time; pass the last one's id as `after`. */
export async function pageOfWebhooks(
  tx: Tx,
  scope: Scope,
  page: { after?: string | undefined; limit: number; format?: WebhookFormat | undefined },
): Promise<{ webhooks: Webhook[]; next: string | null }> {
  const rows = await tx
    .select()
    .from(webhooks)
    .where(
      and(
        ofWebhooks(scope),
        page.after ? gt(webhooks.id, page.after) : undefined,
        page.format ? eq(webhooks.format, page.format) : undefined,
      ),
    )
    .orderBy(asc(webhooks.id))
    .limit(page.limit + 1);
  const next = rows.length > page.limit ? (rows[page.limit - 1]?.id ?? null) : null;
  return { webhooks: rows.slice(0, page.limit).map(shown), next };
}

/** All webhooks, newest first, with how their deliveries stand. */
export async function listWebhooks(tx: Tx, scope: Scope) {
  const rows = await tx.select().from(webhooks).where(ofWebhooks(scope)).orderBy(desc(webhooks.id));
  const inState = (state: string) =>
    sql<number>`count(*) filter (where ${webhookDeliveries.state} = ${state})`.mapWith(Number);
  const figures = await tx
    .select({
      webhookId: webhookDeliveries.webhookId,
      delivered: inState("delivered"),
      pending: inState("pending"),
      failed: inState("failed"),
      lastAt: max(webhookDeliveries.createdAt),
    })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.teamId, scope.teamId), eq(webhookDeliveries.projectId, scope.projectId)))
    .groupBy(webhookDeliveries.webhookId);
  return rows.map((row) => {
    const own = figures.find((figure) => figure.webhookId === row.id);
    return {
      ...shown(row),
      delivered: own?.delivered ?? 0,
      pending: own?.pending ?? 0,
      failed: own?.failed ?? 0,
      lastAt: own?.lastAt ?? null,
    };
  });
}
