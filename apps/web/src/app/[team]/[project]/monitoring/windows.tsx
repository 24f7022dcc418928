"use client";

import {
  type DataColumn,
  DataTable,
  formatCount,
  formatDay,
  formatDecimal,
  formatDuration,
  MISSING,
  Panel,
  Status,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Pager } from "@/page/pager";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { WINDOWS_LISTED, type WindowRow } from "./monitoring-data";

/** Every window with its tally: what came, what was joined, what came twice, and whether served rows can be computed again. */
export function Windows({ name }: { name: string }) {
  const { scope } = useProject();
  const { params } = useUrlState();
  const trpc = useTRPC();
  const before = params.get("before") ?? undefined;
  const query = useQuery(
    trpc.monitoring.windows.queryOptions(
      { ...scope, deployment: name, before, limit: WINDOWS_LISTED },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Panel title="Windows" note="one event day each, UTC; counts of distinct things, whatever was delivered twice">
      <QueryView query={query} what="windows">
        {({ windows, next }) => (
          <>
            <DataTable
              label="Windows, newest first"
              columns={columns}
              rows={windows}
              rowId={(row) => row.id}
              empty="No day has been closed yet."
            />
            <Pager shown={totalsOf(windows)} next={next} />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

/** What the shown days hold together. */
function totalsOf(windows: readonly WindowRow[]): string {
  const sum = (of: (tally: Tally) => number) =>
    formatCount(windows.reduce((total, { tally }) => total + (tally ? of(tally) : 0), 0));
  return `${windows.length} days: ${sum((tally) => tally.predictions)} predictions, ${sum((tally) => tally.outcomes)} outcomes joined, ${sum((tally) => tally.rowsChecked)} rows recomputed, ${sum((tally) => tally.mismatches)} differing`;
}

type Tally = NonNullable<WindowRow["tally"]>;

const counted = (id: string, header: string, of: (tally: Tally) => number): DataColumn<WindowRow> => ({
  ...{ id, header, numeric: true, sortable: false },
  value: (row) => (row.tally ? of(row.tally) : null),
  cell: (row) => formatCount(row.tally ? of(row.tally) : null),
});

/** Rows of days before that came when those had been counted. */
const lateOf = (tally: Tally | null): number => (tally?.late ?? []).reduce((sum, { served }) => sum + served, 0);

const columns: DataColumn<WindowRow>[] = [
  {
    id: "day",
    header: "Day",
    primary: true,
    sortable: false,
    value: (row) => row.from,
    cell: (row) => <span className="whitespace-nowrap">{formatDay(row.from, { year: true })}</span>,
  },
  {
    id: "state",
    header: "State",
    sortable: false,
    value: (row) => row.state,
    cell: (row) => <Status tone={row.state === "processed" ? "healthy" : "running"}>{row.state}</Status>,
  },
  {
    ...counted("predictions", "Predictions", (tally) => tally.predictions),
    cell: ({ tally }) => (
      <>
        {formatCount(tally?.predictions ?? null)}
        {lateOf(tally) > 0 ? <span className="muted"> + {formatCount(lateOf(tally))} late</span> : null}
      </>
    ),
  },
  counted("errors", "Failed", (tally) => tally.errors),
  counted("outcomes", "Outcomes joined", (tally) => tally.outcomes),
  counted("duplicates", "Came twice", (tally) => tally.duplicates + tally.outcomeDuplicates),
  counted("corrections", "Corrected", (tally) => tally.outcomeCorrections),
  counted("unknown", "Unknown", (tally) => tally.outcomeUnknown),
  counted("checked", "Rows recomputed", (tally) => tally.rowsChecked),
  {
    id: "mismatches",
    header: "Differing",
    numeric: true,
    sortable: false,
    value: (row) => row.tally?.mismatches,
    cell: (row) =>
      row.tally && row.tally.mismatches > 0 ? (
        <Status tone="breach">{formatCount(row.tally.mismatches)}</Status>
      ) : (
        formatCount(row.tally?.mismatches)
      ),
  },
  {
    id: "p99",
    header: "p99, ms",
    numeric: true,
    sortable: false,
    value: (row) => row.tally?.p99Ms,
    cell: (row) => (row.tally && row.tally.predictions > 0 ? formatDecimal(row.tally.p99Ms, 2) : MISSING),
  },
  {
    id: "processing",
    header: "Looked at in",
    numeric: true,
    sortable: false,
    value: (row) => row.tally?.processingMs,
    cell: (row) => (row.tally ? formatDuration(row.tally.processingMs) : MISSING),
  },
];
