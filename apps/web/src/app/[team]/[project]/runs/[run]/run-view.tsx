"use client";

import {
  Badge,
  Button,
  CopyId,
  Figures,
  formatCount,
  formatDateTime,
  formatDuration,
  formatSampleSize,
  Link,
  Note,
  PageHead,
  SegmentedLinks,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { FolderInput, GitCompareArrows, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { metricWords, orderMetrics } from "@/page/metric-words";
import { QueryView } from "@/page/query-view";
import { runPath } from "@/page/record-paths";
import { toneOf } from "@/page/states";
import { TransferDialog } from "@/page/transfer/transfer-dialog";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { compareState } from "../compare/compare-state";
import { MetricCharts } from "../compare/metric-charts";
import { metricText } from "../table/run-columns";
import { useRunActs } from "../table/use-run-acts";
import { durationOf, isSystemMetric, type RunRecord } from "../tracking";
import { RunArtifacts } from "./artifacts/run-artifacts";
import { RunOverview } from "./run-overview";

const FIGURES = ["auc", "brier", "brier_skill", "rmse", "mae"];
const MOST_OWN = 3;
/** A run that is under way is looked at again this often: its logging makes no event. */
const WATCH_MS = 2_000;
const TABS = [
  ["overview", "Overview"],
  ["charts", "Metrics"],
  ["system", "System"],
  ["artifacts", "Artifacts"],
] as const;

/** One run: what it was given, what it read, what came out, and how it went. */
export function RunView({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(
    trpc.experiment.run.queryOptions(
      { ...scope, runId },
      { refetchInterval: ({ state }) => (isUnderWay(state.data?.state) ? WATCH_MS : false) },
    ),
  );
  return (
    <QueryView query={query} what="run's records">
      {(run) => <RunPage run={run} />}
    </QueryView>
  );
}

const isUnderWay = (state: string | undefined): boolean => state === "running" || state === "scheduled";

function RunPage({ run }: { run: RunRecord }) {
  const { params, href } = useUrlState();
  const tab = TABS.find(([value]) => value === params.get("tab"))?.[0] ?? "overview";
  const hasSystem = run.series.some(({ key }) => isSystemMetric(key));
  const tabs = TABS.filter(([value]) => value !== "system" || hasSystem);
  return (
    <>
      <RunHead run={run} />
      {run.error ? (
        <Note tone="breach">
          <b>The run failed.</b> {run.error}
        </Note>
      ) : null}
      <RunFigures run={run} />
      <div>
        <SegmentedLinks
          label="What is shown of the run"
          current={tab}
          options={tabs.map(([value, label]) => ({
            value,
            label,
            href: href({ tab: value === "overview" ? null : value, metric: null, range: null }),
          }))}
        />
      </div>
      {tab === "overview" ? <RunOverview run={run} /> : null}
      {tab === "charts" || tab === "system" ? <RunCharts run={run} of={tab === "system" ? "system" : "model"} /> : null}
      {tab === "artifacts" ? <RunArtifacts ownerId={run.id} live={isUnderWay(run.state)} /> : null}
    </>
  );
}

function RunHead({ run }: { run: RunRecord }) {
  const { base } = useProject();
  const router = useRouter();
  const acts = useRunActs(undefined);
  return (
    <>
      <PageHead
        title={run.name}
        meta={
          <>
            <Badge tone={toneOf(run.state)}>{run.state}</Badge>
            <span>
              experiment{" "}
              <Link className="underline" href={`${base}/runs?experiment=${run.experimentId}`}>
                {run.experiment}
              </Link>
            </span>
            {run.parentId ? (
              <span>
                nested in{" "}
                <Link className="underline" href={runPath(base, run.parentId)}>
                  {run.parentId}
                </Link>
              </span>
            ) : null}
            <CopyId value={run.id} />
          </>
        }
      >
        <Button asChild>
          <Link href={`${base}/runs?experiment=${run.experimentId}&run=${run.id}`}>
            <GitCompareArrows className="icon" size={14} strokeWidth={1.75} aria-hidden="true" />
            Compare with others
          </Link>
        </Button>
        {acts.rename ? (
          <Button icon={Pencil} onClick={() => acts.rename?.({ id: run.id, name: run.name })}>
            Rename…
          </Button>
        ) : null}
        {acts.trash && !run.deletedAt ? (
          <TransferDialog
            of={{ kind: "runs", runs: [run], experiment: run.experiment }}
            trigger={<Button icon={FolderInput}>Move or copy…</Button>}
            onMoved={() => router.push(`${base}/runs`)}
          />
        ) : null}
        {acts.trash && !run.deletedAt ? (
          <Button icon={Trash2} variant="danger" onClick={() => acts.trash?.([run])}>
            Delete
          </Button>
        ) : null}
        {acts.restore && run.deletedAt ? (
          <Button icon={RotateCcw} onClick={() => acts.restore?.([run])}>
            Restore
          </Button>
        ) : null}
      </PageHead>
      {acts.dialogs}
      {run.deletedAt ? (
        <Note tone="warning">
          This run is in the trash since {formatDateTime(run.deletedAt)} UTC. Nothing is logged to it until it is
          restored.
        </Note>
      ) : null}
    </>
  );
}

function RunFigures({ run }: { run: RunRecord }) {
  const known = FIGURES.filter((name) => run.metrics[name] !== undefined);
  // Names of one's own: a few of them, in the order of the metrics' table.
  const own = orderMetrics(Object.keys(run.metrics)).filter((name) => !isSystemMetric(name));
  const shown = known.length > 0 ? known : own.slice(0, MOST_OWN);
  const note = run.metrics.n === undefined ? "last value logged" : `held out, ${formatSampleSize(run.metrics.n)}`;
  const points = run.series.reduce((sum, { received }) => sum + received, 0);
  return (
    <Figures
      items={[
        ...shown.map((name) => ({
          label: metricWords(name).label,
          value: metricText(name, run.metrics[name]),
          note,
        })),
        {
          label: "Duration",
          value: run.endedAt ? formatDuration(durationOf(run)) : "under way",
          note: run.endedAt ? `ended ${formatDateTime(run.endedAt)} UTC` : `since ${formatDateTime(run.startedAt)} UTC`,
        },
        {
          label: "Metrics",
          value: formatCount(run.series.length),
          note: `${formatCount(points)} points received`,
        },
        ...(run.metrics.cost_micros === undefined
          ? []
          : [{ label: "Cost", value: metricWords("cost_micros").text(run.metrics.cost_micros), note: "as charged" }]),
      ]}
    />
  );
}

/** The metrics over time; those of the machine over the time since the run began. */
function RunCharts({ run, of }: { run: RunRecord; of: "model" | "system" }) {
  const { params } = useUrlState();
  const address = params.toString();
  const state = useMemo(() => {
    const read = compareState(new URLSearchParams(address));
    const axis = of === "system" && !new URLSearchParams(address).has("x") ? ("relative" as const) : read.axis;
    return { ...read, axis, ids: [run.id] };
  }, [address, of, run.id]);
  return <MetricCharts runs={[run]} state={state} of={of} />;
}
