import { DAY_MS, notFound, type Scope } from "@ballast/core";
import { deployments, incidents, monitorWindows, type Tx, trainingPipelines } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { type ReferenceColumn, readReference } from "./reference.ts";
import { type KnownIncident, unitIncidentKey } from "./unit-incident.ts";

export type WindowRecord = typeof monitorWindows.$inferSelect;

/** All that processing a window reads from the database, in one transaction. */
export interface WindowFacts {
  window: WindowRecord;
  deployment: typeof deployments.$inferSelect;
  /** The day before, whose labels have matured; null for the deployment's first window. */
  matured: WindowRecord | null;
  /** Push source whose rows the tally counts. */
  source: { name: string; column: string } | null;
  reference: ReferenceColumn[];
  /** Unit incidents of the deployment, by column. */
  incidents: Map<string, KnownIncident[]>;
}

/** Reads a window with its surroundings. Throws `not_found` if it is not of the project. */
export async function readWindowFacts(tx: Tx, scope: Scope, windowId: string): Promise<WindowFacts> {
  const mine = and(eq(monitorWindows.teamId, scope.teamId), eq(monitorWindows.projectId, scope.projectId));
  const [window] = await tx
    .select()
    .from(monitorWindows)
    .where(and(mine, eq(monitorWindows.id, windowId)));
  if (!window) throw notFound("Window", windowId);
  const { deploymentId } = window;
  const [deployment] = await tx
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        eq(deployments.id, deploymentId),
      ),
    );
  if (!deployment) throw notFound("Deployment", deploymentId);
  const [matured] = await tx
    .select()
    .from(monitorWindows)
    .where(
      and(
        mine,
        eq(monitorWindows.deploymentId, deploymentId),
        eq(monitorWindows.from, new Date(+window.from - DAY_MS)),
      ),
    );
  const reference = await readReference(tx, scope, deploymentId);
  return {
    window,
    deployment,
    matured: matured ?? null,
    source: await pushSource(tx, scope, deployment.name),
    reference,
    incidents: await unitIncidents(tx, scope, deploymentId, reference),
  };
}

/** The source that feeds the deployment's training, by the moment its rows were known. */
async function pushSource(tx: Tx, scope: Scope, deploymentName: string): Promise<WindowFacts["source"]> {
  const [pipeline] = await tx
    .select({ spec: trainingPipelines.spec })
    .from(trainingPipelines)
    .where(
      and(
        eq(trainingPipelines.teamId, scope.teamId),
        eq(trainingPipelines.projectId, scope.projectId),
        sql`${trainingPipelines.spec}->>'deploymentName' = ${deploymentName}`,
      ),
    )
    .orderBy(trainingPipelines.createdAt)
    .limit(1);
  return pipeline ? { name: pipeline.spec.source, column: pipeline.spec.knownAt } : null;
}

async function unitIncidents(
  tx: Tx,
  scope: Scope,
  deploymentId: string,
  reference: readonly ReferenceColumn[],
): Promise<Map<string, KnownIncident[]>> {
  const columns = reference.filter((column) => column.unit !== null).map((column) => column.column);
  const known = new Map<string, KnownIncident[]>(columns.map((column) => [column, []]));
  if (columns.length === 0) return known;
  const rows = await tx
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.teamId, scope.teamId),
        eq(incidents.projectId, scope.projectId),
        inArray(
          incidents.dedupeKey,
          columns.map((column) => unitIncidentKey(deploymentId, column)),
        ),
      ),
    )
    .orderBy(incidents.createdAt);
  for (const { id, state, dedupeKey, evidence, openedEventTime } of rows) {
    const column = columns.find((name) => unitIncidentKey(deploymentId, name) === dedupeKey);
    const lastSeen = typeof evidence.lastSeen === "string" ? Date.parse(evidence.lastSeen) : +openedEventTime;
    if (column !== undefined) known.get(column)?.push({ id, state, lastSeen });
  }
  return known;
}
