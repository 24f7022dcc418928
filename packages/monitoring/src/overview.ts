import { isoDay, type Scope } from "@ballast/core";
import { deployments, findings, incidents, monitorWindows, performanceDays, type Tx } from "@ballast/db";
import { and, asc, count, desc, eq, max } from "drizzle-orm";
import { findDeployment } from "./deployments.ts";
import { tooFewFor } from "./drift.ts";
import { type ReferenceColumn, readReference } from "./reference.ts";
import { monitoringVerdict, type Verdict, type VerdictInput } from "./verdict.ts";

export interface MonitoringOverview {
  deployment: { id: string; name: string; champion: string | null };
  verdict: Verdict;
  /** Newest processed window. */
  window: VerdictInput["window"];
  champion: VerdictInput["champion"];
  drifted: VerdictInput["drifted"];
  backlog: VerdictInput["backlog"];
  openIncidents: number;
  columns: number;
  /** What everything is compared with; null before the first champion. */
  reference: ReferenceColumn["source"] | null;
}

/** Matured days the champion's calibration and skill are averaged over. */
const CHAMPION_DAYS = 7;
/** Windows looked back for how long a column has been over its limit. */
const STREAK_WINDOWS = 30;

/** The verdict of a deployment's monitoring with what it rests on. */
export async function monitoringOverview(tx: Tx, scope: Scope, nameOrId: string): Promise<MonitoringOverview> {
  const deployment = await findDeployment(tx, scope, nameOrId);
  const open = await tx
    .select({ id: incidents.id, title: incidents.title, proposal: incidents.proposal })
    .from(incidents)
    .where(
      and(
        eq(incidents.teamId, scope.teamId),
        eq(incidents.projectId, scope.projectId),
        eq(incidents.deploymentId, deployment.id),
        eq(incidents.state, "open"),
      ),
    )
    .orderBy(desc(incidents.createdAt));
  const reference = await readReference(tx, scope, deployment.id);
  const input: VerdictInput = {
    deployment: deployment.name,
    incidents: open.map(({ id, title, proposal }) => ({ id, title, hasProposal: proposal !== null })),
    ...(await newestWindows(tx, scope, deployment.id)),
    backlog: await backlogOf(tx, scope, deployment.id),
    champion: await championDays(tx, scope, deployment.id),
  };
  return {
    deployment: { id: deployment.id, name: deployment.name, champion: deployment.routing.champion },
    verdict: monitoringVerdict(input),
    ...{ window: input.window, champion: input.champion, drifted: input.drifted, backlog: input.backlog },
    openIncidents: open.length,
    columns: reference.length,
    reference: reference.find(({ role }) => role === "request")?.source ?? reference[0]?.source ?? null,
  };
}

/** Every deployment's verdict, by name. */
export async function monitoringOverviews(tx: Tx, scope: Scope): Promise<MonitoringOverview[]> {
  const rows = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(eq(deployments.teamId, scope.teamId), eq(deployments.projectId, scope.projectId)))
    .orderBy(asc(deployments.name));
  const overviews: MonitoringOverview[] = [];
  for (const { id } of rows) overviews.push(await monitoringOverview(tx, scope, id));
  return overviews;
}

async function newestWindows(
  tx: Tx,
  scope: Scope,
  deploymentId: string,
): Promise<Pick<VerdictInput, "window" | "drifted">> {
  const windows = await tx
    .select()
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deploymentId),
        eq(monitorWindows.state, "processed"),
      ),
    )
    .orderBy(desc(monitorWindows.from))
    .limit(STREAK_WINDOWS);
  const newest = windows[0];
  if (!newest) return { window: null, drifted: [] };
  const { predictions = 0, duplicates = 0, errors = 0, rowsChecked = 0, mismatches = 0 } = newest.tally ?? {};
  const rows = await tx
    .select()
    .from(findings)
    .where(
      and(
        eq(findings.teamId, scope.teamId),
        eq(findings.projectId, scope.projectId),
        eq(findings.deploymentId, deploymentId),
        eq(findings.drifted, true),
      ),
    )
    .orderBy(desc(findings.from))
    .limit(2_000);
  const byWindow = new Map<string, Map<string, number>>();
  for (const { windowId, column, value, limit } of rows) {
    const columns = byWindow.get(windowId) ?? new Map<string, number>();
    columns.set(column, Math.max(columns.get(column) ?? 0, limit === null || limit <= 0 ? 1 : value / limit));
    byWindow.set(windowId, columns);
  }
  const drifted = [...(byWindow.get(newest.id) ?? [])].map(([column, ratio]) => {
    let days = 0;
    for (const window of windows) {
      if (!byWindow.get(window.id)?.has(column)) break;
      days++;
    }
    return { column, ratio, days };
  });
  drifted.sort((a, b) => b.ratio - a.ratio);
  const tooFewFor = await neededOf(tx, scope, newest.id);
  const counts = { predictions, duplicates, errors, rowsChecked, mismatches };
  return { window: { day: isoDay(+newest.from), ...counts, tooFewFor }, drifted };
}

/** Rows that a verdict on drift would have needed in a window, where no column had as many. */
async function neededOf(tx: Tx, scope: Scope, windowId: string): Promise<number | null> {
  const rows = await tx
    .select({ details: findings.details })
    .from(findings)
    .where(
      and(eq(findings.teamId, scope.teamId), eq(findings.projectId, scope.projectId), eq(findings.windowId, windowId)),
    );
  const needed = rows.map(({ details }) => tooFewFor(details));
  return needed.length > 0 && needed.every((least) => least !== null) ? Math.min(...needed) : null;
}

async function backlogOf(tx: Tx, scope: Scope, deploymentId: string): Promise<VerdictInput["backlog"]> {
  const [row] = await tx
    .select({ windows: count(), attempts: max(monitorWindows.attempts) })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deploymentId),
        eq(monitorWindows.state, "closed"),
      ),
    );
  return { windows: row?.windows ?? 0, attempts: row?.attempts ?? 0 };
}

async function championDays(tx: Tx, scope: Scope, deploymentId: string): Promise<VerdictInput["champion"]> {
  const days = await tx
    .select()
    .from(performanceDays)
    .where(
      and(
        eq(performanceDays.teamId, scope.teamId),
        eq(performanceDays.projectId, scope.projectId),
        eq(performanceDays.deploymentId, deploymentId),
        eq(performanceDays.champion, true),
      ),
    )
    .orderBy(desc(performanceDays.day))
    .limit(CHAMPION_DAYS);
  const n = days.reduce((sum, day) => sum + day.n, 0);
  if (n === 0) return null;
  const weighted = (value: (day: (typeof days)[number]) => number) =>
    days.reduce((sum, day) => sum + day.n * value(day), 0) / n;
  const skills = days.filter((day) => Number.isFinite(day.brierSkill));
  return {
    days: days.length,
    n,
    gap: weighted((day) => day.meanOutcome - day.meanPrediction),
    brierSkill: skills.reduce((sum, day) => sum + day.brierSkill, 0) / Math.max(1, skills.length),
  };
}
