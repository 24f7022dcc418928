import { DOMAIN_EVENTS, type DomainEventName } from "@ballast/core";
import { z } from "zod";

/** What a webhook sends: a CloudEvent, the payload MLflow's server sends, or an OpenLineage run event. */
export const WEBHOOK_FORMATS = ["cloudevents", "mlflow", "openlineage"] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** MLflow's webhook events with the domain event each tells of. */
export const MLFLOW_EVENTS = {
  "registered_model.created": "registered_model.created",
  "model_version.created": "model_version.registered",
  "model_version_tag.set": "model_version.tagged",
  "model_version_tag.deleted": "model_version.untagged",
  "model_version_alias.created": "alias.moved",
  "model_version_alias.deleted": "alias.dropped",
} as const satisfies Record<string, DomainEventName>;
export type MlflowEventName = keyof typeof MLFLOW_EVENTS;

/** Domain events that say something about a run or a training job. */
export const LINEAGE_EVENTS = [
  "run.ended",
  "training.requested",
  "training.succeeded",
  "training.failed",
] as const satisfies readonly DomainEventName[];

/** The events a format can tell of. */
export function eventsOf(format: WebhookFormat): readonly DomainEventName[] {
  if (format === "mlflow") return [...new Set(Object.values(MLFLOW_EVENTS))];
  return format === "openlineage" ? LINEAGE_EVENTS : DOMAIN_EVENTS;
}

const name = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,61}[A-Za-z0-9]$|^[A-Za-z0-9]$/,
    "Use 1 to 63 letters, digits, spaces, '.', '_' or '-', starting and ending with a letter or digit.",
  );
const url = z.string().trim().min(1, "Enter the address to send to.").max(2_000);
const events = z
  .array(z.union([z.enum(DOMAIN_EVENTS), z.literal("*")]))
  .min(1, "Choose at least one event.")
  .max(DOMAIN_EVENTS.length + 1);
const secret = z.string().min(8, "Use at least 8 characters.").max(500);

export const createWebhookSchema = z.object({
  name,
  url,
  events,
  description: z.string().max(1_000).default(""),
  format: z.enum(WEBHOOK_FORMATS).default("cloudevents"),
  /** What deliveries are signed with. Left out: one is made and shown once; null: not signed. */
  secret: secret.nullable().optional(),
  state: z.enum(["active", "disabled"]).default("active"),
});
export type CreateWebhook = z.input<typeof createWebhookSchema>;

export const updateWebhookSchema = z
  .object({
    name,
    url,
    events,
    description: z.string().max(1_000),
    secret: secret.nullable(),
    state: z.enum(["active", "disabled"]),
  })
  .partial();
export type UpdateWebhook = z.infer<typeof updateWebhookSchema>;

export const replaySchema = z
  .object({
    /** Deliveries by id, or all of a webhook made in [from, to) and in one of the states. */
    deliveryIds: z.array(z.string().max(100)).min(1).max(1_000).optional(),
    webhookId: z.string().max(100).optional(),
    from: z.date().optional(),
    to: z.date().optional(),
    states: z
      .array(z.enum(["delivered", "failed"]))
      .min(1)
      .default(["failed"]),
  })
  .refine((input) => (input.deliveryIds === undefined) !== (input.webhookId === undefined), {
    path: ["deliveryIds"],
    message: "Name either the deliveries or the webhook.",
  });
export type Replay = z.infer<typeof replaySchema>;
