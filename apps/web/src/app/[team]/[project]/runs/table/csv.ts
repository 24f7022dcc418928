import { loggedNumber, type SearchedRun } from "../tracking.ts";

const quoted = (value: string | number | boolean | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Runs as comma-separated values (RFC 4180): one row each, every parameter, metric and tag a column, times in ISO 8601. */
export function runsCsv(runs: readonly SearchedRun[]): string {
  const keys = (of: (run: SearchedRun) => object): string[] =>
    [...new Set(runs.flatMap((run) => Object.keys(of(run))))].sort();
  const [params, metrics, tags] = [keys((run) => run.params), keys((run) => run.metrics), keys((run) => run.tags)];
  const head = [
    ...["id", "name", "experiment", "state", "started_at", "ended_at", "created_by", "parent_id"],
    ...params.map((name) => `param:${name}`),
    ...metrics.map((name) => `metric:${name}`),
    ...tags.map((name) => `tag:${name}`),
  ];
  const rows = runs.map((run) => [
    ...[run.id, run.name, run.experiment, run.state, run.startedAt.toISOString(), run.endedAt?.toISOString()],
    ...[run.createdBy, run.parentId],
    ...params.map((name) => run.params[name]),
    ...metrics.map((name) => loggedNumber(run.metrics[name]?.last)),
    ...tags.map((name) => run.tags[name]),
  ]);
  return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}
