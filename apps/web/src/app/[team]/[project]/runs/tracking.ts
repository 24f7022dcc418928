import type { SeriesColor } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";

/** A run as a search answers it: its parameters, and of each metric the last, least and greatest value. */
export type SearchedRun = Outputs["experiment"]["search"]["runs"][number];
/** One run in full, as its own page reads it. */
export type RunRecord = Outputs["experiment"]["run"];
export type SearchPage = Outputs["experiment"]["search"];
export type RunChart = Outputs["experiment"]["chart"][number];

/** MLflow's clients and pages keep a run's notes under this tag. */
export const NOTE_TAG = "mlflow.note.content";

/** A metric of the machine that a run was on, not of what it trained: MLflow logs them under `system/`. */
export const isSystemMetric = (key: string): boolean => key.startsWith("system/");

/** Numbers that JSON has no word for travel as these. */
export type LoggedNumber = number | string | null;

/** The number that was logged; NaN and ±∞ as such, undefined where there is none. */
export function loggedNumber(value: LoggedNumber | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "number" ? value : Number(value);
}

/** Runs that one look compares at most: what one chart request reads. */
export const MOST_COMPARED = 100;

export const RUN_COLORS: readonly SeriesColor[] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"];
const DASHES = ["solid", "dashed", "dotted"] as const;

/** How the n-th compared run is drawn: seven colours, then the same seven dashed, then dotted, then from the start. */
export function lineLook(index: number): { color: SeriesColor; dash: (typeof DASHES)[number] } {
  const round = Math.floor(index / RUN_COLORS.length) % DASHES.length;
  return { color: RUN_COLORS[index % RUN_COLORS.length] ?? "s8", dash: DASHES[round] ?? "solid" };
}

/** Milliseconds from start to end; null while it runs. */
export function durationOf(run: { startedAt: Date; endedAt: Date | null }): number | null {
  return run.endedAt ? run.endedAt.getTime() - run.startedAt.getTime() : null;
}

export type FieldKind = "attributes" | "metrics" | "params" | "tags";
const KINDS: readonly FieldKind[] = ["attributes", "metrics", "params", "tags"];

/** `metrics.val/loss` in its two parts; undefined for what names no field of a run. */
export function splitField(id: string): { kind: FieldKind; key: string } | undefined {
  const at = id.indexOf(".");
  const kind = KINDS.find((one) => one === id.slice(0, at));
  const key = id.slice(at + 1);
  return kind && key !== "" ? { kind, key } : undefined;
}

/** A field as the filter's grammar and `orderBy` write it: quoted where its name is more than a word. */
export function fieldText(kind: FieldKind, key: string): string {
  if (kind === "attributes" || /^[A-Za-z_]\w*$/.test(key)) return `${kind}.${key}`;
  return key.includes("`") ? `${kind}."${key}"` : `${kind}.\`${key}\``;
}

/** A text as a literal of the filter's grammar. */
export const literalText = (value: string): string => (value.includes("'") ? `"${value}"` : `'${value}'`);
