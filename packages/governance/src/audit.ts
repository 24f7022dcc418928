import { newId, type Scope } from "@ballast/core";
import { auditEvents, type Tx } from "@ballast/db";
import { and, desc, eq, ilike, isNull, lt, or, type SQL } from "drizzle-orm";

export interface AuditEntry {
  /** `noun.verb`, e.g. `token.create`. */
  action: string;
  /** Id of what was changed. */
  subject: string;
  detail?: Record<string, unknown>;
  /** It concerns the whole team: every project's log shows it. */
  teamWide?: boolean;
}

/** Writes down who changed what, in the transaction of the change. */
export async function audit(tx: Tx, scope: Scope, entry: AuditEntry): Promise<void> {
  await tx.insert(auditEvents).values({
    teamId: scope.teamId,
    projectId: entry.teamWide ? null : scope.projectId,
    id: newId("auditEvent"),
    actorType: scope.actor.type,
    actorId: scope.actor.id,
    actorName: scope.actor.name,
    action: entry.action,
    subject: entry.subject,
    detail: entry.detail ?? {},
  });
}

/** Newest first, `limit` at a time; pass the last row's id as `before` for the next page. */
export async function listAuditEvents(tx: Tx, scope: Scope, page: { before?: string; limit: number; search?: string }) {
  const conditions: (SQL | undefined)[] = [
    eq(auditEvents.teamId, scope.teamId),
    or(isNull(auditEvents.projectId), eq(auditEvents.projectId, scope.projectId)),
  ];
  if (page.before) conditions.push(lt(auditEvents.id, page.before));
  if (page.search) {
    const pattern = `%${page.search.replaceAll("%", "\\%")}%`;
    conditions.push(
      or(
        ilike(auditEvents.action, pattern),
        ilike(auditEvents.subject, pattern),
        ilike(auditEvents.actorName, pattern),
      ),
    );
  }
  return tx
    .select()
    .from(auditEvents)
    .where(and(...conditions))
    .orderBy(desc(auditEvents.id))
    .limit(page.limit);
}
