import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { emit, type FeatureViewDefinition, featureViews, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, desc, eq, ilike, sql } from "drizzle-orm";
import { type FeatureViewInput, parseFeatureView } from "./definition.ts";

export type FeatureView = typeof featureViews.$inferSelect;

/**
 * Defines a feature view. An equal definition is the version there is; a changed one becomes the next version, which
 * serving and training use from then on. Throws `invalid_input` naming the field, `conflict` for a change of kind.
 */
export async function defineFeatureView(tx: Tx, scope: Scope, input: FeatureViewInput): Promise<FeatureView> {
  const definition = parseFeatureView(input);
  // One definition of a name at a time: the version number is counted.
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`${scope.projectId}/feature/${definition.name}`}, 0))`,
  );
  const [latest] = await tx
    .select()
    .from(featureViews)
    .where(ofView(scope, definition.name))
    .orderBy(desc(featureViews.version))
    .limit(1);
  if (latest && canonical(latest.definition) === canonical(definition)) return latest;
  if (latest && latest.definition.kind !== definition.kind)
    throw new AppError(
      "conflict",
      `Feature view "${definition.name}" is a ${latest.definition.kind} view and can't become ${definition.kind}; choose another name.`,
    );
  const [made] = await tx
    .insert(featureViews)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("featureView"),
      name: definition.name,
      version: (latest?.version ?? 0) + 1,
      definition,
      createdBy: scope.actor.name,
    })
    .returning();
  if (made === undefined) throw new AppError("internal", "The feature view was not inserted.");
  const features = definition.features.map((feature) => feature.name);
  await emit(tx, scope, {
    name: "feature_view.defined",
    subject: made.id,
    summary: `Feature view ${made.name} v${made.version}: ${features.join(", ")}`.slice(0, 500),
    data: { view: made.name, version: made.version, features },
  });
  await audit(tx, scope, {
    action: "feature_view.define",
    subject: made.id,
    detail: { name: made.name, version: made.version, features },
  });
  return made;
}

/** The newest version of every view, by name. */
export async function listFeatureViews(tx: Tx, scope: Scope, search?: string): Promise<FeatureView[]> {
  return tx
    .selectDistinctOn([featureViews.name])
    .from(featureViews)
    .where(
      and(
        eq(featureViews.teamId, scope.teamId),
        eq(featureViews.projectId, scope.projectId),
        search ? ilike(featureViews.name, `%${search.replaceAll(/[%_\\]/g, "\\$&")}%`) : undefined,
      ),
    )
    .orderBy(asc(featureViews.name), desc(featureViews.version));
}

/** Every version of a view, newest first. Throws `not_found`. */
export async function getFeatureView(tx: Tx, scope: Scope, name: string): Promise<FeatureView[]> {
  const versions = await tx.select().from(featureViews).where(ofView(scope, name)).orderBy(desc(featureViews.version));
  if (versions.length === 0) throw notFound("Feature view", name);
  return versions;
}

/** Every version of every view. */
export async function allFeatureViews(tx: Tx, scope: Scope): Promise<FeatureView[]> {
  return tx
    .select()
    .from(featureViews)
    .where(and(eq(featureViews.teamId, scope.teamId), eq(featureViews.projectId, scope.projectId)))
    .orderBy(asc(featureViews.name), asc(featureViews.version));
}

/** The definitions that serve now: what `compileBindings` and `offlineFeatures` take. */
export async function loadViews(tx: Tx, scope: Scope): Promise<FeatureViewDefinition[]> {
  return (await listFeatureViews(tx, scope)).map((view) => view.definition);
}

function ofView(scope: Scope, name: string) {
  return and(
    eq(featureViews.teamId, scope.teamId),
    eq(featureViews.projectId, scope.projectId),
    eq(featureViews.name, name),
  );
}

/** JSON that does not depend on the order of keys: jsonb keeps its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}
