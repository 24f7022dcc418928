import { AppError, DAY_MS, type EpochMs, isoDay, notFound, type Scope } from "@ballast/core";
import { type LogDeps, maturedPairs, readingLog } from "@ballast/datasets/server";
import { monitorWindows, type Tx, withTenant } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { applyDecision, recordDecisionTime } from "./apply-decision.ts";
import {
  type AssignedBlock,
  foldWindow,
  maturedDays,
  type PairedDayEvidence,
  type VariantCounts,
  type WindowEvidence,
} from "./evidence.ts";
import {
  activeRollout,
  type DeploymentRow,
  isPaused,
  lockDeployment,
  type RolloutRow,
  readWatermark,
} from "./records.ts";
import type { Decision } from "./rollout-facts.ts";
import { nextRolloutStep } from "./rollout-state.ts";

type WindowRow = typeof monitorWindows.$inferSelect;

/** What a step came to; null where there was nothing to step. */
export interface RolloutStep {
  rolloutId: string;
  decision: Decision;
  /** Milliseconds from the window's evidence being there to be read to the commit that changed the routes. */
  decisionMs: number;
}

async function findWindow(tx: Tx, scope: Scope, id: string): Promise<WindowRow> {
  const mine = and(eq(monitorWindows.teamId, scope.teamId), eq(monitorWindows.projectId, scope.projectId));
  const [row] = await tx
    .select()
    .from(monitorWindows)
    .where(and(mine, eq(monitorWindows.id, id)));
  if (!row) throw notFound("Window", id);
  return row;
}

/** The rollout that a window has something to say about, or null: none under way, or the window was counted before. */
function concerns(rollout: RolloutRow | null, window: WindowRow): rollout is RolloutRow {
  if (!rollout || (rollout.state !== "shadow" && rollout.state !== "canary")) return false;
  const through = rollout.evidence.through;
  return through === null || window.to.getTime() > Date.parse(through);
}

/** Brier scores of both versions on the rows both scored that day; null when there are none. */
async function readPairedDay(
  deps: LogDeps,
  scope: Scope,
  rollout: RolloutRow,
  day: EpochMs,
): Promise<PairedDayEvidence | null> {
  if (rollout.championId === null) return null;
  const versions = { a: rollout.candidateId, b: rollout.championId };
  const pairs = await maturedPairs(deps, scope, rollout.deploymentId, day, versions);
  if (pairs.rows === 0) return null;
  let candidate = 0;
  let champion = 0;
  let difference = 0;
  for (let i = 0; i < pairs.rows; i++) {
    const y = pairs.y[i] as number;
    const a = ((pairs.a[i] as number) - y) ** 2;
    const b = ((pairs.b[i] as number) - y) ** 2;
    candidate += a;
    champion += b;
    difference += a - b;
  }
  const n = pairs.rows;
  return {
    day: isoDay(day),
    n,
    meanDiff: difference / n,
    candidateBrier: candidate / n,
    championBrier: champion / n,
  };
}

async function readPairs(deps: LogDeps, scope: Scope, rollout: RolloutRow, window: WindowRow) {
  const through = rollout.evidence.through === null ? null : Date.parse(rollout.evidence.through);
  const since = rollout.startedEventTime?.getTime() ?? Number.NEGATIVE_INFINITY;
  const days = maturedDays(through, window.to.getTime(), since, DAY_MS);
  const pairs: PairedDayEvidence[] = [];
  if (days.length === 0) return pairs;
  const around = { from: Math.min(...days) - 2 * DAY_MS, to: Math.max(...days) + 3 * DAY_MS };
  await readingLog(deps, scope, around, async (log) => {
    for (const day of days) {
      const pair = await readPairedDay(log, scope, rollout, day);
      if (pair) pairs.push(pair);
    }
  });
  return pairs;
}

const NOTHING: VariantCounts = { requests: 0, failed: 0, slow: 0 };

/** The window's requests by the routes they met. */
function assignedBlocks({ tally }: WindowRow, { candidateId, championId }: RolloutRow): AssignedBlock[] {
  const assigned = tally?.assigned ?? [];
  const revisions = [...new Set(assigned.map(({ routing }) => routing))].sort((a, b) => a - b);
  return revisions.map((routing) => {
    const of = (versionId: string | null) =>
      assigned.find((entry) => entry.routing === routing && entry.version === versionId) ?? NOTHING;
    return { routing, candidate: of(candidateId), champion: of(championId) };
  });
}

function windowEvidence(
  window: WindowRow,
  deployment: DeploymentRow,
  rollout: RolloutRow,
  pairs: PairedDayEvidence[],
): WindowEvidence {
  const percent = rollout.state === "canary" ? rollout.plan.steps[rollout.step]?.percent : undefined;
  // Keys that repeat are no independent requests.
  const judged = percent !== undefined && deployment.assignmentColumn === null;
  const { versions = {}, predictions = 0, errors = 0 } = window.tally ?? {};
  const own = versions[rollout.candidateId];
  const since = rollout.startedEventTime;
  const shadowThroughout = rollout.state === "shadow" && (since === null || window.from >= since);
  return {
    from: window.from.getTime(),
    to: window.to.getTime(),
    blocks: assignedBlocks(window, rollout),
    routing: deployment.routingRevision,
    intendedShare: judged ? percent / 100 : null,
    exposures: own ? own.served + own.errors : 0,
    traffic: predictions + errors > 0,
    shadowed: shadowThroughout ? { rows: predictions, scored: own?.shadow ?? 0 } : null,
    pairs,
  };
}

/** What was read for a step, outside of any lock. */
interface StepInput {
  window: WindowRow;
  /** The rollout the pairs were read for. */
  rolloutId: string;
  pairs: PairedDayEvidence[];
  evidenceAt: number;
}

/** Folds, decides and carries out, under the deployment's lock; null if another got there first. */
async function decideAndApply(tx: Tx, scope: Scope, { window, rolloutId, pairs, evidenceAt }: StepInput) {
  const deployment = await lockDeployment(tx, scope, window.deploymentId);
  const rollout = await activeRollout(tx, scope, deployment.id);
  // Somebody decided by hand, or another worker stepped, while the pairs were read.
  if (!concerns(rollout, window) || rollout.id !== rolloutId) return null;
  const evidence = foldWindow(rollout.evidence, windowEvidence(window, deployment, rollout, pairs), rollout.plan);
  const now = window.to.getTime();
  const facts = {
    state: rollout.state,
    step: rollout.step,
    stepSince: rollout.stepSince?.getTime() ?? null,
    plan: rollout.plan,
    hasChampion: rollout.championId !== null,
    cause: rollout.cause,
    gates: null,
    paused: await isPaused(tx, scope, rollout.id),
  };
  const decision = nextRolloutStep(facts, evidence, now);
  if (!decision) return null;
  const routedFrom = Math.max(now, (await readWatermark(tx, scope)) ?? now);
  const context = { deployment, rollout, evidence, decision, now, routedFrom, evidenceAt };
  return { rolloutId, decision, decisionId: await applyDecision(tx, scope, context) };
}

/**
 * Steps the deployment's rollout with one processed window: reads its tally and the pairs of the day that matured with it,
 * folds them into the evidence, decides, and carries the decision out in one transaction.
 *
 * Idempotent: a window that was counted in before changes nothing and returns null. Killed before the commit nothing has
 * happened, killed after it everything has.
 * @throws AppError `not_found` for a window of nobody or of somebody else; `precondition_failed` if it is not processed
 */
export async function stepRollout(
  deps: LogDeps,
  scope: Scope,
  input: { windowId: string },
): Promise<RolloutStep | null> {
  const { window, rollout } = await withTenant(deps.db, scope.teamId, async (tx) => {
    const found = await findWindow(tx, scope, input.windowId);
    return { window: found, rollout: await activeRollout(tx, scope, found.deploymentId) };
  });
  if (window.tally === null) {
    throw new AppError("precondition_failed", `Window ${window.id} is not processed yet: it has no tally.`);
  }
  if (!concerns(rollout, window)) return null;
  const evidenceAt = performance.now();
  const pairs = await readPairs(deps, scope, rollout, window);
  const read = { window, rolloutId: rollout.id, pairs, evidenceAt };
  const applied = await withTenant(deps.db, scope.teamId, (tx) => decideAndApply(tx, scope, read));
  if (!applied) return null;
  const decisionMs = performance.now() - evidenceAt;
  await withTenant(deps.db, scope.teamId, (tx) => recordDecisionTime(tx, scope, applied.decisionId, decisionMs));
  return { rolloutId: applied.rolloutId, decision: applied.decision, decisionMs };
}
