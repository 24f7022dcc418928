import { type EpochMs, isoDay, LEAST_EPOCH_MS, newId, type Scope } from "@ballast/core";
import { deployments, emit, monitorWindows, rollouts, type Tx } from "@ballast/db";
import { and, eq, max, min, sql } from "drizzle-orm";
import { windowsToClose } from "./window-closing.ts";

/** A window that this call closed. */
export interface ClosedWindow {
  id: string;
  deploymentId: string;
  from: EpochMs;
  to: EpochMs;
}

interface DeploymentState {
  id: string;
  name: string;
  closedThrough: EpochMs | null;
  firstEvent: EpochMs | null;
}

/**
 * Closes every UTC day that the watermark has passed, for each deployment of the project, and emits `window.closed` for each
 * in order of event time. Idempotent: a window exists once per (deployment, day), and only its maker tells of it.
 */
export async function closeWindows(tx: Tx, scope: Scope, watermark: EpochMs): Promise<ClosedWindow[]> {
  const due: (ClosedWindow & { name: string })[] = [];
  for (const state of await deploymentStates(tx, scope)) {
    for (const { from, to } of windowsToClose({ ...state, watermark })) {
      due.push({ id: newId("monitorWindow"), deploymentId: state.id, name: state.name, from, to });
    }
  }
  if (due.length === 0) return [];
  due.sort((a, b) => a.from - b.from);
  const made = await tx
    .insert(monitorWindows)
    .values(
      due.map(({ id, deploymentId, from, to }) => ({
        teamId: scope.teamId,
        projectId: scope.projectId,
        id,
        deploymentId,
        from: new Date(from),
        to: new Date(to),
        state: "closed" as const,
      })),
    )
    .onConflictDoNothing()
    .returning({ id: monitorWindows.id });
  const own = new Set(made.map((row) => row.id));
  const closed = due.filter((window) => own.has(window.id));
  for (const { id, deploymentId, name, from, to } of closed) {
    await emit(tx, scope, {
      name: "window.closed",
      subject: id,
      summary: `${name}: ${isoDay(from)} is complete`,
      data: {
        deploymentId,
        windowId: id,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
      },
      eventTime: new Date(to),
    });
  }
  return closed.map(({ name: _, ...window }) => window);
}

async function deploymentStates(tx: Tx, scope: Scope): Promise<DeploymentState[]> {
  const rows = await tx
    .select({
      id: deployments.id,
      name: deployments.name,
      champion: sql<string | null>`${deployments.routing}->>'champion'`,
      closedThrough: max(monitorWindows.to),
    })
    .from(deployments)
    .leftJoin(
      monitorWindows,
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deployments.id),
      ),
    )
    .where(and(eq(deployments.teamId, scope.teamId), eq(deployments.projectId, scope.projectId)))
    .groupBy(deployments.id);
  const states: DeploymentState[] = [];
  for (const { id, name, champion, closedThrough } of rows) {
    const known = { id, name, closedThrough: closedThrough === null ? null : +closedThrough };
    if (known.closedThrough === null && champion === null) continue;
    states.push({ ...known, firstEvent: known.closedThrough === null ? await firstEvent(tx, scope, id) : null });
  }
  return states;
}

/**
 * The project's first logged prediction, but not before this deployment first had a version to serve. A time before 1973 in the log is a sender's
 * mistake: the calendar does not begin there.
 */
async function firstEvent(tx: Tx, scope: Scope, deploymentId: string): Promise<EpochMs | null> {
  const [logged] = await tx.execute<{ first: string | number | null }>(sql`
    select min(t) as first
    from journal_segments s, jsonb_array_elements(s.files) f,
      unnest(array[(f->>'minTime')::float8, (f->>'maxTime')::float8]) t
    where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId} and s.last_time is not null
      and f->>'kind' = 'predictions' and t >= ${LEAST_EPOCH_MS}`);
  if (logged === undefined || logged.first === null) return null;
  const [rollout] = await tx
    .select({ started: min(rollouts.startedEventTime) })
    .from(rollouts)
    .where(
      and(
        eq(rollouts.teamId, scope.teamId),
        eq(rollouts.projectId, scope.projectId),
        eq(rollouts.deploymentId, deploymentId),
      ),
    );
  return Math.max(Number(logged.first), rollout?.started ? +rollout.started : 0);
}
