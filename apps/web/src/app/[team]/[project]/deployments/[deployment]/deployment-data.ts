import type { Outputs } from "@/page/outputs";

export type Deployment = Outputs["deployment"]["get"];
export type RolloutDetail = Outputs["rollout"]["get"];
export type Rollout = RolloutDetail["rollout"];
export type Decision = Outputs["rollout"]["decisions"]["decisions"][number];
export type ListedRollout = Outputs["rollout"]["list"]["rollouts"][number];

/** The page of rollouts that is listed, from the URL. */
export const rolloutsQuery = (params: { get(name: string): string | null }) => ({
  before: params.get("before") ?? undefined,
  limit: 20,
});
/** The newest rollouts: the page that the list starts with. */
export const NEWEST_ROLLOUTS = rolloutsQuery(new URLSearchParams());
export const DECISIONS_READ = 200;

const OPEN = new Set(["queued", "gating", "shadow", "canary"]);
export const isOpen = (rollout: { state: string }): boolean => OPEN.has(rollout.state);

/** A number among a decision's inputs; null where it was not measured. */
export function inputOf(decision: Decision, name: string): number | null {
  const value = decision.inputs[name];
  return typeof value === "number" ? value : null;
}

/** Decisions that were made from evidence, oldest first: the history of every guard. */
export function measured(decisions: readonly Decision[]): (Decision & { eventTime: Date })[] {
  return decisions
    .filter((decision): decision is Decision & { eventTime: Date } => decision.eventTime !== null)
    .filter((decision) => inputOf(decision, "errorsE") !== null)
    .toReversed();
}

/** A guard of a rollout: what it compares, what the evidence has come to, and what it is held against. */
export interface GuardRow {
  id: string;
  name: string;
  what: string;
  alpha: number;
  /** Counts of both arms, as "1 of 4,331". Empty where it compares pairs. */
  candidate: string;
  champion: string;
  e: number;
  needed: number;
  /** Its e-values at each decision, oldest first. */
  history: (number | null)[];
  /** False where nothing could be compared: then the evidence stays at 1 whatever happens. */
  judged: boolean;
  /** Whether reaching the boundary ends the rollout, or lets it go on. */
  boundary: "harm" | "proof";
}

const rate = (events: number, exposed: number): string =>
  `${events.toLocaleString("en-US")} of ${exposed.toLocaleString("en-US")}`;

/** What the candidate did where no champion answered beside it, against what it is allowed; nothing before it did. */
function aloneRow(
  kind: { id: string; name: string; what: string },
  { alone }: Rollout["evidence"]["errors"],
  history: (name: string) => (number | null)[],
): GuardRow[] {
  if (!alone) return [];
  const { needed } = alone;
  return [
    {
      ...{ ...kind, id: `${kind.id}Alone`, name: `${kind.name}, alone`, boundary: "harm", alpha: 1 / needed, needed },
      what: `${kind.what} where no champion answers`,
      candidate: rate(alone.events, alone.requests),
      champion: alone.rate < 1 ? `allowed ${(100 * alone.rate).toFixed(1)} %` : "",
      ...{ e: alone.e, history: history(`${kind.id}AloneE`), judged: alone.rate < 1 },
    },
  ];
}

/** The tests of a rollout, from its evidence and the decisions made from it. */
export function guardsOf(rollout: Rollout, decisions: readonly Decision[]): GuardRow[] {
  const { evidence, plan } = rollout;
  const past = measured(decisions);
  const history = (name: string) => past.map((decision) => inputOf(decision, name));
  const arms = ({ candidate, champion, exposedCandidate, exposedChampion }: typeof evidence.errors) => ({
    candidate: rate(candidate, exposedCandidate),
    champion: rate(champion, exposedChampion),
  });
  const quality = evidence.quality;
  const newest = evidence.days.at(-1);
  const brier = {
    candidate: newest ? newest.candidateBrier.toFixed(4) : "",
    champion: newest ? newest.championBrier.toFixed(4) : "",
  };
  const test = (alpha: number, e: number, name: string) => ({
    ...{ alpha, e, needed: 1 / alpha, history: history(name) },
    judged: true,
  });
  const errors = { id: "errors", name: "Errors", what: "failed requests" };
  const late = `requests over ${plan.sloMs} ms`;
  const latency = { id: "latency", name: "Latency SLO", what: late };
  return [
    {
      ...{ ...errors, what: `${errors.what}, rate ratio`, boundary: "harm" },
      ...arms(evidence.errors),
      ...test(plan.alpha.errors, evidence.errors.e, "errorsE"),
    },
    ...aloneRow(errors, evidence.errors, history),
    {
      ...{ ...latency, what: `${latency.what}, rate ratio`, boundary: "harm" },
      ...arms(evidence.latency),
      ...test(plan.alpha.latency, evidence.latency.e, "latencyE"),
    },
    ...aloneRow(latency, evidence.latency, history),
    {
      ...{ id: "split", name: "Split of requests", what: "counts against the share asked for", boundary: "harm" },
      candidate: evidence.srm.candidate.toLocaleString("en-US"),
      champion: evidence.srm.champion.toLocaleString("en-US"),
      ...test(plan.alpha.srm, evidence.srm.e, "srmE"),
      // Keys that repeat are no independent requests, so a sticky split is not counted.
      judged: evidence.srm.candidate + evidence.srm.champion > 0 || evidence.srm.e !== 1,
    },
    {
      ...{ id: "harm", name: "Brier score, worse", what: "paired day blocks", boundary: "harm" },
      ...brier,
      ...test(plan.alpha.harm, quality?.eHarm ?? 1, "eHarm"),
    },
    {
      ...{
        id: "quality",
        name: "Brier score, not worse",
        what: `difference under the margin ${plan.margin}`,
        boundary: "proof",
      },
      ...brier,
      ...test(plan.alpha.quality, quality?.eNonInferior ?? 1, "eNonInferior"),
    },
  ];
}
