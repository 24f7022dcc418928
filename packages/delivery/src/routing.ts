import type { RoutingTable } from "@ballast/db";

/** What the routes of a deployment are to be; every change of routing is one of these. */
export type RoutingChange =
  | { kind: "champion_only" }
  | { kind: "shadow"; candidateId: string }
  | { kind: "canary"; candidateId: string; percent: number }
  | { kind: "promote"; candidateId: string };

/** The routing table of a deployment that serves nobody yet. */
export function emptyRouting(salt: string): RoutingTable {
  return { champion: null, candidate: null, shadows: [], salt };
}

/**
 * The routing table after a change. The salt changes only when a new rollout begins (`rolloutSalt`), so that within one
 * rollout a key stays where it was, and over many rollouts no key is always the first to meet a candidate.
 */
export function changeRouting(routing: RoutingTable, change: RoutingChange, rolloutSalt = routing.salt): RoutingTable {
  const { champion } = routing;
  switch (change.kind) {
    case "champion_only":
      return { champion, candidate: null, shadows: [], salt: routing.salt };
    case "shadow":
      return { champion, candidate: null, shadows: [change.candidateId], salt: rolloutSalt };
    case "canary":
      return {
        champion,
        candidate: { versionId: change.candidateId, percent: change.percent },
        shadows: [],
        salt: rolloutSalt,
      };
    case "promote":
      return { champion: change.candidateId, candidate: null, shadows: [], salt: rolloutSalt };
  }
}
