import type { Scope } from "@ballast/core";
import { modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, desc, eq, isNull, lt, or, sql } from "drizzle-orm";

/** A model version that reads a feature view. */
export interface ViewUse {
  versionId: string;
  model: string;
  version: number;
  /** The view's version that its lineage names; null where it names none. */
  viewVersion: number | null;
  /** The view's features that its inputs are bound to. */
  features: string[];
  createdAt: Date;
}

/**
 * Model versions whose inputs a view feeds, or that were trained with it, newest first; those in the trash are left out. `before` is
 * the last version's id of the page before, `next` the one to pass for the page after.
 */
export async function listViewUses(
  tx: Tx,
  scope: Scope,
  page: { name: string; before?: string | undefined; limit: number },
): Promise<{ uses: ViewUse[]; next: string | null }> {
  const { id, teamId, projectId, serving, lineage, deletedAt } = modelVersions;
  const bound = JSON.stringify({ features: [{ view: page.name }] });
  const named = JSON.stringify({ featureViews: [{ name: page.name }] });
  const rows = await tx
    .select({ row: modelVersions, model: registeredModels.name })
    .from(modelVersions)
    .innerJoin(
      registeredModels,
      and(eq(registeredModels.teamId, teamId), eq(registeredModels.id, modelVersions.modelId)),
    )
    .where(
      and(
        ...[
          eq(teamId, scope.teamId),
          eq(projectId, scope.projectId),
          isNull(deletedAt),
          isNull(registeredModels.deletedAt),
        ],
        or(sql`${serving} @> ${bound}::jsonb`, sql`${lineage} @> ${named}::jsonb`),
        page.before === undefined ? undefined : lt(id, page.before),
      ),
    )
    .orderBy(desc(id))
    .limit(page.limit + 1);
  const uses = rows.slice(0, page.limit).map(({ row, model }) => ({
    ...{ versionId: row.id, model, version: row.version, createdAt: row.createdAt },
    viewVersion: row.lineage.featureViews.find((view) => view.name === page.name)?.version ?? null,
    features: (row.serving?.features ?? []).flatMap(({ view, feature }) => (view === page.name ? [feature] : [])),
  }));
  return { uses, next: rows.length > page.limit ? (uses.at(-1)?.versionId ?? null) : null };
}
