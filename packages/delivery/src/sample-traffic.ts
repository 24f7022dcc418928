import type { JournalRecord } from "@ballast/artifacts";
import { DAY_MS } from "@ballast/core";
import type { createRandom } from "@ballast/statistics";
import { assign } from "./assignment.ts";
import type { DeploymentRow } from "./records.ts";

/** For tests: what a deployment is asked on a day. */
export interface Traffic {
  rows: number;
  /** How far the candidate's predictions lie from the truth, against the champion's 0.3. */
  candidateError?: number;
  /** Share of the candidate's requests that fail, or of what it should have scored in shadow. */
  candidateFails?: number;
  /** Rows of a request; 1. */
  rowsPerRequest?: number;
  /** Share of requests of either version that are slower than the objective; 0. */
  slow?: number;
  /** Share of requests that name the candidate, where it answers; 0. */
  namesCandidate?: number;
}

type Random = ReturnType<typeof createRandom>;
/** The part of a deployment that says who answers. */
type Routed = Pick<DeploymentRow, "id" | "routing" | "routingRevision">;
let requests = 0;
let predictions = 0;

/** A day's requests, one after the other. */
export function dayOfTraffic(deployment: Routed, from: number, traffic: Traffic, random: Random): JournalRecord[] {
  const size = traffic.rowsPerRequest ?? 1;
  const records: JournalRecord[] = [];
  for (let row = 0; row < traffic.rows; row += size) {
    const t = from + Math.floor((row / traffic.rows) * DAY_MS);
    records.push(...requestRecords(deployment, t, Math.min(size, traffic.rows - row), traffic, random));
  }
  return records;
}

function requestRecords(
  { id: dep, routing, routingRevision }: Routed,
  t: number,
  rows: number,
  traffic: Traffic,
  random: Random,
): JournalRecord[] {
  requests += 1;
  const rid = `req-${requests}`;
  const candidateId = routing.candidate?.versionId ?? routing.shadows[0] ?? null;
  const named = routing.candidate !== null && random.uniform() < (traffic.namesCandidate ?? 0);
  const assigned = routing.candidate ? assign(routing.salt, rid, routing.candidate.percent) : "champion";
  const role = named ? "candidate" : assigned;
  const v = role === "candidate" ? candidateId : routing.champion;
  if (v === null) return [];
  const common = { dep, t, at: t };
  const chosen = { v, role, rid, rt: named ? null : routingRevision };
  const fails = candidateId !== null && random.uniform() < (traffic.candidateFails ?? 0);
  if (role === "candidate" && fails) return [{ k: "e", ...common, ...chosen, code: "internal", us: 900 }];
  const us = random.uniform() < (traffic.slow ?? 0) ? 90_000 : 800;
  const copy = role === "candidate" ? routing.champion : candidateId;
  return Array.from({ length: rows }, (_, row): JournalRecord[] => {
    predictions += 1;
    const id = `prd_${predictions}`;
    const label = random.uniform() < 0.25 ? 1 : 0;
    const near = (error: number) => Math.abs(label - error * (0.8 + 0.4 * random.uniform()));
    const scores = { champion: near(0.3), candidate: near(traffic.candidateError ?? 0.3) };
    const other = scores[role === "candidate" ? "champion" : "candidate"];
    return [
      ...[
        {
          k: "p" as const,
          id,
          row,
          ...common,
          ...chosen,
          conv: 0,
          req: { t, distance: 500 },
          f: [1, 500],
          y: scores[role],
          us,
        },
      ],
      ...(copy && !fails ? [{ k: "s" as const, id, t, dep, v: copy, y: other }] : []),
      { k: "o", id, rev: 0, label, t: t + 3_600_000, at: t },
    ];
  }).flat();
}
