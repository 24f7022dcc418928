"use client";

import {
  Cell,
  type DataColumn,
  DataTable,
  Facts,
  formatCount,
  formatDateTime,
  formatExactTime,
  Grid,
  Input,
  Link,
  MISSING,
  Panel,
  PanelBody,
  RelativeTime,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metricWords, orderMetrics } from "@/page/metric-words";
import { QueryView } from "@/page/query-view";
import { jobPath, runPath } from "@/page/record-paths";
import { StateStatus } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { metricText, paramText } from "../table/run-columns";
import { literalText, loggedNumber, type SearchedRun } from "../tracking";
import { ArtifactPanel, ImportancePanel } from "./artifact-panels";
import { MetricSparkline } from "./metric-sparkline";
import { RunNotes } from "./run-notes";
import type { RunRecord } from "./run-view";

/** Above this many entries a list can be searched. */
const SEARCH_ABOVE = 12;

/** Everything about a run that is not a picture over time. */
export function RunOverview({ run }: { run: RunRecord }) {
  return (
    <>
      <RunNotes run={run} />
      <Grid>
        <Cell span={7}>
          <div>
            <MetricPanel run={run} />
          </div>
        </Cell>
        <Cell span={5}>
          <div className="stack">
            <ParamPanel run={run} />
            <OriginPanel run={run} />
            <TagPanel run={run} />
          </div>
        </Cell>
        <Cell span={6}>
          <ArtifactPanel title="Inputs" note="what it read" artifacts={inputsOf(run)} none="No input was recorded." />
        </Cell>
        <Cell span={6}>
          <ArtifactPanel title="Outputs" note="what it made" artifacts={outputsOf(run)} none="It made nothing yet." />
        </Cell>
      </Grid>
      <NestedRuns run={run} />
      <ImportancePanel run={run} />
    </>
  );
}

type ShownArtifact = Parameters<typeof ArtifactPanel>[0]["artifacts"][number];

function inputsOf(run: RunRecord): ShownArtifact[] {
  return [
    ...run.inputs,
    ...run.links.datasets.map(({ dataset, tags }) => ({
      kind: "dataset",
      id: dataset.id,
      label: dataset.name,
      detail: { digest: dataset.digest, source: dataset.source, ...tags },
    })),
    ...run.links.inputModels.map(({ modelId }) => ({ kind: "logged_model", id: modelId, label: modelId })),
  ];
}

function outputsOf(run: RunRecord): ShownArtifact[] {
  return [
    ...run.outputs,
    ...run.links.outputModels.map(({ modelId, step }) => ({
      kind: "logged_model",
      id: modelId,
      label: modelId,
      detail: { step },
    })),
  ];
}

type Series = RunRecord["series"][number];

function MetricPanel({ run }: { run: RunRecord }) {
  const order = orderMetrics(run.series.map(({ key }) => key));
  const series = [...run.series]
    .filter(({ key }) => !key.startsWith("system/"))
    .sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  const columns: DataColumn<Series>[] = [
    {
      id: "key",
      header: "Metric",
      value: (row) => row.key,
      primary: true,
      cell: (row) => <span title={row.key}>{metricWords(row.key).label}</span>,
    },
    {
      id: "line",
      header: "Over steps",
      sortable: false,
      value: () => null,
      cell: (row) => (row.received > 1 ? <MetricSparkline runId={run.id} metric={row.key} /> : null),
    },
    {
      id: "last",
      header: "Last",
      numeric: true,
      value: (row) => row.last,
      cell: (row) => metricText(row.key, loggedNumber(row.last)),
    },
    {
      id: "least",
      header: "Least",
      numeric: true,
      value: (row) => row.least,
      cell: (row) => metricText(row.key, loggedNumber(row.least)),
    },
    {
      id: "greatest",
      header: "Greatest",
      numeric: true,
      value: (row) => row.greatest,
      cell: (row) => metricText(row.key, loggedNumber(row.greatest)),
    },
    {
      id: "step",
      header: "Last step",
      numeric: true,
      value: (row) => row.lastStep,
      cell: (row) => row.lastStep.toLocaleString("en-US").replace("-", "\u2212"),
    },
  ];
  return (
    <Panel title="Metrics" note={run.state === "running" ? "as they come in" : `${formatCount(series.length)} logged`}>
      <DataTable
        label="Metrics"
        columns={columns}
        rows={series}
        rowId={(row) => row.key}
        empty={run.series.length > 0 ? "Only metrics of the machine were logged." : "No metric was logged."}
      />
    </Panel>
  );
}

/** Names and values, with a search where there are many. */
function ValuePanel({
  title,
  rows,
  none,
}: {
  title: string;
  rows: readonly (readonly [name: string, value: React.ReactNode, text: string])[];
  none: string;
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = rows.filter(([name, , text]) => `${name} ${text}`.toLowerCase().includes(wanted));
  return (
    <Panel title={title} note={rows.length > 0 ? formatCount(rows.length) : undefined}>
      <PanelBody>
        {rows.length > SEARCH_ABOVE ? (
          <Input
            type="search"
            className="mb-2"
            aria-label={`Find in ${title.toLowerCase()}`}
            placeholder="Find"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        ) : null}
        {rows.length === 0 ? (
          <p className="secondary">{none}</p>
        ) : found.length === 0 ? (
          <p className="secondary">Nothing is called that.</p>
        ) : (
          <section
            className="max-h-[360px] overflow-auto"
            aria-label={title}
            tabIndex={rows.length > SEARCH_ABOVE ? 0 : undefined}
          >
            <Facts small align="left" rows={found.map(([name, value]) => [name, value] as const)} />
          </section>
        )}
      </PanelBody>
    </Panel>
  );
}

function ParamPanel({ run }: { run: RunRecord }) {
  const rows = Object.keys(run.params)
    .sort()
    .map((name) => {
      const text = paramText(run.params[name]);
      return [
        name,
        <span key={name} className="break-words">
          {text}
        </span>,
        text,
      ] as const;
    });
  return <ValuePanel title="Parameters" rows={rows} none="No parameter was logged." />;
}

/** Tags that stand elsewhere on the page. */
const SAID_ELSEWHERE = new Set(["mlflow.note.content", "mlflow.runName", "mlflow.parentRunId", "job"]);

function TagPanel({ run }: { run: RunRecord }) {
  const { base } = useProject();
  const rows = Object.entries(run.tags)
    .filter(([name]) => !SAID_ELSEWHERE.has(name) && !name.startsWith("mlflow.source."))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => {
      const link = (
        <Link
          key={name}
          className="break-words"
          href={`${base}/runs?tag=${encodeURIComponent(`${name}=${value}`)}`}
          title="Runs with this tag"
          prefetch={false}
        >
          {value.length > 200 ? `${value.slice(0, 200)}…` : value || MISSING}
        </Link>
      );
      return [name, link, value] as const;
    });
  return <ValuePanel title="Tags" rows={rows} none="No tag was set." />;
}

function OriginPanel({ run }: { run: RunRecord }) {
  const { base } = useProject();
  const { job } = run.tags;
  const code = run.codeVersion || run.tags["mlflow.source.git.commit"];
  return (
    <Panel title="Origin">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Started", <RelativeTime key="started" at={run.startedAt} />],
            [
              "Ended",
              run.endedAt ? (
                <span key="ended" title={formatExactTime(run.endedAt)}>
                  {formatDateTime(run.endedAt)} UTC
                </span>
              ) : (
                MISSING
              ),
            ],
            ["By", run.tags["mlflow.user"] ?? run.createdBy],
            ...(run.eventTime ? [["Event time", `${formatDateTime(run.eventTime)} UTC`] as const] : []),
            [
              "Code version",
              code ? (
                <code key="code" className="break-all">
                  {code}
                </code>
              ) : (
                MISSING
              ),
            ],
            ...(run.tags["mlflow.source.name"]
              ? [
                  [
                    "Source",
                    <code key="source" className="break-all">
                      {run.tags["mlflow.source.name"]}
                    </code>,
                  ] as const,
                ]
              : []),
            ...(run.tags["mlflow.source.git.branch"]
              ? [["Branch", <code key="branch">{run.tags["mlflow.source.git.branch"]}</code>] as const]
              : []),
            ...(job
              ? [
                  [
                    "Training",
                    <Link key="job" href={jobPath(base, job)}>
                      {job}
                    </Link>,
                  ] as const,
                ]
              : []),
          ]}
        />
      </PanelBody>
    </Panel>
  );
}

const MOST_NESTED = 100;

function NestedRuns({ run }: { run: RunRecord }) {
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
        {({ runs }) => <DataTable label="Nested runs" columns={columns} rows={runs} rowId={(row) => row.id} />}
      </QueryView>
    </Panel>
  );
}
