/** Evidence against the champion and, once the candidate answered alone, against what it is allowed. */
interface GuardEvidence {
  e: number;
  alone?: { e: number; needed: number };
}

/** What the guards of a rollout have measured against the boundaries of its plan. */
export interface Guarded {
  plan: { alpha: { errors: number; latency: number; srm: number; harm: number } };
  evidence: {
    errors: GuardEvidence;
    latency: GuardEvidence;
    srm: { e: number };
    quality: { eHarm: number } | null;
  };
}

/** Evidence of harm: an e-value, and the boundary at which it ends the rollout. */
export interface HarmEvidence {
  guard: string;
  e: number;
  needed: number;
}

/** Evidence multiplies, so from the root of its boundary on it has come half of the way: worth saying, not worth acting on. */
const share = ({ e, needed }: Pick<HarmEvidence, "e" | "needed">): number => e / Math.sqrt(needed);

export function harmLevel(evidence: Pick<HarmEvidence, "e" | "needed">): "none" | "some" | "harm" {
  if (evidence.e >= evidence.needed) return "harm";
  return share(evidence) > 1 ? "some" : "none";
}

const alone = (guard: string, { alone: held }: GuardEvidence): HarmEvidence[] =>
  held ? [{ guard, e: held.e, needed: held.needed }] : [];

/** The guard whose evidence of harm has come farthest. */
export function strongestHarm({ evidence, plan }: Guarded): HarmEvidence {
  const guards = [
    { guard: "Errors", e: evidence.errors.e, needed: 1 / plan.alpha.errors },
    { guard: "Latency SLO", e: evidence.latency.e, needed: 1 / plan.alpha.latency },
    ...alone("Errors, alone", evidence.errors),
    ...alone("Latency SLO, alone", evidence.latency),
    { guard: "Split of requests", e: evidence.srm.e, needed: 1 / plan.alpha.srm },
    { guard: "Brier score, worse", e: evidence.quality?.eHarm ?? 1, needed: 1 / plan.alpha.harm },
  ];
  return guards.reduce((worst, guard) => (share(guard) > share(worst) ? guard : worst));
}
