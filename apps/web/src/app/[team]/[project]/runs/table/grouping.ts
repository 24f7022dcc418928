import { formatCount, type GridLine } from "@ballast/ui";
import { loggedNumber, type SearchedRun, splitField } from "../tracking.ts";

export interface MetricAggregate {
  mean: number;
  least: number;
  greatest: number;
  /** Runs that logged a finite last value. */
  n: number;
}

export interface RunGroup {
  /** The value that its runs share; undefined for those without one. */
  value: string | undefined;
  runs: SearchedRun[];
}

/** The value of a field that runs can share; undefined where a run has none. */
export function sharedValue(run: SearchedRun, field: string): string | undefined {
  const parts = splitField(field);
  if (!parts) return undefined;
  switch (parts.kind) {
    case "params": {
      const value = run.params[parts.key];
      return value === undefined ? undefined : String(value);
    }
    case "tags":
      return run.tags[parts.key];
    case "attributes":
      return {
        experiment: run.experiment,
        status: run.state,
        user_id: run.createdBy,
        parent: run.parentId ?? undefined,
      }[parts.key];
    case "metrics":
      return undefined;
  }
}

/** Runs by the value they share, in the order of each group's first run: the table's order decides. */
export function groupRuns(runs: readonly SearchedRun[], field: string): RunGroup[] {
  const groups = new Map<string | undefined, RunGroup>();
  for (const run of runs) {
    const value = sharedValue(run, field);
    const group = groups.get(value);
    if (group) group.runs.push(run);
    else groups.set(value, { value, runs: [run] });
  }
  return [...groups.values()];
}

/** Mean, least and greatest of the last values of a metric; undefined where no run logged a finite one. */
export function aggregate(runs: readonly SearchedRun[], metric: string): MetricAggregate | undefined {
  let [n, sum, least, greatest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const run of runs) {
    const value = loggedNumber(run.metrics[metric]?.last);
    if (value === undefined || !Number.isFinite(value)) continue;
    n += 1;
    sum += value;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return n === 0 ? undefined : { mean: sum / n, least, greatest, n };
}

/** The lines of a grouped table: each group's heading with the mean of its metrics, then its runs unless it is closed. */
export function groupedLines(
  groups: readonly RunGroup[],
  {
    closed,
    metrics,
    text,
  }: { closed: ReadonlySet<string>; metrics: readonly string[]; text: (metric: string, value: number) => string },
): GridLine<SearchedRun>[] {
  return groups.flatMap(({ value, runs }): GridLine<SearchedRun>[] => {
    const id = `group ${value ?? ""}`;
    const open = !closed.has(id);
    const cells: Record<string, string> = {};
    const titles: Record<string, string> = {};
    for (const metric of metrics) {
      const found = aggregate(runs, metric);
      if (!found) continue;
      const mean = text(metric, found.mean);
      cells[`metrics.${metric}`] = found.n === 1 ? mean : `x\u0304 ${mean}`;
      titles[`metrics.${metric}`] =
        `mean of ${found.n}, from ${text(metric, found.least)} to ${text(metric, found.greatest)}`;
    }
    const heading: GridLine<SearchedRun> = {
      kind: "group",
      id,
      label: value ?? "none",
      note: runs.length === 1 ? "1 run" : `${formatCount(runs.length)} runs`,
      open,
      cells,
      titles,
    };
    return open ? [heading, ...runs.map((run) => ({ kind: "row" as const, id: run.id, row: run }))] : [heading];
  });
}
