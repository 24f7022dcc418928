import type { Scope } from "@ballast/core";
import { monitorWindows, type Tx } from "@ballast/db";
import { and, desc, eq, lt } from "drizzle-orm";
import { findDeployment } from "./deployments.ts";
import type { WindowRecord } from "./window-facts.ts";

/** Windows of a deployment, newest first; `next` is the ISO time to pass as `before` for the page after, null at the end. */
export async function listWindows(
  tx: Tx,
  scope: Scope,
  page: { deployment: string; before?: string | undefined; limit: number },
): Promise<{ windows: WindowRecord[]; next: string | null }> {
  const deployment = await findDeployment(tx, scope, page.deployment);
  const rows = await tx
    .select()
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deployment.id),
        page.before === undefined ? undefined : lt(monitorWindows.from, new Date(page.before)),
      ),
    )
    .orderBy(desc(monitorWindows.from))
    .limit(page.limit + 1);
  const windows = rows.slice(0, page.limit);
  return { windows, next: rows.length > page.limit ? (windows.at(-1)?.from.toISOString() ?? null) : null };
}
