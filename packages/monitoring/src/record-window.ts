import { isoDay, newId, type Scope } from "@ballast/core";
import {
  columnProfiles,
  emit,
  findings as findingRows,
  incidents,
  monitorWindows,
  performanceDays,
  type Tx,
  type WindowTally,
} from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import type { ObservedProfile, WindowAnalysis } from "./analyse-window.ts";
import { driftSummary, type JudgedFinding } from "./drift.ts";
import type { DayPerformance } from "./performance.ts";
import { decideUnitIncident, minuteText, type UnitChange, unitIncidentKey } from "./unit-incident.ts";
import type { WindowFacts, WindowRecord } from "./window-facts.ts";

/** Everything a processed window leaves behind. */
export interface WindowResult {
  tally: WindowTally;
  analysis: WindowAnalysis;
  /** Of the matured day, per version that scored it. */
  performance: { versionId: string; champion: boolean; scored: number; figures: DayPerformance }[];
}

/**
 * Writes a window's result and its events in the caller's transaction. False, and nothing written, when another call has
 * processed the window before.
 */
export async function recordWindow(tx: Tx, scope: Scope, facts: WindowFacts, result: WindowResult): Promise<boolean> {
  const { window, matured, deployment } = facts;
  const [mine] = await tx
    .update(monitorWindows)
    .set({
      state: "processed",
      tally: result.tally,
      processedAt: new Date(),
      attempts: sql`${monitorWindows.attempts} + 1`,
    })
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.id, window.id),
        eq(monitorWindows.state, "closed"),
      ),
    )
    .returning({ id: monitorWindows.id });
  if (!mine) return false;
  const { analysis } = result;
  await writeProfiles(tx, scope, window, analysis.profiles);
  await writeFindings(tx, scope, window, analysis.findings);
  if (matured) {
    await writeProfiles(tx, scope, matured, analysis.outcomeProfiles);
    await writeFindings(tx, scope, matured, analysis.outcomeFindings);
  }
  await writePerformance(tx, scope, facts, result.performance);
  await tellDrift(tx, scope, facts, analysis.findings);
  for (const change of analysis.unitChanges) await writeUnitIncident(tx, scope, facts, change, analysis.findings);
  const day = isoDay(+window.from);
  await emit(tx, scope, {
    name: "window.processed",
    subject: window.id,
    summary: summaryOf(deployment.name, day, result),
    data: {
      deploymentId: window.deploymentId,
      windowId: window.id,
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      maturedDay: matured ? isoDay(+matured.from) : null,
    },
    eventTime: window.to,
  });
  return true;
}

function summaryOf(name: string, day: string, { tally, performance }: WindowResult): string {
  const champion = performance.find((row) => row.champion)?.figures;
  const score = champion
    ? `; day before: AUC ${champion.auc.toFixed(3)}, Brier ${champion.brier.toFixed(4)}, n ${champion.n.toLocaleString("en-US")}`
    : "";
  return `${name} on ${day}: ${tally.predictions.toLocaleString("en-US")} predictions${score}`;
}

async function writeProfiles(tx: Tx, scope: Scope, window: WindowRecord, profiles: readonly ObservedProfile[]) {
  if (profiles.length === 0) return;
  await tx
    .insert(columnProfiles)
    .values(
      profiles.map(({ column, role, unit, profile }) => ({
        teamId: scope.teamId,
        projectId: scope.projectId,
        deploymentId: window.deploymentId,
        windowId: window.id,
        column,
        role,
        unit,
        profile: { ...profile },
      })),
    )
    .onConflictDoUpdate({
      target: [
        columnProfiles.teamId,
        columnProfiles.projectId,
        columnProfiles.deploymentId,
        columnProfiles.windowId,
        columnProfiles.column,
      ],
      set: { role: sql`excluded.role`, unit: sql`excluded.unit`, profile: sql`excluded.profile` },
    });
}

async function writeFindings(tx: Tx, scope: Scope, window: WindowRecord, judged: readonly JudgedFinding[]) {
  if (judged.length === 0) return;
  await tx
    .insert(findingRows)
    .values(
      judged.map(({ column, role, test, result, limit, qValue, tooFewFor, drifted }) => ({
        teamId: scope.teamId,
        projectId: scope.projectId,
        deploymentId: window.deploymentId,
        windowId: window.id,
        from: window.from,
        column,
        test,
        statistic: result.statistic,
        value: result.value,
        limit,
        pValue: result.pValue ?? null,
        qValue,
        nReference: result.n.reference,
        nCurrent: result.n.current,
        drifted,
        details: {
          ...{ ...result.details, role },
          ...(result.diagnosis ? { diagnosis: result.diagnosis } : {}),
          ...(tooFewFor === null ? {} : { tooFewFor }),
        },
      })),
    )
    .onConflictDoNothing();
}

async function writePerformance(tx: Tx, scope: Scope, facts: WindowFacts, rows: WindowResult["performance"]) {
  const { window, matured } = facts;
  const day = matured?.from ?? new Date(+window.from - (+window.to - +window.from));
  if (rows.length === 0) return;
  await tx
    .insert(performanceDays)
    .values(
      rows.map(({ versionId, champion, scored, figures }) => ({
        teamId: scope.teamId,
        projectId: scope.projectId,
        deploymentId: window.deploymentId,
        versionId,
        day,
        champion,
        scored,
        ...figures,
      })),
    )
    .onConflictDoNothing();
}

async function tellDrift(tx: Tx, scope: Scope, facts: WindowFacts, judged: readonly JudgedFinding[]) {
  const summary = driftSummary(judged);
  if (summary === null) return;
  const { window, deployment } = facts;
  await emit(tx, scope, {
    name: "drift.detected",
    subject: window.deploymentId,
    summary: `${deployment.name} on ${isoDay(+window.from)}: ${summary.text}`,
    data: { deploymentId: window.deploymentId, windowId: window.id, columns: summary.columns },
    eventTime: window.to,
  });
}

async function writeUnitIncident(
  tx: Tx,
  scope: Scope,
  facts: WindowFacts,
  change: UnitChange,
  judged: readonly JudgedFinding[],
) {
  const { window } = facts;
  const bounds = { from: +window.from, to: +window.to };
  const dedupeKey = unitIncidentKey(window.deploymentId, change.column, change.source);
  const decision = decideUnitIncident(change, bounds, facts.incidents.get(dedupeKey) ?? []);
  const lastSeen = window.to.toISOString();
  if (decision.action === "fold") {
    await tx
      .update(incidents)
      .set({
        evidence: sql`${incidents.evidence} || jsonb_build_object('lastSeen', ${lastSeen}::text,
          'windows', coalesce((${incidents.evidence}->>'windows')::int, 1) + 1)`,
        ...(decision.appliesTo === null
          ? {}
          : {
              proposal: sql`${incidents.proposal} || jsonb_build_object('appliesTo', ${JSON.stringify(decision.appliesTo)}::jsonb)`,
            }),
      })
      .where(
        and(
          eq(incidents.teamId, scope.teamId),
          eq(incidents.projectId, scope.projectId),
          eq(incidents.id, decision.incidentId),
        ),
      );
    return;
  }
  const id = newId("incident");
  // What was judged are the requests.
  const own = change.source === null ? judged.filter(({ column }) => column === change.column) : [];
  await tx.insert(incidents).values({
    teamId: scope.teamId,
    projectId: scope.projectId,
    id,
    kind: "unit_change",
    deploymentId: window.deploymentId,
    title: decision.title,
    state: "open",
    dedupeKey,
    evidence: {
      windowId: window.id,
      lastSeen,
      windows: 1,
      rows: change.rows,
      nReference: own[0]?.result.n.reference ?? 0,
      nCurrent: own[0]?.result.n.current ?? 0,
      statistics: own.map(({ test, result, limit }) => ({
        test,
        statistic: result.statistic,
        value: result.value,
        limit,
      })),
    },
    proposal: decision.proposal,
    since: new Date(change.since),
    openedEventTime: window.to,
  });
  await emit(tx, scope, {
    name: "incident.opened",
    subject: id,
    summary: decision.title,
    data: {
      incidentId: id,
      deploymentId: window.deploymentId,
      column: change.column,
      since: minuteText(change.since),
      proposal: decision.proposal,
    },
    eventTime: window.to,
  });
}
