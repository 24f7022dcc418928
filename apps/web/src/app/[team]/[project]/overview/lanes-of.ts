import { formatCount, type Lane, type LaneEvent, type LaneSpan } from "@ballast/ui";
import { type Activity, eventLook } from "../../../../page/event-look.ts";
import type { Happening, ServingOverview } from "./overview-data";

const ACTIVITIES: readonly Activity[] = ["Integrate", "Deliver", "Monitor", "Train"];

const text = (data: Record<string, unknown>, name: string): string | undefined => {
  const value = data[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
};

/** The version an event is about, as the newest rollouts and the events themselves name it. */
function versionIn(event: Happening, names: ReadonlyMap<string, string>): string {
  const number = text(event.data, "version");
  if (number !== undefined) return `v${number}`;
  const id = text(event.data, "candidateId") ?? text(event.data, "versionId") ?? event.subject;
  return names.get(id) ?? "";
}

/** A label of two or three words; the whole sentence stands in the list below. */
function shortLabel(event: Happening, names: ReadonlyMap<string, string>): string {
  const version = versionIn(event, names);
  const percent = text(event.data, "percent");
  switch (event.name) {
    case "dataset_version.accepted":
    case "dataset_version.created":
    case "dataset_version.refused":
      return `${text(event.data, "dataset") ?? "dataset"} ${version} ${event.name.split(".")[1]}`;
    case "model_version.registered":
      return `${version} registered`;
    case "gates.passed":
      return `${version} passed`;
    case "gates.failed":
      return `${version} stopped`;
    case "conversion.accepted":
      return "conversion accepted";
    case "rollout.advanced":
      return event.data.decision === "start_shadow" ? `${version} shadow` : `${version} ${percent ?? ""} %`;
    case "rollout.promoted":
      return `${version} promoted`;
    case "rollout.refused":
      return `${version} refused`;
    case "rollout.rolled_back":
      return `${version} rolled back`;
    case "drift.detected":
      return driftLabel(event);
    case "calibration.breached":
      return "calibration off";
    case "incident.opened":
      return `${text(event.data, "column") ?? ""} unit`;
    case "incident.closed":
      return "closed";
    case "training.succeeded":
      return `${version} trained`;
    case "training.refused":
      return "refused";
    case "budget.refused":
      return "over budget";
    default:
      return event.name.split(".")[1]?.replaceAll("_", " ") ?? event.name;
  }
}

function driftLabel(event: Happening): string {
  const columns = Array.isArray(event.data.columns) ? event.data.columns : [];
  const name = typeof columns[0] === "string" ? columns[0] : "drift";
  return columns.length > 1 ? `${name} + ${formatCount(columns.length - 1)}` : name;
}

/** Said twice in other words by another event at the same moment: left out of the picture. */
const ECHOES = new Set([
  "rollout.started",
  "rollout.held",
  "alias.moved",
  "training.requested",
  "feature_view.defined",
]);

function versionNames(overview: ServingOverview): Map<string, string> {
  const names = new Map(overview.deployment.versions.map(({ id, version }) => [id, `v${version}`]));
  for (const { candidateId, candidateVersion } of overview.rollouts) names.set(candidateId, `v${candidateVersion}`);
  return names;
}

/** From when a rollout was in shadow or canary to when it was not any more, from what was announced. */
function spansOf(overview: ServingOverview, range: { from: number; to: number }): LaneSpan[] {
  const names = versionNames(overview);
  return overview.rollouts.flatMap((rollout) => {
    const own = overview.happenings.filter((event) => event.data.rolloutId === rollout.id && event.eventTime !== null);
    const at = (decision: string) => own.find((event) => event.data.decision === decision)?.eventTime?.getTime();
    const begun = rollout.startedEventTime?.getTime();
    if (begun === undefined) return [];
    const end = rollout.endedEventTime?.getTime() ?? range.to;
    const canary = at("start_canary");
    const shadow = at("start_shadow") ?? (canary === undefined && rollout.state !== "gating" ? begun : undefined);
    const name = names.get(rollout.candidateId) ?? "";
    const span = (from: number, to: number, color: LaneSpan["color"], label: string): LaneSpan[] =>
      to <= Math.max(from, range.from) ? [] : [{ from: Math.max(from, range.from), to, color, label }];
    return [
      ...(shadow === undefined ? [] : span(shadow, canary ?? end, "s8", `${name} in shadow`)),
      ...(canary === undefined ? [] : span(canary, end, "s2", `${name} in canary`)),
    ];
  });
}

/** Events of the range by activity, with the time candidates spent in shadow and canary. */
export function lanesOf(overview: ServingOverview, range: { from: number; to: number }): Lane[] {
  const names = versionNames(overview);
  const lanes = new Map<Activity, LaneEvent[]>(ACTIVITIES.map((name) => [name, []]));
  for (const event of overview.happenings) {
    if (event.eventTime === null || ECHOES.has(event.name)) continue;
    const { activity, tone } = eventLook(event.name);
    lanes.get(activity)?.push({ at: event.eventTime.getTime(), tone, label: shortLabel(event, names) });
  }
  return ACTIVITIES.map((name) => ({
    name,
    events: lanes.get(name) ?? [],
    ...(name === "Deliver" ? { spans: spansOf(overview, range) } : {}),
  }));
}
