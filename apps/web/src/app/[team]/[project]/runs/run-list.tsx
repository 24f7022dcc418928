"use client";

import { Button, DataTable, EmptyState, formatCount, Link, PageHead, Panel } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { type CommandPlace, callCommand } from "@/page/commands";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { ComparePanel } from "./compare-panel";
import { RunFilterBar } from "./filter-bar";
import { optionalColumns, type Run, runColumns } from "./run-columns";
import { comparedIds, isUnfiltered, MOST_COMPARED, PAGE_SIZE, runsQuery, sortText } from "./runs-query";
import { useCsvExport } from "./use-csv-export";

const NO_RUNS: readonly Run[] = [];

/** The work list: find runs, choose some, compare them below. */
export function RunList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params, set } = useUrlState();
  const url = new URLSearchParams(params.toString());
  const asked = runsQuery(url);
  const query = useQuery(
    trpc.experiment.runs.queryOptions({ ...scope, query: asked }, { placeholderData: keepPreviousData }),
  );
  const experiments = useQuery(trpc.experiment.experiments.queryOptions(scope));
  const exporting = useCsvExport(asked);
  const runs = query.data?.runs ?? NO_RUNS;
  const columns = optionalColumns(runs);
  const chosen = url.getAll("cols");
  const shown = chosen.length === 0 ? columns.first : chosen.filter((id) => id.includes(":"));
  const compared = comparedIds(url);
  const toggle = (id: string): void => {
    const next = compared.includes(id) ? compared.filter((one) => one !== id) : [...compared, id];
    set({ run: next.slice(-MOST_COMPARED) });
  };
  const none = query.data?.total === 0 && isUnfiltered(asked);
  const of = experiments.data?.find(({ id }) => id === asked.experimentId);
  return (
    <>
      <PageHead
        title="Runs"
        meta={
          <span>
            {of ? (
              <>
                experiment <code>{of.name}</code> ·{" "}
              </>
            ) : null}
            {query.data
              ? `${formatCount(runs.length)} of ${formatCount(query.data.total)} runs`
              : "what was tried, and how it did"}
          </span>
        }
      >
        {none ? null : (
          <Button icon={Download} busy={exporting.busy} onClick={() => void exporting.start()}>
            {exporting.busy ? "Exporting" : "Export CSV"}
          </Button>
        )}
      </PageHead>
      {exporting.problem}
      <Panel>
        {none ? null : <RunFilterBar experiments={experiments.data ?? []} columns={columns} shown={shown} />}
        <QueryView query={query} what="runs" rows={11}>
          {({ total, nextOffset }) =>
            none ? (
              <NoRuns place={place} base={base} />
            ) : (
              <>
                <DataTable
                  label="Runs"
                  columns={runColumns({ base, runs, shown, compared, toggle })}
                  rows={runs}
                  rowId={(row) => row.id}
                  sort={{ column: asked.sort.by, descending: asked.sort.descending }}
                  onSortChange={({ column, descending }) =>
                    set({ sort: sortText({ by: column, descending }), offset: null })
                  }
                  selected={(row) => compared.includes(row.id)}
                  {...(params.get("group") === "experiment"
                    ? { groupOf: (row: Run) => ({ id: row.experimentId, label: row.experiment }) }
                    : {})}
                  empty="No run fits these filters."
                />
                <OffsetPager offset={asked.offset} shown={runs.length} total={total} next={nextOffset} />
              </>
            )
          }
        </QueryView>
      </Panel>
      {compared.length > 0 ? <ComparePanel ids={compared} around={runs} /> : null}
    </>
  );
}

function OffsetPager({
  offset,
  shown,
  total,
  next,
}: {
  offset: number;
  shown: number;
  total: number;
  next: number | null;
}) {
  const { href } = useUrlState();
  if (offset === 0 && next === null) return null;
  const before = Math.max(0, offset - PAGE_SIZE);
  return (
    <nav className="panel-rule row px-4 py-2" aria-label="Pages">
      <span className="muted small">
        {formatCount(shown === 0 ? 0 : offset + 1)} to {formatCount(offset + shown)} of {formatCount(total)} runs
      </span>
      <span className="row ml-auto">
        {offset > 0 ? (
          <Button asChild size="small">
            <Link href={href({ offset: before === 0 ? null : String(before) })}>Back</Link>
          </Button>
        ) : null}
        {next === null ? null : (
          <Button asChild size="small">
            <Link href={href({ offset: String(next) })}>Next</Link>
          </Button>
        )}
      </span>
    </nav>
  );
}

function NoRuns({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Log the first run"
      explanation="A run is one attempt: its parameters, its metrics, what it read and what it made. Trainings log theirs by themselves; your own code can too."
      steps={[
        {
          title: "Start a run. The answer names its id.",
          code: callCommand(place, "experiment.startRun", {
            experiment: "late-15",
            name: "first try",
            params: { learningRate: 0.1 },
            codeVersion: "git:main",
          }),
          help: (
            <>
              BALLAST_TOKEN is a token with <code>experiment.write</code>:{" "}
              <Link className="underline" href={`${base}/settings/tokens`}>
                make one
              </Link>
              .
            </>
          ),
        },
        {
          title: "End it with what was measured",
          code: callCommand(place, "experiment.finishRun", {
            runId: "RUN",
            state: "finished",
            metrics: { auc: 0.74, brier: 0.145 },
          }),
          help: "RUN is the id that the start answered.",
        },
      ]}
      waiting={
        <>
          Listening on <code>experiment.startRun</code> for project <code>{place.project}</code>. This page changes by
          itself.
        </>
      }
    />
  );
}
