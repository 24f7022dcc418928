import type { DomainEventName } from "@ballast/core";
import { createWebhookSchema, MLFLOW_EVENTS, type MlflowEventName, updateWebhookSchema } from "@ballast/governance";
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  pageOfWebhooks,
  testWebhook,
  updateWebhook,
  type Webhook,
} from "@ballast/governance/server";
import { inTeam, type MlflowCall, type MlflowHandler } from "../call.ts";
import { doesNotExist, invalidParameter } from "../errors.ts";
import type { Fields } from "../fields.ts";
import { pageLimit } from "./search.ts";

const MOST = 1_000;
const DEFAULT_PAGE = 100;
const STATE = { ACTIVE: "active", DISABLED: "disabled" } as const;

const nameOf = (event: string) =>
  (Object.entries(MLFLOW_EVENTS) as [MlflowEventName, DomainEventName][]).find(([, domain]) => domain === event)?.[0];

function webhookJson(webhook: Webhook) {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    description: webhook.description || undefined,
    url: webhook.url,
    events: webhook.events.flatMap((event) => {
      const [entity, action] = nameOf(event)?.split(".") ?? [];
      return entity && action ? [{ entity: entity.toUpperCase(), action: action.toUpperCase() }] : [];
    }),
    status: webhook.state === "active" ? "ACTIVE" : "DISABLED",
    creation_timestamp: webhook.createdAt.getTime(),
    last_updated_timestamp: webhook.updatedAt.getTime(),
  };
}

/** The domain event of an MLflow event. @throws MlflowError for one of prompts, or a pair that MLflow does not have either */
function eventOf(fields: Fields): DomainEventName {
  const name = `${fields.required("entity")}.${fields.required("action")}`.toLowerCase();
  const event = Object.hasOwn(MLFLOW_EVENTS, name) ? MLFLOW_EVENTS[name as MlflowEventName] : undefined;
  if (event) return event;
  throw invalidParameter(`Invalid webhook event: ${name}. Supported: ${Object.keys(MLFLOW_EVENTS).join(", ")}.`);
}

const eventsOf = (fields: Fields): DomainEventName[] | undefined =>
  fields.has("events") ? fields.objects("events").map(eventOf) : undefined;

function stateOf(fields: Fields): "active" | "disabled" | undefined {
  const status = fields.text("status");
  if (status === undefined) return undefined;
  if (status === "ACTIVE" || status === "DISABLED") return STATE[status];
  throw invalidParameter(`Invalid value ${status} for parameter 'status' supplied. It must be ACTIVE or DISABLED.`);
}

/** The parts of a schema that are used here. */
interface Schema<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** @throws MlflowError naming the field that is wrong */
function checked<T>(schema: Schema<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidParameter(
    `Invalid value for parameter '${issue?.path.map(String).join(".")}' supplied: ${issue?.message}`,
  );
}

/** A webhook that MLflow's clients can know of: one that sends what they send. */
async function known(call: MlflowCall): Promise<Webhook> {
  const id = call.fields.required("webhook_id");
  const webhook = await inTeam(call, (tx) => getWebhook(tx, call.scope, id));
  if (webhook.format !== "mlflow") throw doesNotExist(`Webhook with ID ${id} not found.`);
  return webhook;
}

export const createWebhookHandler: MlflowHandler = async (call) => {
  const { fields, scope, deps } = call;
  const input = checked(createWebhookSchema, {
    name: fields.required("name"),
    url: fields.required("url"),
    events: eventsOf(fields) ?? [],
    description: fields.text("description"),
    // As in MLflow: without a secret nothing is signed.
    secret: fields.text("secret") ?? null,
    state: stateOf(fields),
    format: "mlflow",
  });
  const webhook = await inTeam(call, (tx) => createWebhook(tx, deps.installation, scope, input));
  return { webhook: webhookJson(webhook) };
};

export const listWebhooks: MlflowHandler = async (call) => {
  const { fields, scope } = call;
  const page = await inTeam(call, (tx) =>
    pageOfWebhooks(tx, scope, {
      after: fields.text("page_token"),
      limit: pageLimit(fields, MOST, DEFAULT_PAGE),
      format: "mlflow",
    }),
  );
  const webhooks = page.webhooks.map(webhookJson);
  return { webhooks: webhooks.length > 0 ? webhooks : undefined, next_page_token: page.next ?? undefined };
};

export const getWebhookHandler: MlflowHandler = async (call) => ({ webhook: webhookJson(await known(call)) });

export const updateWebhookHandler: MlflowHandler = async (call) => {
  const { fields, scope, deps } = call;
  const { id } = await known(call);
  const given = {
    name: fields.text("name"),
    description: fields.textOrEmpty("description"),
    url: fields.text("url"),
    events: eventsOf(fields),
    secret: fields.text("secret"),
    state: stateOf(fields),
  };
  const change = checked(
    updateWebhookSchema,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  return { webhook: webhookJson(await inTeam(call, (tx) => updateWebhook(tx, deps.installation, scope, id, change))) };
};

export const deleteWebhookHandler: MlflowHandler = async (call) => {
  const { id } = await known(call);
  await inTeam(call, (tx) => deleteWebhook(tx, call.scope, id));
  return {};
};

export const testWebhookHandler: MlflowHandler = async (call) => {
  const { id } = await known(call);
  const asked = call.fields.object("event");
  const input = { webhookId: id, event: asked ? eventOf(asked) : undefined };
  const result = await testWebhook(call.deps, call.scope, input);
  return {
    result: {
      success: result.success,
      response_status: result.status ?? undefined,
      response_body: result.body ?? undefined,
      error_message: result.error ?? undefined,
    },
  };
};
