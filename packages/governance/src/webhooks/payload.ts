import type { DomainEventName, Scope } from "@ballast/core";
import { domainEvents, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { lineageEventOf } from "../open-lineage/export.ts";
import { lineageNamespace } from "../open-lineage/gather.ts";
import { MLFLOW_EVENTS, type MlflowEventName, type WebhookFormat } from "./schemas.ts";

type EventRow = typeof domainEvents.$inferSelect;

export const CONTENT_TYPE: Record<WebhookFormat, string> = {
  cloudevents: "application/cloudevents+json; charset=utf-8",
  mlflow: "application/json",
  openlineage: "application/json",
};

/**
 * The event in the CloudEvents 1.0 JSON format. Extensions: `sequence` orders the events of a project, `eventtime` is the data's own
 * clock. `id` is the event's, so that the same event over two webhooks is one event.
 */
function cloudEvent(event: EventRow, source: string): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: String(event.id),
    source,
    type: `ballast.${event.name}`,
    subject: event.subject,
    time: event.at.toISOString(),
    datacontenttype: "application/json",
    sequence: String(event.id).padStart(20, "0"),
    ...(event.eventTime ? { eventtime: event.eventTime.toISOString() } : {}),
    data: { summary: event.summary, ...event.data },
  };
}

const MLFLOW_NAME = new Map<DomainEventName, MlflowEventName>(
  (Object.entries(MLFLOW_EVENTS) as [MlflowEventName, DomainEventName][]).map(([mlflow, domain]) => [domain, mlflow]),
);

/** MLflow's envelope around an event's data. */
function mlflowEnvelope(name: MlflowEventName, at: Date, data: Record<string, unknown>) {
  const [entity = "", action = ""] = name.split(".");
  return { entity, action, timestamp: at.toISOString(), data };
}

/** The fields MLflow sends for each event, from the registry as it is and from what the event carries. */
async function mlflowPayload(tx: Tx, scope: Scope, event: EventRow): Promise<Record<string, unknown> | null> {
  const name = MLFLOW_NAME.get(event.name);
  if (!name) return null;
  const text = (key: string) => (typeof event.data[key] === "string" ? (event.data[key] as string) : null);
  const [row] = await tx
    .select({ version: modelVersions, model: registeredModels })
    .from(registeredModels)
    .leftJoin(
      modelVersions,
      and(eq(modelVersions.teamId, registeredModels.teamId), eq(modelVersions.id, text("versionId") ?? event.subject)),
    )
    .where(
      and(
        eq(registeredModels.teamId, scope.teamId),
        eq(registeredModels.projectId, scope.projectId),
        eq(registeredModels.id, text("modelId") ?? event.subject),
      ),
    );
  const model = { name: row?.model.name ?? text("model") ?? event.subject };
  const version = { ...model, version: String(row?.version?.version ?? event.data.version ?? "") };
  const about = row?.version;
  const data: Record<MlflowEventName, () => Record<string, unknown>> = {
    "registered_model.created": () => ({
      ...model,
      tags: row?.model.tags ?? {},
      description: row?.model.description || null,
    }),
    "model_version.created": () => ({
      ...version,
      source: about?.source ?? null,
      run_id: about?.lineage.runId ?? null,
      tags: about?.tags ?? {},
      description: about?.description || null,
    }),
    "model_version_tag.set": () => ({ ...version, key: text("key"), value: text("value") }),
    "model_version_tag.deleted": () => ({ ...version, key: text("key") }),
    "model_version_alias.created": () => ({ ...version, alias: text("alias") }),
    "model_version_alias.deleted": () => ({ ...model, alias: text("alias") }),
  };
  return mlflowEnvelope(name, event.at, data[name]());
}

/** The body of a delivery, or null when the format has nothing to say of the event. */
export async function payloadOf(tx: Tx, scope: Scope, format: WebhookFormat, eventId: number): Promise<string | null> {
  const [event] = await tx
    .select()
    .from(domainEvents)
    .where(
      and(
        eq(domainEvents.teamId, scope.teamId),
        eq(domainEvents.projectId, scope.projectId),
        eq(domainEvents.id, eventId),
      ),
    );
  if (!event) return null;
  if (format === "mlflow") return jsonOrNull(await mlflowPayload(tx, scope, event));
  if (format === "openlineage") return jsonOrNull(await lineageEventOf(tx, scope, event.subject));
  return JSON.stringify(cloudEvent(event, await lineageNamespace(tx, scope)));
}

const jsonOrNull = (value: Record<string, unknown> | null) => (value === null ? null : JSON.stringify(value));

/** An example of what a format sends, for a test: marked as one, and about nothing that exists. */
export async function testPayload(
  tx: Tx,
  scope: Scope,
  format: WebhookFormat,
  event: DomainEventName | null,
): Promise<string> {
  const at = new Date();
  const source = await lineageNamespace(tx, scope);
  if (format === "mlflow") {
    const name = MLFLOW_NAME.get(event ?? "registered_model.created") ?? "registered_model.created";
    const version = name.startsWith("model_version") ? { version: "1" } : {};
    return JSON.stringify(mlflowEnvelope(name, at, { name: "example_model", ...version, description: "A test" }));
  }
  return JSON.stringify({
    specversion: "1.0",
    id: `test-${at.getTime()}`,
    source,
    type: event ? `ballast.${event}` : "ballast.webhook.tested",
    subject: "test",
    time: at.toISOString(),
    datacontenttype: "application/json",
    data: { summary: "A test: nothing happened.", test: true },
  });
}
