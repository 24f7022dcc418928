"use client";

import {
  type DataColumn,
  DataTable,
  EmptyState,
  formatDay,
  Link,
  MISSING,
  Panel,
  RelativeTime,
  Select,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { causeWords } from "@/page/cause-words";
import { formatMicros } from "@/page/format-micros";
import { isOpen, JobStatus, WATCH_JOBS_MS } from "@/page/job-progress";
import type { Outputs } from "@/page/outputs";
import { Pager } from "@/page/pager";
import { QueryView } from "@/page/query-view";
import { jobPath, modelVersionPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { JOB_STATES, jobsQuery } from "./query";

type Job = Outputs["training"]["jobs"][number];

const columnsFor = (base: string): DataColumn<Job>[] => [
  {
    id: "job",
    header: "Job",
    sortable: false,
    primary: true,
    value: (row) => row.id,
    cell: (row) => (
      <>
        <Link className="row-link sm:whitespace-nowrap" href={jobPath(base, row.id)}>
          {row.modelName} by {row.pipeline}
        </Link>
        <br />
        <small>{causeWords(row.cause)}</small>
      </>
    ),
  },
  { id: "state", header: "State", sortable: false, value: (row) => row.state, cell: (row) => <JobStatus job={row} /> },
  {
    id: "range",
    header: "Labels known in",
    sortable: false,
    value: (row) => row.from,
    cell: (row) => (
      <span className="sm:whitespace-nowrap">
        {formatDay(row.from)} to {formatDay(row.to, { year: true })}
      </span>
    ),
  },
  {
    id: "reserved",
    header: "Worst case",
    sortable: false,
    numeric: true,
    value: (row) => row.reservedMicros,
    cell: (row) => (row.state === "refused" ? MISSING : formatMicros(row.reservedMicros, row.currency)),
  },
  {
    id: "charged",
    header: "Charged",
    sortable: false,
    numeric: true,
    value: (row) => row.committedMicros,
    cell: (row) => formatMicros(row.committedMicros, row.currency),
  },
  {
    id: "made",
    header: "Made",
    sortable: false,
    value: (row) => row.versionId,
    cell: (row) => <MadeVersion base={base} job={row} />,
  },
  {
    id: "event",
    header: "Event day",
    sortable: false,
    value: (row) => row.eventTime,
    cell: (row) => <span className="sm:whitespace-nowrap">{formatDay(row.eventTime, { year: true })}</span>,
  },
  {
    id: "asked",
    header: "When",
    sortable: false,
    value: (row) => row.createdAt,
    cell: (row) => (
      <span className="sm:whitespace-nowrap">
        <RelativeTime at={row.createdAt} />
      </span>
    ),
  },
  {
    id: "reason",
    header: "Why it ended so",
    sortable: false,
    wide: true,
    value: (row) => row.reason,
    cell: (row) => <span className="secondary">{row.reason ? firstSentence(row.reason) : MISSING}</span>,
  },
];

/** The first sentence of a reason; the job's page has all of it. A point inside a number ends none. */
function firstSentence(reason: string): string {
  return /^.*?\.(?= [A-Z])/.exec(reason)?.[0] ?? reason;
}

function MadeVersion({ base, job: { modelName, versionId, version } }: { base: string; job: Job }) {
  if (versionId === null) return MISSING;
  if (version === null) return "deleted";
  return <Link href={modelVersionPath(base, modelName, versionId)}>v{version}</Link>;
}

/** Jobs, newest first; running ones show how far they are. */
export function JobList() {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params, set, href } = useUrlState();
  const asked = jobsQuery(new URLSearchParams(params.toString()));
  const query = useQuery(
    trpc.training.jobs.queryOptions(
      { ...scope, ...asked },
      {
        placeholderData: keepPreviousData,
        refetchInterval: ({ state }) => (state.data?.some(isOpen) ? WATCH_JOBS_MS : false),
      },
    ),
  );
  const jobs = query.data;
  const none = jobs?.length === 0 && !asked.states && !asked.before;
  return (
    <Panel>
      {none ? null : (
        <div className="filter-bar">
          <Select
            className="!w-auto"
            aria-label="State"
            value={asked.states?.[0] ?? ""}
            onChange={(event) => set({ state: event.target.value, before: null })}
          >
            <option value="">Any state</option>
            {JOB_STATES.map((state) => (
              <option key={state}>{state}</option>
            ))}
          </Select>
        </div>
      )}
      <QueryView query={query} what="training jobs">
        {(rows) =>
          none ? (
            <EmptyState
              title="No training has been asked for"
              explanation="A job makes one model version: its rows, its price and its outcome are recorded, refusals included. Ask for one with Request training, or let a policy ask when the champion parts from reality."
              steps={[]}
              waiting="Listening for the first request. This page changes by itself."
              aside={<Link href={href({ tab: "pipelines" })}>See the pipelines</Link>}
            />
          ) : (
            <>
              <DataTable
                label="Training jobs, newest first"
                columns={columnsFor(base)}
                rows={rows}
                rowId={(row) => row.id}
                empty={asked.states ? `No job is ${asked.states[0]}.` : "No older jobs."}
              />
              <Pager
                shown={`${rows.length} jobs`}
                next={rows.length === asked.limit ? (rows.at(-1)?.id ?? null) : null}
              />
            </>
          )
        }
      </QueryView>
    </Panel>
  );
}
