"use client";

import {
  Badge,
  Button,
  Cell,
  CopyId,
  Facts,
  Figures,
  formatDateTime,
  formatDuration,
  formatSampleSize,
  Grid,
  Link,
  MISSING,
  Note,
  PageHead,
  Panel,
  PanelBody,
  RelativeTime,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { metricWords, orderMetrics } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { jobPath } from "@/page/record-paths";
import { toneOf } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { durationOf, paramText } from "../run-columns";
import { ArtifactPanel, ImportancePanel } from "./artifact-panels";

export type RunPage = Outputs["experiment"]["run"];

const FIGURES = ["auc", "brier", "brier_skill", "rmse", "mae"];
/** A run that is under way is looked at again this often: its logging makes no event. */
const WATCH_MS = 2_000;

/** One run: what it was given, what it read, what came out, and how long it took. */
export function RunView({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(
    trpc.experiment.run.queryOptions(
      { ...scope, runId },
      { refetchInterval: ({ state }) => (state.data?.state === "running" ? WATCH_MS : false) },
    ),
  );
  return (
    <QueryView query={query} what="run's records">
      {(run) => (
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
                <CopyId value={run.id} />
              </>
            }
          >
            <Button asChild>
              <Link href={`${base}/runs?run=${run.id}&experiment=${run.experimentId}`}>Compare with others</Link>
            </Button>
          </PageHead>
          {run.error ? (
            <Note tone="breach">
              <b>The run failed.</b> {run.error}
            </Note>
          ) : null}
          <RunFigures run={run} />
          <Grid>
            <Cell span={4}>
              <Panel title="Parameters">
                <PanelBody>
                  <ValueList
                    rows={Object.keys(run.params)
                      .sort()
                      .map((name) => [name, paramText(run.params[name])] as const)}
                    none="No parameter was logged."
                  />
                </PanelBody>
              </Panel>
            </Cell>
            <Cell span={4}>
              <Panel
                title="Metrics"
                note={run.metrics.n === undefined ? undefined : `held out, ${formatSampleSize(run.metrics.n)}`}
              >
                <PanelBody>
                  <ValueList
                    rows={orderMetrics(Object.keys(run.metrics)).map(
                      (name) => [metricWords(name).label, metricWords(name).text(run.metrics[name])] as const,
                    )}
                    none="No metric was logged."
                  />
                </PanelBody>
              </Panel>
            </Cell>
            <Cell span={4}>
              <RunFacts run={run} />
            </Cell>
            <Cell span={6}>
              <ArtifactPanel title="Inputs" note="what it read" artifacts={run.inputs} none="No input was recorded." />
            </Cell>
            <Cell span={6}>
              <ArtifactPanel title="Outputs" note="what it made" artifacts={run.outputs} none="It made nothing yet." />
            </Cell>
          </Grid>
          <ImportancePanel run={run} />
        </>
      )}
    </QueryView>
  );
}

function RunFigures({ run }: { run: RunPage }) {
  const shown = FIGURES.filter((name) => run.metrics[name] !== undefined);
  const note = run.metrics.n === undefined ? "as logged" : `held out, ${formatSampleSize(run.metrics.n)}`;
  return (
    <Figures
      items={[
        ...shown.map((name) => ({
          label: metricWords(name).label,
          value: metricWords(name).text(run.metrics[name]),
          note,
        })),
        {
          label: "Duration",
          value: formatDuration(durationOf(run)),
          note: run.endedAt ? `ended ${formatDateTime(run.endedAt)} UTC` : `since ${formatDateTime(run.startedAt)} UTC`,
        },
        ...(run.metrics.cost_micros === undefined
          ? []
          : [{ label: "Cost", value: metricWords("cost_micros").text(run.metrics.cost_micros), note: "as charged" }]),
      ]}
    />
  );
}

function ValueList({ rows, none }: { rows: readonly (readonly [string, string])[]; none: string }) {
  return rows.length === 0 ? <p className="secondary">{none}</p> : <Facts small rows={rows} />;
}

function RunFacts({ run }: { run: RunPage }) {
  const { base } = useProject();
  const { job, ...tags } = run.tags;
  return (
    <Panel title="Origin">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Started", <RelativeTime key="started" at={run.startedAt} />],
            ["By", run.createdBy],
            ["Event time", `${formatDateTime(run.eventTime)} UTC`],
            [
              "Code",
              <code key="code" className="break-all">
                {run.codeVersion}
              </code>,
            ],
            [
              "Training",
              job ? (
                <Link key="job" href={jobPath(base, job)}>
                  {job}
                </Link>
              ) : (
                MISSING
              ),
            ],
            ...Object.entries(tags).map(
              ([name, value]) =>
                [
                  name,
                  <Link
                    key={name}
                    href={`${base}/runs?tag=${encodeURIComponent(`${name}=${value}`)}`}
                    title="Runs with this tag"
                  >
                    {value}
                  </Link>,
                ] as const,
            ),
          ]}
        />
      </PanelBody>
    </Panel>
  );
}
