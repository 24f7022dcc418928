import { orderMetrics } from "../../../../page/metric-words.ts";
import type { Run } from "./run-columns.tsx";

const quoted = (value: string | number | boolean | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Runs as comma-separated values (RFC 4180): one row each, every metric and parameter a column, times in ISO 8601. */
export function runsCsv(runs: readonly Run[]): string {
  const metrics = orderMetrics(runs.flatMap((run) => Object.keys(run.metrics)));
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  const head = [
    ...["id", "name", "experiment", "state", "started_at", "ended_at", "event_time", "code_version", "created_by"],
    ...params.map((name) => `param:${name}`),
    ...metrics.map((name) => `metric:${name}`),
  ];
  const rows = runs.map((run) => [
    ...[run.id, run.name, run.experiment, run.state, run.startedAt.toISOString(), run.endedAt?.toISOString()],
    ...[run.eventTime?.toISOString(), run.codeVersion, run.createdBy],
    ...params.map((name) => run.params[name]),
    ...metrics.map((name) => run.metrics[name]),
  ]);
  return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}
