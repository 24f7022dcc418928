import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { experiments, notify, type RetentionSpec, retentionReports, retentionRules, type Tx } from "@ballast/db";
import { and, asc, count, desc, eq, inArray, lt } from "drizzle-orm";
import { audit } from "../audit.ts";
import { type RetentionSpecInput, retentionSpecSchema } from "./schemas.ts";

export type RetentionRule = typeof retentionRules.$inferSelect;
export type RetentionReport = typeof retentionReports.$inferSelect;
const MOST_RULES = 50;

const ofRules = (scope: Scope) =>
  and(eq(retentionRules.teamId, scope.teamId), eq(retentionRules.projectId, scope.projectId));
export const ofReports = (scope: Scope) =>
  and(eq(retentionReports.teamId, scope.teamId), eq(retentionReports.projectId, scope.projectId));

/** Rules of the project, oldest first. */
export async function listRules(tx: Tx, scope: Scope): Promise<RetentionRule[]> {
  return tx.select().from(retentionRules).where(ofRules(scope)).orderBy(asc(retentionRules.id));
}

async function checked(tx: Tx, scope: Scope, input: RetentionSpecInput): Promise<RetentionSpec> {
  const spec = retentionSpecSchema.parse(input);
  if ("experimentId" in spec && spec.experimentId !== null) {
    const [found] = await tx
      .select({ id: experiments.id })
      .from(experiments)
      .where(
        and(
          eq(experiments.teamId, scope.teamId),
          eq(experiments.projectId, scope.projectId),
          eq(experiments.id, spec.experimentId),
        ),
      );
    if (!found) throw notFound("Experiment", spec.experimentId);
  }
  return spec;
}

/** Makes a rule. It is first applied at the next clean-up. @throws AppError `not_found` for an experiment of elsewhere */
export async function createRule(tx: Tx, scope: Scope, input: RetentionSpecInput): Promise<RetentionRule> {
  const spec = await checked(tx, scope, input);
  const [present] = await tx.select({ n: count() }).from(retentionRules).where(ofRules(scope));
  if ((present?.n ?? 0) >= MOST_RULES)
    throw new AppError("precondition_failed", `A project has at most ${MOST_RULES} retention rules. Delete one first.`);
  const { teamId, projectId } = scope;
  const [made] = await tx
    .insert(retentionRules)
    .values({ teamId, projectId, id: newId("retentionRule"), spec, createdBy: scope.actor.name })
    .returning();
  if (!made) throw new AppError("internal", "the rule was not written");
  await audit(tx, scope, { action: "retention_rule.create", subject: made.id, detail: { spec } });
  return made;
}

/** Changes a rule or turns it on or off. */
export async function updateRule(
  tx: Tx,
  scope: Scope,
  input: { ruleId: string; spec?: RetentionSpecInput | undefined; enabled?: boolean | undefined },
): Promise<RetentionRule> {
  const spec = input.spec === undefined ? undefined : await checked(tx, scope, input.spec);
  const [row] = await tx
    .update(retentionRules)
    .set({
      updatedAt: new Date(),
      ...(spec === undefined ? {} : { spec, appliedTo: null }),
      ...(input.enabled === undefined ? {} : { enabled: input.enabled }),
    })
    .where(and(ofRules(scope), eq(retentionRules.id, input.ruleId)))
    .returning();
  if (!row) throw notFound("Retention rule", input.ruleId);
  const detail = { spec: row.spec, enabled: row.enabled };
  await audit(tx, scope, { action: "retention_rule.update", subject: row.id, detail });
  return row;
}

export async function deleteRule(tx: Tx, scope: Scope, ruleId: string): Promise<void> {
  const [row] = await tx
    .delete(retentionRules)
    .where(and(ofRules(scope), eq(retentionRules.id, ruleId)))
    .returning();
  if (!row) throw notFound("Retention rule", ruleId);
  await audit(tx, scope, { action: "retention_rule.delete", subject: ruleId, detail: { spec: row.spec } });
}

/** Clean-ups, newest first; pass the last one's id as `before`. */
export async function listReports(tx: Tx, scope: Scope, page: { before?: string | undefined; limit: number }) {
  const rows = await tx
    .select()
    .from(retentionReports)
    .where(and(ofReports(scope), page.before ? lt(retentionReports.id, page.before) : undefined))
    .orderBy(desc(retentionReports.id))
    .limit(page.limit + 1);
  const reports = rows.slice(0, page.limit);
  return { reports, next: rows.length > page.limit ? (reports.at(-1)?.id ?? null) : null };
}

/**
 * Asks the worker for a clean-up: `manual` applies the rules, `purge` only frees the bytes of what was deleted. One that waits already
 * serves for both. Returns its id.
 */
export async function requestCleanUp(
  tx: Tx,
  scope: Scope,
  input: { cause: RetentionReport["cause"]; purged?: number; rows?: Record<string, number> },
): Promise<string> {
  if (input.cause !== "purge") {
    const [waiting] = await tx
      .select({ id: retentionReports.id })
      .from(retentionReports)
      .where(
        and(ofReports(scope), eq(retentionReports.cause, input.cause), inArray(retentionReports.state, ["queued"])),
      );
    if (waiting) return waiting.id;
  }
  const id = newId("retentionReport");
  const { teamId, projectId } = scope;
  await tx.insert(retentionReports).values({
    ...{ teamId, projectId, id, cause: input.cause, state: "queued" as const, requestedBy: scope.actor.name },
    ...{ purged: input.purged ?? 0, rows: input.rows ?? {} },
  });
  await notify(tx, "ballast_retention", `${teamId}/${projectId}`);
  if (input.cause === "manual") await audit(tx, scope, { action: "retention.run", subject: id });
  return id;
}
