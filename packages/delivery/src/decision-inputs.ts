import type { GuardEvidence, RolloutEvidence, RolloutPlan } from "@ballast/db";

/** A number to so many significant digits. */
export const round = (value: number, digits: number) => Number(value.toPrecision(digits));
/** A signed loss difference to five places, with a true minus sign. */
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(5)}`;

/** The quality test's numbers, as a decision records them. Differences are Brier scores, candidate − champion. */
export function qualityInputs(evidence: RolloutEvidence, plan: RolloutPlan): Record<string, number | string> {
  const quality = evidence.quality;
  const base = { maturedDays: evidence.days.length, exposures: evidence.exposures, marginBrier: plan.margin };
  if (!quality) return base;
  return {
    ...base,
    pairedRows: quality.rows,
    meanBrierDifference: round(quality.mean, 6),
    lower: round(quality.lower, 6),
    upper: round(quality.upper, 6),
    eNonInferior: round(quality.eNonInferior, 6),
    eNonInferiorNeeded: 1 / plan.alpha.quality,
    eHarm: round(quality.eHarm, 6),
    eHarmNeeded: 1 / plan.alpha.harm,
  };
}

/** The guards' e-values beside those that would breach. */
export function guardInputs(evidence: RolloutEvidence, plan: RolloutPlan): Record<string, number | string> {
  return {
    ...eventInputs("errors", evidence.errors, plan.alpha.errors),
    ...eventInputs("latency", evidence.latency, plan.alpha.latency),
    srmE: round(evidence.srm.e, 6),
    srmENeeded: 1 / plan.alpha.srm,
  };
}

function eventInputs(name: string, { e, alone }: GuardEvidence, alpha: number): Record<string, number> {
  const compared = { [`${name}E`]: round(e, 6), [`${name}ENeeded`]: 1 / alpha };
  if (alone === undefined) return compared;
  return { ...compared, [`${name}AloneE`]: round(alone.e, 6), [`${name}AloneENeeded`]: alone.needed };
}

/** "mean Brier difference +0.00312 over 9 days, 14,850 pairs". */
export function inNumbers(evidence: RolloutEvidence): string {
  const quality = evidence.quality;
  if (!quality) return "no matured day yet";
  const rows = quality.rows.toLocaleString("en-US");
  return `mean Brier difference ${signed(quality.mean)} over ${quality.days} matured days, ${rows} pairs`;
}

/** "; the candidate failed to score 12 of 4,800 rows in shadow", or nothing where it scored all of them. */
export function inShadowNumbers({ shadowed }: RolloutEvidence): string {
  if (!shadowed || shadowed.scored >= shadowed.rows) return "";
  const count = (n: number) => n.toLocaleString("en-US");
  return `; the candidate failed to score ${count(shadowed.rows - shadowed.scored)} of ${count(shadowed.rows)} rows in shadow`;
}
