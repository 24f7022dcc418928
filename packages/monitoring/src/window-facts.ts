import { DAY_MS, notFound, type Scope } from "@ballast/core";
import { deployments, incidents, monitorWindows, type Tx, trainingPipelines } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { type ReferenceColumn, readReference } from "./reference.ts";
import type { WatchedSource } from "./source-watch.ts";
import { type KnownIncident, unitIncidentKey } from "./unit-incident.ts";

export type WindowRecord = typeof monitorWindows.$inferSelect;

/** All that processing a window reads from the database, in one transaction. */
export interface WindowFacts {
  window: WindowRecord;
  deployment: typeof deployments.$inferSelect;
  /** The day before, whose labels have matured; null for the deployment's first window. */
  matured: WindowRecord | null;
  /** Push sources that feed the deployment's training; the tally counts the first one's rows. */
  sources: WatchedSource[];
  reference: ReferenceColumn[];
  /** Unit incidents of the deployment and its sources, by their key. */
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
  const sources = await pushSources(tx, scope, deployment.name);
  return {
    window,
    deployment,
    matured: matured ?? null,
    sources,
    reference,
    incidents: await unitIncidents(tx, scope, deploymentId, reference, sources),
  };
}

/** The sources that feed the deployment's training, by the moment their rows were known; that of the oldest pipeline first. */
async function pushSources(tx: Tx, scope: Scope, deploymentName: string): Promise<WatchedSource[]> {
  const pipelines = await tx
    .select({ spec: trainingPipelines.spec })
    .from(trainingPipelines)
    .where(
      and(
        eq(trainingPipelines.teamId, scope.teamId),
        eq(trainingPipelines.projectId, scope.projectId),
        sql`${trainingPipelines.spec}->>'deploymentName' = ${deploymentName}`,
      ),
    )
    .orderBy(trainingPipelines.createdAt);
  const sources = new Map<string, WatchedSource>();
  for (const { source: name, knownAt: column, rowTime } of pipelines.map(({ spec }) => spec))
    if (!sources.has(name)) sources.set(name, { name, column, rowTime });
  return [...sources.values()];
}

async function unitIncidents(
  tx: Tx,
  scope: Scope,
  deploymentId: string,
  reference: readonly ReferenceColumn[],
  sources: readonly WatchedSource[],
): Promise<Map<string, KnownIncident[]>> {
  const columns = reference.filter((column) => column.unit !== null).map((column) => column.column);
  const senders = [null, ...sources.map(({ name }) => name)];
  const keys = columns.flatMap((column) => senders.map((source) => unitIncidentKey(deploymentId, column, source)));
  const known = new Map<string, KnownIncident[]>(keys.map((key) => [key, []]));
  if (keys.length === 0) return known;
  const rows = await tx
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.teamId, scope.teamId),
        eq(incidents.projectId, scope.projectId),
        inArray(incidents.dedupeKey, keys),
      ),
    )
    .orderBy(incidents.createdAt);
  for (const { id, state, since, dedupeKey, evidence, proposal, openedEventTime } of rows) {
    const lastSeen = typeof evidence.lastSeen === "string" ? Date.parse(evidence.lastSeen) : +openedEventTime;
    known.get(dedupeKey)?.push({ id, state, since: +since, lastSeen, appliesTo: proposal?.appliesTo ?? null });
  }
  return known;
}
