import { AppError, newId, type Scope } from "@ballast/core";
import {
  deployments,
  modelVersions,
  monitorWindows,
  notify,
  type RoutingTable,
  registeredModels,
  rollouts,
  type Tx,
} from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { ensureModel } from "@ballast/registry/server";
import { and, asc, desc, eq, inArray } from "drizzle-orm";
import { type DeploymentRow, findDeployment, ofDeployments, ofRollouts, type RolloutRow } from "./records.ts";
import { OPEN_STATES } from "./rollout-facts.ts";
import { emptyRouting } from "./routing.ts";
import type { CreateDeployment } from "./schemas.ts";

/**
 * An endpoint for the versions of a model; it answers once a first version is promoted. The model is made when it is new.
 * @throws AppError `conflict` when the name is taken
 */
export async function createDeployment(tx: Tx, scope: Scope, input: CreateDeployment): Promise<DeploymentRow> {
  const modelId = await ensureModel(tx, scope, input.modelName);
  const id = newId("deployment");
  const [made] = await tx
    .insert(deployments)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id,
      name: input.name,
      modelId,
      routing: emptyRouting(id),
      sloMs: input.sloMs,
      deadlineMs: input.deadlineMs,
      assignmentColumn: input.assignmentColumn,
      timeColumn: input.timeColumn,
    })
    .onConflictDoNothing()
    .returning();
  if (!made) {
    const message = `name: a deployment "${input.name}" exists in this project already.`;
    throw new AppError("conflict", message, { details: { field: "name" } });
  }
  await notify(tx, "ballast_routes", scope.projectId);
  const detail = { name: input.name, modelId, sloMs: input.sloMs, deadlineMs: input.deadlineMs };
  await audit(tx, scope, { action: "deployment.create", subject: id, detail });
  return made;
}

/** What a version is called where a deployment shows it. */
export interface VersionLabel {
  id: string;
  version: number;
  cause: string;
}

async function labels(tx: Tx, scope: Scope, ids: string[]): Promise<VersionLabel[]> {
  if (ids.length === 0) return [];
  return tx
    .select({ id: modelVersions.id, version: modelVersions.version, cause: modelVersions.cause })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        inArray(modelVersions.id, [...new Set(ids)]),
      ),
    );
}

const versionsIn = (routing: RoutingTable) =>
  [routing.champion, routing.candidate?.versionId ?? null, ...routing.shadows].filter((id) => id !== null);

/** Counts of the newest processed window (an event-time day) of each deployment: its "last 24 h". */
async function newestWindows(tx: Tx, scope: Scope, ids: string[]) {
  if (ids.length === 0) return [];
  return tx
    .selectDistinctOn([monitorWindows.deploymentId], {
      deploymentId: monitorWindows.deploymentId,
      id: monitorWindows.id,
      from: monitorWindows.from,
      to: monitorWindows.to,
      tally: monitorWindows.tally,
    })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.state, "processed"),
        inArray(monitorWindows.deploymentId, ids),
      ),
    )
    .orderBy(monitorWindows.deploymentId, desc(monitorWindows.from));
}

async function openRollouts(tx: Tx, scope: Scope, ids: string[]): Promise<RolloutRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(rollouts)
    .where(and(ofRollouts(scope), inArray(rollouts.deploymentId, ids), inArray(rollouts.state, [...OPEN_STATES])))
    .orderBy(asc(rollouts.createdAt), asc(rollouts.id));
}

async function describe(tx: Tx, scope: Scope, rows: { deployment: DeploymentRow; model: string }[]) {
  const ids = rows.map(({ deployment }) => deployment.id);
  const open = await openRollouts(tx, scope, ids);
  const windows = await newestWindows(tx, scope, ids);
  const routed = rows.flatMap(({ deployment }) => versionsIn(deployment.routing));
  const versions = await labels(tx, scope, [...routed, ...open.map((rollout) => rollout.candidateId)]);
  return rows.map(({ deployment, model }) => {
    const own = open.filter((rollout) => rollout.deploymentId === deployment.id);
    const shown = new Set([...versionsIn(deployment.routing), ...own.map((rollout) => rollout.candidateId)]);
    return {
      ...deployment,
      model,
      versions: versions.filter((version) => shown.has(version.id)),
      rollout: own.find((rollout) => rollout.state !== "queued") ?? null,
      queued: own.filter((rollout) => rollout.state === "queued"),
      last24h: windows.find((window) => window.deploymentId === deployment.id) ?? null,
    };
  });
}
export type DeploymentView = Awaited<ReturnType<typeof describe>>[number];

/** The project's deployments by name, each with its routes, versions, rollouts and the counts of its newest day. */
export async function listDeployments(tx: Tx, scope: Scope): Promise<DeploymentView[]> {
  const rows = await tx
    .select({ deployment: deployments, model: registeredModels.name })
    .from(deployments)
    .innerJoin(registeredModels, eq(registeredModels.id, deployments.modelId))
    .where(ofDeployments(scope))
    .orderBy(asc(deployments.name));
  return describe(tx, scope, rows);
}

/** One deployment by id or name, as in {@link listDeployments}. 404 if it is not of the project. */
export async function getDeployment(tx: Tx, scope: Scope, idOrName: string): Promise<DeploymentView> {
  const deployment = await findDeployment(tx, scope, idOrName);
  const [model] = await tx
    .select({ name: registeredModels.name })
    .from(registeredModels)
    .where(
      and(
        eq(registeredModels.teamId, scope.teamId),
        eq(registeredModels.projectId, scope.projectId),
        eq(registeredModels.id, deployment.modelId),
      ),
    );
  const [view] = await describe(tx, scope, [{ deployment, model: model?.name ?? "" }]);
  if (!view) throw new AppError("internal", `deployment ${deployment.id} vanished while it was read`);
  return view;
}
