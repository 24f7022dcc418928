import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { conversions, emit, incidents, notify, projects, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, count, desc, eq, lt, max } from "drizzle-orm";
import { minuteText } from "./unit-incident.ts";
import { unitWords } from "./unit-words.ts";

export type Incident = typeof incidents.$inferSelect;
export type ConversionRecord = typeof conversions.$inferSelect;

const ofIncidents = (scope: Scope) => and(eq(incidents.teamId, scope.teamId), eq(incidents.projectId, scope.projectId));
const ofConversions = (scope: Scope) =>
  and(eq(conversions.teamId, scope.teamId), eq(conversions.projectId, scope.projectId));

interface IncidentPage {
  state?: Incident["state"] | undefined;
  deployment?: string | undefined;
  before?: string | undefined;
  limit: number;
}

/** Incidents, newest first, and how many there are; `next` is the id to pass as `before` for the page after, null at the end. */
export async function listIncidents(
  tx: Tx,
  scope: Scope,
  page: IncidentPage,
): Promise<{ incidents: Incident[]; total: number; next: string | null }> {
  const asked = and(
    ofIncidents(scope),
    page.state === undefined ? undefined : eq(incidents.state, page.state),
    page.deployment === undefined ? undefined : eq(incidents.deploymentId, page.deployment),
  );
  const [counted] = await tx.select({ total: count() }).from(incidents).where(asked);
  const rows = await tx
    .select()
    .from(incidents)
    .where(and(asked, page.before === undefined ? undefined : lt(incidents.id, page.before)))
    .orderBy(desc(incidents.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  return {
    incidents: shown,
    total: counted?.total ?? 0,
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** An incident with the conversions accepted for it. Throws `not_found` for another project's. */
export async function getIncident(
  tx: Tx,
  scope: Scope,
  incidentId: string,
): Promise<{ incident: Incident; conversions: ConversionRecord[] }> {
  const [incident] = await tx
    .select()
    .from(incidents)
    .where(and(ofIncidents(scope), eq(incidents.id, incidentId)));
  if (!incident) throw notFound("Incident", incidentId);
  const accepted = await tx
    .select()
    .from(conversions)
    .where(and(ofConversions(scope), eq(conversions.incidentId, incidentId)))
    .orderBy(conversions.revision);
  return { incident, conversions: accepted };
}

async function lockOpenIncident(tx: Tx, scope: Scope, incidentId: string): Promise<Incident> {
  const [incident] = await tx
    .select()
    .from(incidents)
    .where(and(ofIncidents(scope), eq(incidents.id, incidentId)))
    .for("update");
  if (!incident) throw notFound("Incident", incidentId);
  if (incident.state === "open") return incident;
  const by = incident.resolvedBy === null ? "" : ` by ${incident.resolvedBy}`;
  throw new AppError("conflict", `Incident "${incident.title}" was ${incident.state}${by} before.`, {
    details: { incidentId, state: incident.state, resolution: incident.resolution },
  });
}

/** The watermark and the next conversion revision; the project's row is locked, so that revisions never collide. */
async function lockProject(tx: Tx, scope: Scope): Promise<{ watermark: Date | null; revision: number }> {
  const [project] = await tx
    .select({ watermark: projects.watermark })
    .from(projects)
    .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId)))
    .for("update");
  if (!project) throw notFound("Project", scope.projectId);
  const [last] = await tx
    .select({ revision: max(conversions.revision) })
    .from(conversions)
    .where(ofConversions(scope));
  return { watermark: project.watermark, revision: (last?.revision ?? 0) + 1 };
}

/**
 * Accepts the conversion an incident proposes: from its onset on, every reader of what those send who were seen to send it so turns
 * the column back into its declared unit, and gateways serve with it within a second. Raw rows stay as they came. Closes the incident. Throws `not_found`, `conflict` when it
 * is closed already, `precondition_failed` when it proposes none.
 */
export async function acceptConversion(tx: Tx, scope: Scope, input: { incidentId: string }): Promise<ConversionRecord> {
  const incident = await lockOpenIncident(tx, scope, input.incidentId);
  const { proposal } = incident;
  if (proposal === null) {
    throw new AppError(
      "precondition_failed",
      `Incident "${incident.title}" proposes no conversion; dismiss it instead.`,
    );
  }
  const { column, declaredUnit, receivedUnit, factor, offset, appliesTo = null } = proposal;
  const from = new Date(proposal.from);
  const record = await addConversion(tx, scope, {
    ...{ column, declaredUnit, receivedUnit, factor, offset, from, appliesTo },
    incidentId: incident.id,
  });
  const text = conversionText(record);
  await closeIncident(tx, scope, incident, { state: "resolved", resolution: text, closedAt: record.acceptedAt });
  await emit(tx, scope, {
    name: "conversion.accepted",
    subject: record.id,
    summary: text,
    data: { conversionId: record.id, incidentId: incident.id, revision: record.revision, column, factor, offset },
    eventTime: record.acceptedAt,
  });
  await audit(tx, scope, {
    action: "incident.accept_conversion",
    subject: incident.id,
    detail: { conversionId: record.id, revision: record.revision, ...proposal },
  });
  return record;
}

type NewConversion = Pick<
  ConversionRecord,
  "column" | "declaredUnit" | "receivedUnit" | "factor" | "offset" | "from" | "appliesTo" | "incidentId"
>;

async function addConversion(tx: Tx, scope: Scope, values: NewConversion): Promise<ConversionRecord> {
  const { watermark, revision } = await lockProject(tx, scope);
  const [record] = await tx
    .insert(conversions)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("conversion"),
      revision,
      ...values,
      acceptedAt: watermark !== null && watermark > values.from ? watermark : values.from,
      acceptedBy: scope.actor.name,
    })
    .returning();
  if (!record) throw new AppError("internal", "The conversion was not written.");
  await notify(tx, "ballast_routes", scope.projectId);
  return record;
}

/** "`distance` × 0.621371 (kilometres → miles) from 2001-06-05 00:00 UTC" */
function conversionText({ column, factor, offset, receivedUnit, declaredUnit, from }: NewConversion): string {
  const plus = offset === 0 ? "" : ` ${offset < 0 ? "−" : "+"} ${Math.abs(offset).toPrecision(6)}`;
  const units =
    receivedUnit === declaredUnit
      ? `as ${unitWords(declaredUnit)}, unconverted`
      : `× ${factor.toPrecision(6)}${plus} (${unitWords(receivedUnit)} → ${unitWords(declaredUnit)})`;
  return `\`${column}\` ${units} from ${minuteText(+from)}`;
}

async function closeIncident(
  tx: Tx,
  scope: Scope,
  incident: Incident,
  end: { state: "resolved" | "dismissed"; resolution: string; closedAt: Date | null },
): Promise<void> {
  await tx
    .update(incidents)
    .set({
      state: end.state,
      resolution: end.resolution,
      resolvedBy: scope.actor.name,
      closedEventTime: end.closedAt,
      closedAt: new Date(),
    })
    .where(and(ofIncidents(scope), eq(incidents.id, incident.id)));
  await emit(tx, scope, {
    name: "incident.closed",
    subject: incident.id,
    summary: `${incident.title}: ${end.state} by ${scope.actor.name}`,
    data: { incidentId: incident.id, state: end.state, resolution: end.resolution },
    eventTime: end.closedAt,
  });
}

/** Closes an incident as none, with a reason. It stays quiet while the same goes on. Throws `not_found`, `conflict` when closed. */
export async function dismissIncident(
  tx: Tx,
  scope: Scope,
  input: { incidentId: string; reason: string },
): Promise<void> {
  const incident = await lockOpenIncident(tx, scope, input.incidentId);
  const { watermark } = await lockProject(tx, scope);
  await closeIncident(tx, scope, incident, { state: "dismissed", resolution: input.reason, closedAt: watermark });
  await audit(tx, scope, { action: "incident.dismiss", subject: incident.id, detail: { reason: input.reason } });
}

/**
 * Takes a conversion back, from a given event time on (the sender was repaired) or for all of its time (it was wrong). Written as
 * a newer conversion that changes nothing, so that rows served with the old one can still be computed as they were. Throws
 * `not_found`; `invalid_input` for a time before the conversion began.
 */
export async function withdrawConversion(
  tx: Tx,
  scope: Scope,
  input: { conversionId: string; from?: Date | undefined; reason: string },
): Promise<ConversionRecord> {
  const [old] = await tx
    .select()
    .from(conversions)
    .where(and(ofConversions(scope), eq(conversions.id, input.conversionId)));
  if (!old) throw notFound("Conversion", input.conversionId);
  const from = input.from ?? old.from;
  if (from < old.from) {
    throw new AppError("invalid_input", `from: the conversion began at ${old.from.toISOString()}; give a later time.`, {
      details: { field: "from" },
    });
  }
  const { column, declaredUnit, appliesTo, incidentId } = old;
  const record = await addConversion(tx, scope, {
    ...{ column, declaredUnit, receivedUnit: declaredUnit, appliesTo, incidentId, from },
    ...{ factor: 1, offset: 0 },
  });
  await emit(tx, scope, {
    name: "conversion.accepted",
    subject: record.id,
    summary: `Withdrawn: ${conversionText(record)}`,
    data: { conversionId: record.id, withdraws: old.id, revision: record.revision, column, factor: 1, offset: 0 },
    eventTime: record.acceptedAt,
  });
  await audit(tx, scope, {
    action: "conversion.withdraw",
    subject: old.id,
    detail: { by: record.id, from: from.toISOString(), reason: input.reason },
  });
  return record;
}

/** Rows that must not be trained on: those since a change of unit that nobody has resolved or dismissed. */
export async function openUnitIncidents(
  tx: Tx,
  scope: Scope,
): Promise<{ incidentId: string; title: string; column: string; from: Date; to: Date | null }[]> {
  const rows = await tx
    .select()
    .from(incidents)
    .where(and(ofIncidents(scope), eq(incidents.kind, "unit_change"), eq(incidents.state, "open")));
  return rows.map(({ id, title, proposal, since }) => ({
    incidentId: id,
    title,
    column: proposal?.column ?? "",
    from: since,
    to: null,
  }));
}
