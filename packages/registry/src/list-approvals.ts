import type { Scope } from "@ballast/core";
import { approvals, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, desc, eq, lt } from "drizzle-orm";
import { type Approval, ofApprovals } from "./approval-rules.ts";
import { findModel, personBehind } from "./records.ts";

/** Requests newest first, a page at a time: of one model or of all, of one state or of all. */
export async function listApprovals(
  tx: Tx,
  scope: Scope,
  page: {
    modelId?: string | undefined;
    state?: Approval["state"] | undefined;
    before?: string | undefined;
    limit: number;
  },
) {
  if (page.modelId !== undefined) await findModel(tx, scope, { id: page.modelId });
  const person = await personBehind(tx, scope);
  const rows = await tx
    .select({
      approval: approvals,
      model: registeredModels.name,
      version: modelVersions.version,
      author: modelVersions.createdBy,
      authorId: modelVersions.createdById,
    })
    .from(approvals)
    .innerJoin(modelVersions, eq(modelVersions.id, approvals.versionId))
    .innerJoin(registeredModels, eq(registeredModels.id, approvals.modelId))
    .where(
      and(
        ofApprovals(scope),
        page.modelId === undefined ? undefined : eq(approvals.modelId, page.modelId),
        page.state === undefined ? undefined : eq(approvals.state, page.state),
        page.before === undefined ? undefined : lt(approvals.id, page.before),
      ),
    )
    .orderBy(desc(approvals.id))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  return {
    approvals: shown.map(({ approval, authorId, ...names }) => ({
      ...approval,
      ...names,
      /** It is the reader's own version or request, or they have said their word: somebody else must. */
      own:
        person === approval.requestedById ||
        person === authorId ||
        approval.decisions.some((decision) => decision.byId === person),
    })),
    next: rows.length > page.limit ? (shown.at(-1)?.approval.id ?? null) : null,
  };
}
