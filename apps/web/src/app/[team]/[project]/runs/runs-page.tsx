"use client";

import { Button, formatCount, PageHead, Panel } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Download, FolderInput } from "lucide-react";
import { useMay } from "@/frame/may";
import type { CommandPlace } from "@/page/commands";
import { QueryView } from "@/page/query-view";
import { TransferDialog } from "@/page/transfer/transfer-dialog";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { NoRuns } from "./no-runs";
import { filterProblem } from "./table/filter-error";
import { firstColumns } from "./table/run-columns";
import { RunTable } from "./table/run-table";
import { isUnfiltered, tableState } from "./table/table-state";
import { RunToolbar } from "./table/toolbar";
import { useCsvExport } from "./table/use-csv-export";
import { useRuns } from "./table/use-runs";

/** The work list: find runs, choose some, compare them. */
export function RunsPage({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params, set } = useUrlState();
  const refresh = useRefresh();
  const mayWrite = useMay("experiment.write");
  const state = tableState(new URLSearchParams(params.toString()));
  const { search } = state;
  const { head, runs, store } = useRuns(search);
  const experiments = useQuery(trpc.experiment.experiments.queryOptions(scope));
  const { experimentIds } = search;
  const known = useQuery(
    trpc.experiment.columns.queryOptions(
      { ...scope, ...(experimentIds ? { experimentIds } : {}) },
      { staleTime: 30_000 },
    ),
  );
  const none = runs.total === 0 && isUnfiltered(search);
  const exporting = useCsvExport(search);
  const problem = filterProblem(head.error);
  const shown = state.columns ?? firstColumns(known.data);
  const chosen = experiments.data?.find(({ id }) => experimentIds?.length === 1 && id === experimentIds[0]);
  return (
    <>
      <PageHead
        title={search.view === "deleted" ? "Deleted runs" : "Runs"}
        meta={
          <span>
            {chosen ? (
              <>
                experiment <code>{chosen.name}</code> ·{" "}
              </>
            ) : null}
            {runs.total === undefined
              ? "what was tried, and how it did"
              : `${formatCount(runs.total)} ${runs.total === 1 ? "run" : "runs"}`}
          </span>
        }
      >
        {chosen && mayWrite ? (
          <TransferDialog
            of={{ kind: "experiment", id: chosen.id, name: chosen.name, runs: chosen.runs }}
            trigger={<Button icon={FolderInput}>Move or copy experiment…</Button>}
            onMoved={() => {
              set({ experiment: null });
              void refresh();
            }}
          />
        ) : null}
        {none ? null : (
          <Button icon={Download} busy={exporting.busy} onClick={() => void exporting.start()}>
            {exporting.busy ? `Exporting ${formatCount(exporting.done)}` : "Export CSV"}
          </Button>
        )}
      </PageHead>
      {exporting.problem}
      <Panel>
        {none ? null : (
          <RunToolbar
            state={state}
            experiments={experiments.data ?? []}
            known={known.data}
            shown={shown}
            problem={problem}
          />
        )}
        {none ? (
          <NoRuns place={place} base={base} />
        ) : problem && runs.total === undefined ? null : (
          <QueryView query={{ ...head, data: runs.total, error: problem ? null : head.error }} what="runs" rows={14}>
            {() => <RunTable state={state} runs={runs} store={store} shown={shown} />}
          </QueryView>
        )}
      </Panel>
    </>
  );
}
