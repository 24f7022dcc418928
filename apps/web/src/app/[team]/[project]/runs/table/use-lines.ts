"use client";

import type { GridLine } from "@ballast/ui";
import { useMemo } from "react";
import type { SearchedRun } from "../tracking";
import { groupedLines, groupRuns } from "./grouping";
import { metricText } from "./run-columns";
import type { RunSnapshot } from "./run-store";

export interface RunLines {
  count: number;
  lineAt: (index: number) => GridLine<SearchedRun> | undefined;
  indexOf: (id: string) => number;
  /** Loaded runs in the order of the lines, closed groups left out. */
  runs: readonly SearchedRun[];
}

type Line = GridLine<SearchedRun>;
const rowLine = (run: SearchedRun): Line => ({ kind: "row", id: run.id, row: run });

/** The table's lines: pinned runs on top, then the others as they come or in groups; what is not loaded yet counts too. */
export function useLines({
  runs,
  pinned,
  group,
  closed,
  metrics,
}: {
  runs: RunSnapshot;
  pinned: readonly SearchedRun[];
  group: string | undefined;
  closed: ReadonlySet<string>;
  /** Metrics in view: what a group says the mean of. */
  metrics: readonly string[];
}): RunLines {
  return useMemo(() => {
    const onTop = new Set(pinned.map(({ id }) => id));
    const rest = onTop.size === 0 ? runs.rows : runs.rows.filter(({ id }) => !onTop.has(id));
    const lines: Line[] = group
      ? [...pinned.map(rowLine), ...groupedLines(groupRuns(rest, group), { closed, metrics, text: metricText })]
      : [...pinned, ...rest].map(rowLine);
    const missing = group ? 0 : Math.max(0, (runs.total ?? 0) - runs.rows.length);
    const places = new Map(lines.map(({ id }, index) => [id, index]));
    return {
      count: lines.length + missing,
      lineAt: (index) => lines[index],
      indexOf: (id) => places.get(id) ?? -1,
      runs: lines.flatMap((line) => (line.kind === "row" ? [line.row] : [])),
    };
  }, [runs, pinned, group, closed, metrics]);
}
