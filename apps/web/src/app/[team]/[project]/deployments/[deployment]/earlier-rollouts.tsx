"use client";

import {
  type DataColumn,
  formatCount,
  formatDateTime,
  formatDay,
  formatDifference,
  Link,
  MISSING,
  Panel,
  Status,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { type UrlChanges, useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { rolloutLook } from "../rollout-look";
import { type Deployment, type ListedRollout, rolloutsQuery } from "./deployment-data";

/** The deployment's rollouts with how they ended and why; a press shows one's evidence above. */
export function EarlierRollouts({ deployment, shown }: { deployment: Deployment; shown: string | undefined }) {
  const { scope } = useProject();
  const { params, href } = useUrlState();
  const trpc = useTRPC();
  const asked = rolloutsQuery(params);
  const query = useQuery(
    trpc.rollout.list.queryOptions(
      { ...scope, deployment: deployment.name, ...asked },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Panel title="Rollouts" note="newest first; open one to see its evidence above">
      <QueryView query={query} what="rollouts" rows={3}>
        {({ rollouts, next }) => (
          <>
            <RecordTable
              label="Rollouts of the deployment"
              name="rollouts"
              columns={columnsOf(href)}
              rows={rollouts}
              rowId={(row) => row.id}
              selected={(row) => row.id === shown}
              empty={
                asked.before
                  ? "No older rollouts."
                  : "No rollout yet. The first version that passes its gates serves at once."
              }
              pages={{ shown: `${rollouts.length} rollouts`, next }}
            />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function columnsOf(href: (changes: UrlChanges) => string): DataColumn<ListedRollout>[] {
  return [
    {
      id: "version",
      header: "Candidate",
      primary: true,
      value: (row) => row.candidateVersion,
      cell: (row) => (
        <Link className="row-link" href={href({ rollout: row.id })}>
          v{row.candidateVersion}
        </Link>
      ),
    },
    {
      id: "state",
      header: "Outcome",
      value: (row) => row.state,
      cell: (row) => {
        const { tone, words } = rolloutLook(row);
        return <Status tone={tone}>{words}</Status>;
      },
    },
    { id: "cause", header: "Asked for by", value: (row) => row.cause },
    {
      id: "started",
      header: "Started",
      value: (row) => row.startedEventTime,
      cell: (row) => (
        <span
          className="whitespace-nowrap"
          title={row.startedEventTime ? formatDateTime(row.startedEventTime) : undefined}
        >
          {row.startedEventTime ? formatDay(row.startedEventTime, { year: true }) : "before the stream"}
        </span>
      ),
    },
    {
      id: "days",
      header: "Matured days",
      numeric: true,
      value: (row) => row.evidence.days.length,
      cell: (row) => formatCount(row.evidence.days.length),
    },
    {
      id: "difference",
      header: "Brier difference",
      numeric: true,
      value: (row) => row.evidence.quality?.mean,
      cell: (row) => (row.evidence.quality ? formatDifference(row.evidence.quality.mean, 5) : MISSING),
    },
    {
      id: "exposures",
      header: "Answers to callers",
      numeric: true,
      value: (row) => row.evidence.exposures,
      cell: (row) => formatCount(row.evidence.exposures),
    },
    {
      id: "reason",
      header: "Why",
      wide: true,
      sortable: false,
      value: (row) => row.outcomeReason,
      cell: (row) => (
        <div className="secondary small min-w-[240px] py-1.5 whitespace-normal">{row.outcomeReason ?? "under way"}</div>
      ),
    },
  ];
}
