import * as schema from "@ballast/db";
import {
  type Database,
  type FeatureViewDefinition,
  isServable,
  type PipelineSpec,
  type RoutingTable,
  type Servable,
  type ServingSpec,
  withTenant,
} from "@ballast/db";
import type { ConversionRule } from "@ballast/features";
import { and, eq, inArray, sql } from "drizzle-orm";

export interface DeploymentSnapshot {
  id: string;
  name: string;
  routing: RoutingTable;
  routingRevision: number;
  deadlineMs: number;
  assignmentColumn: string | null;
  timeColumn: string | null;
}
export interface VersionSnapshot {
  id: string;
  number: number;
  digest: string;
  serving: ServingSpec;
  /** Name → version of the feature views it was trained with. */
  views: Record<string, number>;
}
export interface ViewSnapshot {
  name: string;
  version: number;
  definition: FeatureViewDefinition;
}

/** Columns of a push source that a training pipeline reads. */
type PipelineSource = Pick<PipelineSpec, "source" | "label" | "rowTime" | "knownAt"> & { pipeline: string };

/** All that a gateway must know of a project to serve it; plain JSON. */
export interface ProjectSnapshot {
  teamId: string;
  projectId: string;
  /** Changes when anything in here does. */
  revision: string;
  deployments: DeploymentSnapshot[];
  /** Those that a route names. */
  versions: VersionSnapshot[];
  views: ViewSnapshot[];
  conversions: ConversionRule[];
  /** Missing in snapshots of earlier releases. */
  pipelines?: PipelineSource[];
}

/** A project's revision: cheap enough to ask for every second. */
export async function readRevision(db: Database, teamId: string, projectId: string): Promise<string> {
  return withTenant(db, teamId, async (tx) => {
    const [row] = await tx.execute<{ revision: string }>(sql`
      select concat_ws('/',
        (select concat(count(*), '.', sum(routing_revision), '.', sum(deadline_ms), '.',
                       sum(hashtext(concat(name, assignment_column, ',', time_column))::bigint))
           from deployments where team_id = ${teamId} and project_id = ${projectId}),
        (select count(*) from feature_views where team_id = ${teamId} and project_id = ${projectId}),
        (select coalesce(max(revision), 0) from conversions where team_id = ${teamId} and project_id = ${projectId}),
        (select concat(count(*), '.', sum(hashtext(concat_ws(',', name, spec->>'source', spec->>'label', spec->>'rowTime', spec->>'knownAt'))::bigint))
           from training_pipelines where team_id = ${teamId} and project_id = ${projectId})
      ) as revision`);
    return row?.revision ?? "";
  });
}

/** Everything of {@link ProjectSnapshot}, read in one transaction. */
export async function readSnapshot(db: Database, teamId: string, projectId: string): Promise<ProjectSnapshot> {
  // Before the rest: a change in between makes the next poll read again, never the other way round.
  const revision = await readRevision(db, teamId, projectId);
  return withTenant(db, teamId, async (tx) => {
    const { deployments, featureViews, conversions, modelVersions, trainingPipelines } = schema;
    const routes = await tx
      .select()
      .from(deployments)
      .where(and(eq(deployments.teamId, teamId), eq(deployments.projectId, projectId)));
    const ids = [...new Set(routes.flatMap(({ routing }) => versionIds(routing)))];
    const versions =
      ids.length === 0
        ? []
        : await tx
            .select()
            .from(modelVersions)
            .where(
              and(
                eq(modelVersions.teamId, teamId),
                eq(modelVersions.projectId, projectId),
                inArray(modelVersions.id, ids),
              ),
            );
    const views = await tx
      .select()
      .from(featureViews)
      .where(and(eq(featureViews.teamId, teamId), eq(featureViews.projectId, projectId)));
    const rules = await tx
      .select()
      .from(conversions)
      .where(and(eq(conversions.teamId, teamId), eq(conversions.projectId, projectId)));
    const pipelines = await tx
      .select({ pipeline: trainingPipelines.name, spec: trainingPipelines.spec })
      .from(trainingPipelines)
      .where(and(eq(trainingPipelines.teamId, teamId), eq(trainingPipelines.projectId, projectId)));
    return {
      teamId,
      projectId,
      revision,
      deployments: routes.map(toDeployment),
      versions: versions.filter(isServable).map(toVersion),
      views: views.map(({ name, version, definition }) => ({ name, version, definition })),
      conversions: rules.map((rule) => ({
        revision: rule.revision,
        column: rule.column,
        factor: rule.factor,
        offset: rule.offset,
        from: rule.from.getTime(),
        appliesTo: rule.appliesTo,
      })),
      pipelines: pipelines.map(({ pipeline, spec: { source, label, rowTime, knownAt } }) => ({
        ...{ pipeline, source, label, rowTime, knownAt },
      })),
    };
  });
}

/** Every version a routing table names, each once. */
export function versionIds(routing: RoutingTable): string[] {
  const named = [routing.champion, routing.candidate?.versionId ?? null, ...routing.shadows];
  return [...new Set(named.filter((id) => id !== null))];
}

function toDeployment(row: typeof schema.deployments.$inferSelect): DeploymentSnapshot {
  const { id, name, routing, routingRevision, deadlineMs, assignmentColumn, timeColumn } = row;
  return { id, name, routing, routingRevision, deadlineMs, assignmentColumn, timeColumn };
}

function toVersion(row: Servable<typeof schema.modelVersions.$inferSelect>): VersionSnapshot {
  const views = Object.fromEntries(row.lineage.featureViews.map(({ name, version }) => [name, version]));
  return { id: row.id, number: row.version, digest: row.digest, serving: row.serving, views };
}
