import { DAY_MS, type EpochMs } from "@ballast/core";
import type { ConversionProposal, ConversionReach } from "@ballast/db";
import type { UnitDiagnosis } from "@ballast/plugin-sdk";
import { unitWords } from "./unit-words.ts";

/** A diagnosis with where it began. */
export interface UnitChange {
  column: string;
  /** Push source whose rows show it; null for the deployment's requests. */
  source: string | null;
  /** Who was seen to send it so. */
  appliesTo: ConversionReach;
  diagnosis: UnitDiagnosis;
  since: EpochMs;
  /** Rows since then that were looked at. */
  rows: number;
}

export interface KnownIncident {
  id: string;
  state: "open" | "resolved" | "dismissed";
  since: EpochMs;
  /** End of the last window that showed it, epoch ms. */
  lastSeen: EpochMs;
  /** As it proposes; null where it proposes none, or for everybody. */
  appliesTo: ConversionReach | null;
}

type UnitDecision =
  | { action: "open"; title: string; proposal: ConversionProposal }
  /** Still there: the incident's evidence grows, and with it who was seen to send it so; null for no more than before. */
  | { action: "fold"; incidentId: string; appliesTo: ConversionReach | null };

/** Events about the same column of the same deployment, or of a source that trains it, fold into one incident by this key. */
export const unitIncidentKey = (deploymentId: string, column: string, source: string | null = null) =>
  `unit_change:${deploymentId}:${column}${source === null ? "" : `@${source}`}`;

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
  if (open) return { action: "fold", incidentId: open.id, appliesTo: widened(open.appliesTo, change.appliesTo) };
  const dismissed = known.find(({ state, lastSeen }) => state === "dismissed" && lastSeen >= window.to - DAY_MS);
  if (dismissed) return { action: "fold", incidentId: dismissed.id, appliesTo: null };
  return { action: "open", title: titleOf(change), proposal: proposalOf(change) };
}

/** A reach with what was seen since; null where that is nothing new, or it reaches everybody already. */
function widened(known: ConversionReach | null, seen: ConversionReach): ConversionReach | null {
  const sources = seen.sources.filter((source) => known !== null && !known.sources.includes(source));
  return known === null || sources.length === 0 ? null : { ...known, sources: [...known.sources, ...sources] };
}

/** "`distance` is now in kilometres (declared: miles), since 2001-06-05 00:00 UTC, n=1,728" */
function titleOf({ column, source, diagnosis, since, rows }: UnitChange): string {
  const what = source === null ? `\`${column}\`` : `\`${column}\` pushed to \`${source}\``;
  const moment = `since ${minuteText(since)}, n=${rows.toLocaleString("en-US")}`;
  if (diagnosis.from === diagnosis.to)
    return `${what} is back in ${unitWords(diagnosis.from)}: the accepted conversion now distorts it, ${moment}`;
  return `${what} is now in ${unitWords(diagnosis.to)} (declared: ${unitWords(diagnosis.from)}), ${moment}`;
}

/** `2001-06-05 00:00 UTC` */
export function minuteText(t: EpochMs): string {
  return `${new Date(t).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function proposalOf({ column, diagnosis, since, appliesTo }: UnitChange): ConversionProposal {
  return {
    column,
    declaredUnit: diagnosis.from,
    receivedUnit: diagnosis.to,
    factor: diagnosis.factor,
    offset: diagnosis.offset,
    from: new Date(since).toISOString(),
    appliesTo,
    candidates: diagnosis.candidates,
  };
}
