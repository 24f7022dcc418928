import { DAY_MS, type EpochMs } from "@ballast/core";
import type { ConversionProposal } from "@ballast/db";
import type { UnitDiagnosis } from "@ballast/plugin-sdk";
import { unitWords } from "./unit-words.ts";

/** A diagnosis with where it began. */
export interface UnitChange {
  column: string;
  diagnosis: UnitDiagnosis;
  since: EpochMs;
  /** Rows since then that were looked at. */
  rows: number;
}

export interface KnownIncident {
  id: string;
  state: "open" | "resolved" | "dismissed";
  /** End of the last window that showed it, epoch ms. */
  lastSeen: EpochMs;
}

type UnitDecision =
  | { action: "open"; title: string; proposal: ConversionProposal }
  /** Still there: the incident's evidence grows. */
  | { action: "fold"; incidentId: string };

/** Events about the same column of the same deployment fold into one incident by this key. */
export const unitIncidentKey = (deploymentId: string, column: string) => `unit_change:${deploymentId}:${column}`;

/**
 * What a window that shows a change of unit does. An open incident of the same key takes it in. So does one that a person
 * dismissed, as long as every window since has shown the same: a dismissal holds until the thing goes away. Otherwise (none, or
 * one resolved by a conversion, after which the column changed again) a new incident is opened.
 */
export function decideUnitIncident(
  change: UnitChange,
  window: { from: EpochMs; to: EpochMs },
  known: readonly KnownIncident[],
): UnitDecision {
  const open = known.find((incident) => incident.state === "open");
  if (open) return { action: "fold", incidentId: open.id };
  const dismissed = known.find(({ state, lastSeen }) => state === "dismissed" && lastSeen >= window.to - DAY_MS);
  if (dismissed) return { action: "fold", incidentId: dismissed.id };
  return { action: "open", title: titleOf(change), proposal: proposalOf(change) };
}

/** "`distance` is now in kilometres (declared: miles), since 2001-06-05 00:00 UTC, n=1,728" */
function titleOf({ column, diagnosis, since, rows }: UnitChange): string {
  const moment = `since ${minuteText(since)}, n=${rows.toLocaleString("en-US")}`;
  if (diagnosis.from === diagnosis.to)
    return `\`${column}\` is back in ${unitWords(diagnosis.from)}: the accepted conversion now distorts it, ${moment}`;
  return `\`${column}\` is now in ${unitWords(diagnosis.to)} (declared: ${unitWords(diagnosis.from)}), ${moment}`;
}

/** `2001-06-05 00:00 UTC` */
export function minuteText(t: EpochMs): string {
  return `${new Date(t).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function proposalOf({ column, diagnosis, since }: UnitChange): ConversionProposal {
  return {
    column,
    declaredUnit: diagnosis.from,
    receivedUnit: diagnosis.to,
    factor: diagnosis.factor,
    offset: diagnosis.offset,
    from: new Date(since).toISOString(),
    candidates: diagnosis.candidates,
  };
}
