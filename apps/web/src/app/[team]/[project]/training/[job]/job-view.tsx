"use client";

import {
  Badge,
  Cell,
  CopyId,
  Facts,
  Figures,
  formatCount,
  formatDateTime,
  formatDay,
  formatDuration,
  Grid,
  Link,
  MISSING,
  Note,
  PageHead,
  Panel,
  PanelBody,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { causeWords } from "@/page/cause-words";
import { formatMicros } from "@/page/format-micros";
import { InvoiceView } from "@/page/invoice";
import { isOpen, JobStatus, WATCH_JOBS_MS } from "@/page/job-progress";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { deploymentPath, modelVersionPath, runPath } from "@/page/record-paths";
import { toneOf } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

type Job = Outputs["training"]["job"];

/** One asked-for training: admitted or refused and why, how far it is, what it cost and what it made. */
export function JobView({ jobId }: { jobId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(
    trpc.training.job.queryOptions(
      { ...scope, jobId },
      { refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? WATCH_JOBS_MS : false) },
    ),
  );
  return (
    <QueryView query={query} what="job's records">
      {(job) => (
        <>
          <PageHead
            title={`Training of ${job.modelName}`}
            meta={
              <>
                <Badge tone={toneOf(job.state)}>{job.state}</Badge>
                <span>
                  pipeline {job.pipeline}, {causeWords(job.cause)}
                </span>
                <CopyId value={job.id} />
              </>
            }
          />
          <Outcome job={job} />
          {job.startedAt ? <JobFigures job={job} /> : null}
          <Grid>
            <Cell span={6}>
              <Asked job={job} />
            </Cell>
            <Cell span={6}>
              <Made job={job} />
            </Cell>
          </Grid>
        </>
      )}
    </QueryView>
  );
}

/** How it stands, in words; a refusal for want of money is its invoice. */
function Outcome({ job }: { job: Job }) {
  if (job.state === "refused" && job.reservationId) return <MoneyRefusal job={job} />;
  if (job.state === "refused") {
    return (
      <Note tone="warning">
        <b>Refused before anything was computed or charged.</b> {job.reason}
      </Note>
    );
  }
  if (job.state === "failed") {
    return (
      <Note tone="breach">
        <b>The training failed.</b> {job.reason} Its reservation was released.
      </Note>
    );
  }
  if (isOpen(job)) {
    return (
      <Panel title="Progress" note={job.attempts > 1 ? `attempt ${job.attempts}` : undefined}>
        <PanelBody>
          <JobStatus job={job} />
          {job.reason ? <p className="secondary mt-2">The attempt before was broken off: {job.reason}</p> : null}
        </PanelBody>
      </Panel>
    );
  }
  return null;
}

function MoneyRefusal({ job }: { job: Job }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const refusals = useQuery(trpc.finops.refusals.queryOptions({ ...scope, limit: 200 }));
  const invoice = refusals.data?.find(({ subject }) => subject === job.id)?.invoice;
  if (!invoice) {
    return (
      <Note tone="warning">
        <b>Refused.</b> {job.reason}
      </Note>
    );
  }
  return (
    <Panel title="Refused for want of money" note={formatDateTime(job.createdAt)}>
      <PanelBody>
        <InvoiceView
          invoice={invoice}
          base={base}
          title={`Training of ${job.modelName}, ${formatDay(job.from)} to ${formatDay(job.to, { year: true })}`}
        />
      </PanelBody>
    </Panel>
  );
}

function JobFigures({ job }: { job: Job }) {
  const ran = job.startedAt && job.endedAt ? job.endedAt.getTime() - job.startedAt.getTime() : null;
  const waited = job.startedAt ? job.startedAt.getTime() - job.createdAt.getTime() : null;
  const kept =
    job.reservedMicros !== null && job.committedMicros !== null ? job.reservedMicros - job.committedMicros : null;
  return (
    <Figures
      items={[
        {
          label: "Worst case",
          value: job.state === "refused" ? MISSING : formatMicros(job.reservedMicros, job.currency),
          note: job.state === "refused" ? "nothing was reserved" : "reserved when it was admitted",
        },
        {
          label: "Charged",
          value: formatMicros(job.committedMicros, job.currency),
          note: kept === null ? "nothing so far" : `${formatMicros(kept, job.currency)} was released`,
        },
        { label: "Computed for", value: formatDuration(ran), note: `waited ${formatDuration(waited)} before` },
        { label: "Attempts", value: formatCount(job.attempts), note: "each starts from the first step" },
      ]}
    />
  );
}

function Asked({ job }: { job: Job }) {
  const { base } = useProject();
  const params = Object.entries(job.params);
  return (
    <Panel title="What was asked">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Labels known in", `${formatDateTime(job.from)} to ${formatDateTime(job.to)} UTC`],
            ["Asked", `${formatDateTime(job.createdAt)} UTC by ${job.createdBy}`],
            ["Event time", `${formatDateTime(job.eventTime)} UTC`],
            ["Why", causeWords(job.cause)],
            [
              "Parameters",
              params.length === 0 ? (
                "the pipeline's own"
              ) : (
                <code key="params">{params.map(([k, v]) => `${k} ${v}`).join(", ")}</code>
              ),
            ],
            [
              "To be delivered to",
              <Link key="deployment" href={deploymentPath(base, job.deploymentName)}>
                {job.deploymentName}
              </Link>,
            ],
            ["By", job.plan.strategy.replaceAll("_", " ")],
          ]}
        />
      </PanelBody>
    </Panel>
  );
}

function Made({ job }: { job: Job }) {
  const { base } = useProject();
  return (
    <Panel title="What came of it">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Started", job.startedAt ? `${formatDateTime(job.startedAt)} UTC` : "never"],
            ["Ended", job.endedAt ? `${formatDateTime(job.endedAt)} UTC` : MISSING],
            [
              "Run",
              job.runId ? (
                <Link key="run" href={runPath(base, job.runId)}>
                  {job.runId}
                </Link>
              ) : (
                MISSING
              ),
            ],
            [
              "Version",
              job.versionId ? (
                <Link key="version" href={modelVersionPath(base, job.modelName, job.versionId)}>
                  {job.modelName} {job.version === null ? job.versionId : `v${job.version}`}
                </Link>
              ) : (
                MISSING
              ),
            ],
          ]}
        />
      </PanelBody>
    </Panel>
  );
}
