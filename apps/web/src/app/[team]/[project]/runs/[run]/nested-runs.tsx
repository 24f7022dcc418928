"use client";

import { type DataColumn, formatCount, formatDateTime, Link, Panel } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { metricWords, orderMetrics } from "@/page/metric-words";
import { QueryView } from "@/page/query-view";
import { runPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { StateStatus } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { metricText } from "../table/run-columns";
import { literalText, loggedNumber, type RunRecord, type SearchedRun } from "../tracking";

const MOST_NESTED = 100;

/** The runs that were started within this one; nothing where there are none. */
export function NestedRuns({ run }: { run: RunRecord }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(
    trpc.experiment.search.queryOptions({
      ...scope,
      filter: `attributes.parent_run_id = ${literalText(run.id)}`,
      limit: MOST_NESTED,
    }),
  );
  if (query.data?.total === 0 || (query.data === undefined && !query.error)) return null;
  const columns: DataColumn<SearchedRun>[] = [
    {
      id: "name",
      header: "Run",
      value: (row) => row.name,
      primary: true,
      cell: (row) => (
        <Link className="row-link" href={runPath(base, row.id)} prefetch={false}>
          {row.name}
        </Link>
      ),
    },
    { id: "state", header: "Status", value: (row) => row.state, cell: (row) => <StateStatus state={row.state} /> },
    {
      id: "started",
      header: "Started, UTC",
      value: (row) => row.startedAt,
      cell: (row) => formatDateTime(row.startedAt),
    },
    ...orderMetrics((query.data?.runs ?? []).flatMap((one) => Object.keys(one.metrics)))
      .slice(0, 4)
      .map(
        (key): DataColumn<SearchedRun> => ({
          id: key,
          header: metricWords(key).label,
          numeric: true,
          value: (row) => loggedNumber(row.metrics[key]?.last),
          cell: (row) => metricText(key, loggedNumber(row.metrics[key]?.last)),
        }),
      ),
  ];
  return (
    <Panel title="Nested runs" note={query.data ? formatCount(query.data.total) : undefined}>
      <QueryView query={query} what="nested runs">
        {({ runs, total }) => (
          <RecordTable
            label="Nested runs"
            name="nested"
            columns={columns}
            rows={runs}
            part={total > runs.length}
            rowId={(row) => row.id}
          />
        )}
      </QueryView>
    </Panel>
  );
}
