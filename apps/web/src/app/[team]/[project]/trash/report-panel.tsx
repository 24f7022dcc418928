"use client";

import {
  Button,
  type DataColumn,
  formatBytes,
  formatCount,
  Panel,
  RelativeTime,
  Status,
  type Tone,
  useToast,
} from "@ballast/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { REPORTS_SHOWN } from "./query";

type Report = Outputs["trash"]["reports"]["reports"][number];
const STATE: Record<Report["state"], { tone: Tone; words: string }> = {
  queued: { tone: "idle", words: "waits for the worker" },
  running: { tone: "running", words: "running" },
  done: { tone: "healthy", words: "done" },
  failed: { tone: "breach", words: "failed" },
};
const CAUSE: Record<Report["cause"], string> = {
  schedule: "daily",
  manual: "asked for",
  purge: "after a deletion",
};
const LOOK_MS = 2_000;

const columns: DataColumn<Report>[] = [
  {
    id: "at",
    header: "When",
    primary: true,
    descendingFirst: true,
    value: (row) => row.createdAt,
    cell: (row) => <RelativeTime at={row.createdAt} />,
  },
  { id: "cause", header: "Why", value: (row) => `${CAUSE[row.cause]}, ${row.requestedBy}` },
  {
    id: "state",
    header: "State",
    value: (row) => row.state,
    cell: (row) => <Status tone={STATE[row.state].tone}>{row.error ?? STATE[row.state].words}</Status>,
  },
  {
    id: "trashed",
    header: "To the trash",
    numeric: true,
    value: (row) => row.trashed,
    cell: (row) => formatCount(row.trashed),
  },
  {
    id: "purged",
    header: "Deleted",
    numeric: true,
    value: (row) => row.purged,
    cell: (row) => formatCount(row.purged),
  },
  {
    id: "rows",
    header: "Rows",
    numeric: true,
    value: (row) => total(row),
    cell: (row) => <RowCounts report={row} />,
  },
  {
    id: "bytes",
    header: "Freed",
    numeric: true,
    value: (row) => row.bytes,
    cell: (row) => (
      <>
        {formatBytes(row.bytes)}{" "}
        <small className="muted">
          {formatCount(row.files)} files{row.waiting > 0 ? `, ${formatCount(row.waiting)} too young yet` : ""}
        </small>
      </>
    ),
  },
];

const total = (report: Report) => Object.values(report.rows).reduce((sum, n) => sum + n, 0);

function RowCounts({ report }: { report: Report }) {
  const tables = Object.entries(report.rows).sort(([, a], [, b]) => b - a);
  if (tables.length === 0) return "0";
  return (
    <details>
      <summary>{formatCount(total(report))}</summary>
      {tables.map(([table, n]) => (
        <div key={table}>
          <code>{table}</code> {formatCount(n)}
        </div>
      ))}
    </details>
  );
}

/** What each clean-up moved, deleted and freed. */
export function ReportPanel({ mayRun }: { mayRun: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const query = useQuery(
    trpc.trash.reports.queryOptions(
      { ...scope, limit: REPORTS_SHOWN },
      {
        refetchInterval: ({ state: { data } }) =>
          data?.reports.some(({ state }) => state === "queued" || state === "running") ? LOOK_MS : false,
      },
    ),
  );
  const run = useMutation(trpc.trash.cleanUp.mutationOptions());
  const attempt = useAttempt();
  const start = async () => {
    await run.mutateAsync(scope);
    show({ text: "The worker cleans up" });
    await refresh();
  };
  return (
    <Panel
      title="Clean-ups"
      note="rows deleted and bytes freed"
      actions={
        mayRun ? (
          <Button size="small" busy={run.isPending} onClick={() => attempt(start)}>
            Apply the rules now
          </Button>
        ) : undefined
      }
    >
      <QueryView query={query} what="clean-ups" rows={3}>
        {({ reports, next }) => (
          <RecordTable
            label="Clean-ups"
            name="reports"
            columns={columns}
            rows={reports}
            part={next !== null}
            rowId={(row) => row.id}
            empty="Nothing was cleaned up yet."
          />
        )}
      </QueryView>
    </Panel>
  );
}
