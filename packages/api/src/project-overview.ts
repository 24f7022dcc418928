import { type DomainEvent, isoDay, type Scope } from "@ballast/core";
import { listDatasets } from "@ballast/datasets/server";
import { domainEvents, modelVersions, projects, type Tx } from "@ballast/db";
import {
  countRollouts,
  type DeploymentView,
  getRollout,
  listDeployments,
  listRollouts,
} from "@ballast/delivery/server";
import { budgetSummaries, listRefusals, unitCosts } from "@ballast/finops/server";
import {
  listIncidents,
  listWindows,
  monitoringOverview,
  type PerformanceSeries,
  performanceOverTime,
} from "@ballast/monitoring/server";
import { listJobs, listPolicies } from "@ballast/training/server";
import { and, count, desc, eq, gte, isNull, max } from "drizzle-orm";
import { eventsOf } from "./events-after.ts";
import { notRoutine } from "./routine-events.ts";
import { listStuckWork } from "./stuck-work.ts";

const DAY_MS = 86_400_000;

/** A matured day of whoever was champion then. */
type ChampionDay = PerformanceSeries["days"][number] & { version: number };

/** Most events one picture of the past holds, the newest; the list below it pages. */
const MOST_EVENTS = 400;

/**
 * Everything the project's home says: how far the stream is, the busiest deployment with its watch, rollout and money, and what happened
 * in the newest `days` event days. Its numbers belong together in a transaction that sees one moment (`readTenant`).
 */
export async function projectOverview(tx: Tx, scope: Scope, days: number) {
  const [project] = await tx
    .select({ name: projects.name, watermark: projects.watermark })
    .from(projects)
    .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId)));
  const watermark = project?.watermark ?? null;
  const from =
    watermark === null ? null : new Date(Math.floor((+watermark - 1) / DAY_MS) * DAY_MS - (days - 1) * DAY_MS);
  const deployments = await listDeployments(tx, scope);
  const main = busiest(deployments);
  const [budget] = await budgetSummaries(tx, scope);
  const [dataset] = await listDatasets(tx, scope, { limit: 1 });
  const rollouts = main ? (await listRollouts(tx, scope, { deployment: main.id, limit: 20 })).rollouts : [];
  const open = await listIncidents(tx, scope, { state: "open", limit: 20 });
  return {
    project: { name: project?.name ?? "", watermark, from },
    counts: { deployments: deployments.length, ...(await versionCounts(tx, scope)) },
    deployment: main,
    ...(main ? await watchOf(tx, scope, main, { from, days }) : { monitoring: null, windows: [], championDays: [] }),
    rollouts,
    rolloutCounts: main ? await countRollouts(tx, scope, main.id) : {},
    rollout: rollouts[0] ? await getRollout(tx, scope, rollouts[0].id, 1) : null,
    stuck: await listStuckWork(tx, scope),
    incidents: open.incidents,
    openIncidents: open.total,
    jobs: await listJobs(tx, scope, { limit: 20 }),
    policies: await listPolicies(tx, scope),
    dataset: dataset ?? null,
    budget: budget ?? null,
    refusals: await listRefusals(tx, scope, { limit: 5 }),
    // Of whoever serves: a project may have had thousands of versions.
    unitCosts: main?.routing.champion ? await unitCosts(tx, scope, { versionId: main.routing.champion }) : [],
    ...(await happenings(tx, scope, from)),
    lastEventAt: await lastEventAt(tx, scope),
  };
}

/** The deployment with the most predictions on its newest day; the first by name where none has any. */
function busiest(deployments: readonly DeploymentView[]): DeploymentView | null {
  const traffic = (one: DeploymentView) => one.last24h?.tally?.predictions ?? 0;
  return deployments.reduce<DeploymentView | null>(
    (best, one) => (best === null || traffic(one) > traffic(best) ? one : best),
    null,
  );
}

async function versionCounts(tx: Tx, scope: Scope): Promise<{ versions: number; newest: number | null }> {
  const [row] = await tx
    .select({ versions: count(), newest: max(modelVersions.version) })
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        isNull(modelVersions.deletedAt),
      ),
    );
  return { versions: row?.versions ?? 0, newest: row?.newest ?? null };
}

async function watchOf(tx: Tx, scope: Scope, main: DeploymentView, range: { from: Date | null; days: number }) {
  const { windows } = await listWindows(tx, scope, { deployment: main.id, limit: range.days });
  const first = range.from === null ? {} : { from: isoDay(+range.from) };
  const { series } = await performanceOverTime(tx, scope, { deployment: main.id, range: first });
  const championDays = series
    .flatMap(({ version, days }): ChampionDay[] =>
      days.filter((day) => day.champion).map((day) => ({ ...day, version })),
    )
    .sort((a, b) => a.day.localeCompare(b.day));
  return {
    monitoring: await monitoringOverview(tx, scope, main.id),
    windows: windows
      .filter((window) => range.from === null || window.from >= range.from)
      .map(({ from, to, state, tally }) => ({ from, to, state, tally }))
      .reverse(),
    championDays,
  };
}

/** What is news of the range, oldest first; `happeningsFrom` is where it begins if there was more than the picture holds, null if not. */
async function happenings(
  tx: Tx,
  scope: Scope,
  from: Date | null,
): Promise<{ happenings: DomainEvent[]; happeningsFrom: Date | null }> {
  if (from === null) return { happenings: [], happeningsFrom: null };
  const rows = await tx
    .select()
    .from(domainEvents)
    .where(and(...eventsOf(scope), notRoutine(), gte(domainEvents.eventTime, from)))
    .orderBy(desc(domainEvents.eventTime), desc(domainEvents.id))
    .limit(MOST_EVENTS + 1);
  const newest = rows.slice(0, MOST_EVENTS).reverse();
  return { happenings: newest, happeningsFrom: rows.length > MOST_EVENTS ? (newest[0]?.eventTime ?? null) : null };
}

async function lastEventAt(tx: Tx, scope: Scope): Promise<Date | null> {
  const [row] = await tx
    .select({ at: domainEvents.at })
    .from(domainEvents)
    .where(and(...eventsOf(scope)))
    .orderBy(desc(domainEvents.id))
    .limit(1);
  return row?.at ?? null;
}
