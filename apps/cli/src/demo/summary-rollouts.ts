import type { Scope } from "@ballast/core";
import type { LogDeps } from "@ballast/datasets/server";
import { modelVersions, reservations, rolloutDecisions, rollouts, trainingJobs, withTenant } from "@ballast/db";
import { and, asc, eq, like } from "drizzle-orm";
import { hindsightBrierDelta } from "./hindsight.ts";

export interface RolloutFacts {
  version: number;
  candidateId: string;
  championId: string | null;
  state: string;
  why: string | null;
  /** Every decision that moved it, with event time. */
  steps: { decision: string; at: string | null; summary: string }[];
  evidence: {
    days: number;
    rows: number;
    meanBrierDifference: number | null;
    lower: number | null;
    upper: number | null;
    eNonInferior: number | null;
    eHarm: number | null;
  };
  exposures: number;
  /** Milliseconds from the deciding evidence to the changed routes, of the last decision. */
  decisionMs: number | null;
  endedAt: number | null;
}

const finite = (value: number | null | undefined) =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

/** A rollout by its id, or the one that delivered a training job's version; null if there is none. */
export async function rolloutOf(
  deps: Pick<LogDeps, "db">,
  scope: Scope,
  by: { rolloutId: string | null } | { jobId: string | null },
): Promise<RolloutFacts | null> {
  return withTenant(deps.db, scope.teamId, async (tx) => {
    const mine = and(eq(rollouts.teamId, scope.teamId), eq(rollouts.projectId, scope.projectId));
    let match = eq(rollouts.id, "rolloutId" in by ? (by.rolloutId ?? "") : "");
    if ("jobId" in by) {
      const [job] = await tx
        .select({ versionId: trainingJobs.versionId })
        .from(trainingJobs)
        .where(eq(trainingJobs.id, by.jobId ?? ""));
      match = eq(rollouts.candidateId, job?.versionId ?? "");
    }
    const [row] = await tx
      .select({ rollout: rollouts, version: modelVersions.version })
      .from(rollouts)
      .innerJoin(modelVersions, eq(modelVersions.id, rollouts.candidateId))
      .where(and(mine, match));
    if (!row) return null;
    const decisions = await tx
      .select()
      .from(rolloutDecisions)
      .where(eq(rolloutDecisions.rolloutId, row.rollout.id))
      .orderBy(asc(rolloutDecisions.createdAt), asc(rolloutDecisions.id));
    const moves = decisions.filter((d) => d.decision !== "hold");
    const { quality, exposures } = row.rollout.evidence;
    return {
      version: row.version,
      candidateId: row.rollout.candidateId,
      championId: row.rollout.championId,
      state: row.rollout.state,
      why: row.rollout.outcomeReason,
      steps: moves.map((d) => ({ decision: d.decision, at: d.eventTime?.toISOString() ?? null, summary: d.summary })),
      evidence: {
        days: quality?.days ?? 0,
        rows: quality?.rows ?? 0,
        meanBrierDifference: finite(quality?.mean),
        lower: finite(quality?.lower),
        upper: finite(quality?.upper),
        eNonInferior: finite(quality?.eNonInferior),
        eHarm: finite(quality?.eHarm),
      },
      exposures,
      decisionMs: moves.at(-1)?.decisionMs ?? null,
      endedAt: row.rollout.endedEventTime?.getTime() ?? null,
    };
  });
}

const DECIDED = new Set(["promoted", "refused", "rolled_back"]);

/** Every retrain that a policy asked for and that was decided, judged with hindsight. */
export async function decidedRetrains(deps: LogDeps, scope: Scope) {
  const jobs = await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .select({ job: trainingJobs, reservation: reservations })
      .from(trainingJobs)
      .leftJoin(reservations, eq(reservations.id, trainingJobs.reservationId))
      .where(
        and(
          eq(trainingJobs.teamId, scope.teamId),
          eq(trainingJobs.projectId, scope.projectId),
          like(trainingJobs.cause, "policy:%"),
        ),
      )
      .orderBy(asc(trainingJobs.createdAt)),
  );
  const decided = [];
  for (const { job, reservation } of jobs) {
    const rollout = await rolloutOf(deps, scope, { jobId: job.id });
    if (!rollout || !DECIDED.has(rollout.state)) continue;
    const { endedAt, candidateId, championId } = rollout;
    decided.push({
      cause: job.cause,
      version: rollout.version,
      outcome: rollout.state,
      why: rollout.why,
      evidence: rollout.evidence,
      asked: job.eventTime?.toISOString() ?? null,
      decided: endedAt === null ? null : new Date(endedAt).toISOString(),
      reserved: (reservation?.amountMicros ?? 0) / 1e6,
      committed: (reservation?.committedMicros ?? 0) / 1e6,
      hindsightBrierDelta:
        endedAt === null || championId === null
          ? null
          : await hindsightBrierDelta(deps, scope, endedAt, candidateId, championId),
    });
  }
  return decided;
}
