import { formatDateTime, formatDuration, MISSING } from "@ballast/ui";
import { bestOf, metricWords, orderMetrics } from "@/page/metric-words";
import { sharedValue } from "../table/grouping";
import { metricText, paramText } from "../table/run-columns";
import { durationOf, isSystemMetric, loggedNumber, type SearchedRun, splitField } from "../tracking";

/** A number that a run logged in a field: a metric's last value, or a parameter that reads as a number. */
export function fieldNumber(run: SearchedRun, id: string): number | undefined {
  const field = splitField(id);
  if (field?.kind === "metrics") return loggedNumber(run.metrics[field.key]?.last);
  if (field?.kind !== "params") return undefined;
  const value = run.params[field.key];
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function keysOf<Run>(runs: readonly Run[], of: (run: Run) => object): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(of(run))))];
}

/** Metric keys that any of the runs logged, those one reads first in front, system metrics last. */
export function metricKeys(runs: readonly { metrics: object }[]): string[] {
  const all = orderMetrics(keysOf(runs, (run) => run.metrics));
  return [...all.filter((key) => !isSystemMetric(key)), ...all.filter(isSystemMetric)];
}

export const paramKeys = (runs: readonly SearchedRun[]): string[] => keysOf(runs, (run) => run.params).sort();

/** Parameters whose values tell the runs apart. */
export function varyingParams(runs: readonly SearchedRun[]): string[] {
  return paramKeys(runs).filter((key) => new Set(runs.map((run) => paramText(run.params[key]))).size > 1);
}

/** Fields with a number in at least one run: what an axis can be. */
export function numericFields(runs: readonly SearchedRun[]): string[] {
  const params = paramKeys(runs).map((key) => `params.${key}`);
  return [
    ...params.filter((id) => runs.some((run) => fieldNumber(run, id) !== undefined)),
    ...metricKeys(runs).map((key) => `metrics.${key}`),
  ];
}

/** Fields whose values runs share: what they can be grouped by. */
export function groupingFields(runs: readonly SearchedRun[]): string[] {
  const tags = keysOf(runs, (run) => run.tags).sort();
  const all = [
    ...["attributes.experiment", "attributes.status", "attributes.user_id"],
    ...paramKeys(runs).map((key) => `params.${key}`),
    ...tags.map((key) => `tags.${key}`),
  ];
  return all.filter((id) => {
    const distinct = new Set(runs.map((run) => sharedValue(run, id))).size;
    return distinct > 1 && distinct <= 30;
  });
}

export interface FieldRow {
  id: string;
  kind: string;
  label: string;
  texts: string[];
  differs: boolean;
  /** Which runs have the best value, for a metric with a better end. */
  best: boolean[];
}

/** Every field of the compared runs as a row, with what each run has in it. */
export function fieldRows(runs: readonly SearchedRun[]): FieldRow[] {
  const row = (id: string, kind: string, label: string, text: (run: SearchedRun) => string): FieldRow => {
    const texts = runs.map(text);
    return { id, kind, label, texts, differs: new Set(texts).size > 1, best: [] };
  };
  const metrics = metricKeys(runs).map((key): FieldRow => {
    const values = runs.map((run) => loggedNumber(run.metrics[key]?.last));
    const best = bestOf(
      key,
      values.map((value) => (value !== undefined && Number.isFinite(value) ? value : undefined)),
    );
    const texts = values.map((value) => metricText(key, value));
    return {
      ...{ id: `metrics.${key}`, kind: "Metric", label: metricWords(key).label, texts },
      differs: new Set(values.map(String)).size > 1,
      best: values.map((value) => best !== undefined && value === best),
    };
  });
  return [
    row("attributes.status", "Run", "Status", (run) => run.state),
    row("attributes.experiment", "Run", "Experiment", (run) => run.experiment),
    row("attributes.start_time", "Run", "Started, UTC", (run) => formatDateTime(run.startedAt)),
    row("attributes.duration", "Run", "Duration", (run) => formatDuration(durationOf(run))),
    row("attributes.user_id", "Run", "User", (run) => run.createdBy),
    row("attributes.inputs", "Run", "Data", (run) => run.inputs.map(({ label }) => label).join(", ") || MISSING),
    ...paramKeys(runs).map((key) => row(`params.${key}`, "Parameter", key, (run) => paramText(run.params[key]))),
    ...metrics,
    ...keysOf(runs, (run) => run.tags)
      .sort()
      .map((key) => row(`tags.${key}`, "Tag", key, (run) => run.tags[key] ?? MISSING)),
  ];
}
