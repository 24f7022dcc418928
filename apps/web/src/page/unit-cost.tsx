import { formatCount, MISSING } from "@ballast/ui";
import { formatMicros } from "./format-micros.ts";
import type { Outputs } from "./outputs.ts";

export type UnitCost = Outputs["finops"]["unitCosts"][number];

/** Serving and its share of the training cost, per 1,000 answers given; null before the first answer. */
export function per1000Micros(cost: UnitCost | undefined): number | null {
  if (!cost || cost.servingPer1000Micros === null) return null;
  return cost.servingPer1000Micros + (cost.trainingPer1000Micros ?? 0);
}

/** What a cost per 1,000 predictions is made of, with its base. */
export function unitCostNote(cost: UnitCost | undefined): string {
  if (!cost || cost.predictions === 0) return "no predictions yet";
  return `serving ${formatMicros(cost.servingPer1000Micros, cost.currency)} + training ${formatMicros(cost.trainingPer1000Micros, cost.currency)}, over ${formatCount(cost.predictions)} predictions`;
}

/** The cost of 1,000 predictions as a figure: a dash before the first. */
export function unitCostText(cost: UnitCost | undefined): string {
  const micros = per1000Micros(cost);
  return micros === null || !cost ? MISSING : formatMicros(micros, cost.currency);
}
