import { notFound, type Scope } from "@ballast/core";
import { deployments, monitorWindows, type Tx } from "@ballast/db";
import { and, eq, max, or } from "drizzle-orm";

/** A deployment by id or name. Throws `not_found` for one that is not of the project. */
export async function findDeployment(tx: Tx, scope: Scope, nameOrId: string) {
  const [row] = await tx
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        or(eq(deployments.id, nameOrId), eq(deployments.name, nameOrId)),
      ),
    );
  if (!row) throw notFound("Deployment", nameOrId);
  return row;
}

/** End of the deployment's newest closed window, event time; 0 before the first. */
export async function newestWindowEnd(tx: Tx, scope: Scope, deploymentId: string): Promise<number> {
  const [row] = await tx
    .select({ to: max(monitorWindows.to) })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deploymentId),
      ),
    );
  return row?.to ? +row.to : 0;
}
