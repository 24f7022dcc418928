"use client";

import { type DataColumn, formatDateTime, Link, MISSING, Panel, RoleChip } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { causeWords } from "@/page/cause-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { rolloutPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { StateStatus } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import type { VersionPage } from "./version-view";

type Rollout = Outputs["rollout"]["list"]["rollouts"][number];

/** The newest rollouts that are looked through for this version. */
const LOOKED_THROUGH = 200;

/** Every rollout in which the version was candidate or champion, with how it ended and why. */
export function RolloutPanel({ page }: { page: VersionPage }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(trpc.rollout.list.queryOptions({ ...scope, limit: LOOKED_THROUGH }));
  const deployments = useQuery(trpc.deployment.list.queryOptions(scope));
  const nameOf = (id: string) => deployments.data?.find((deployment) => deployment.id === id)?.name;
  const { id } = page.version;
  const columns: DataColumn<Rollout>[] = [
    {
      id: "rollout",
      header: "Rollout",
      value: (row) => row.id,
      primary: true,
      sortable: false,
      cell: (row) => {
        const deployment = nameOf(row.deploymentId);
        const title = `v${row.candidateVersion} on ${deployment ?? row.deploymentId}`;
        return deployment ? (
          <Link className="row-link" href={rolloutPath(base, deployment, row.id)}>
            {title}
          </Link>
        ) : (
          title
        );
      },
    },
    {
      id: "role",
      header: "As",
      value: (row) => row.candidateId === id,
      cell: (row) => <RoleChip role={row.candidateId === id ? "candidate" : "champion"} />,
    },
    { id: "state", header: "State", value: (row) => row.state, cell: (row) => <StateStatus state={row.state} /> },
    {
      id: "strategy",
      header: "Strategy",
      value: (row) => row.plan.strategy,
      cell: (row) => row.plan.strategy.replaceAll("_", " "),
    },
    {
      id: "started",
      header: "Started, event time",
      descendingFirst: true,
      value: (row) => row.startedEventTime,
      cell: (row) => formatDateTime(row.startedEventTime),
    },
    {
      id: "ended",
      header: "Ended",
      value: (row) => row.endedEventTime,
      cell: (row) => formatDateTime(row.endedEventTime),
    },
    { id: "cause", header: "Asked", value: (row) => row.cause, cell: (row) => causeWords(row.cause) },
    {
      id: "reason",
      header: "Why it ended so",
      wide: true,
      sortable: false,
      value: (row) => row.outcomeReason,
      cell: (row) => <span className="secondary">{row.outcomeReason ?? MISSING}</span>,
    },
  ];
  return (
    <Panel title="Rollouts" note="in which this version was candidate or champion">
      <QueryView query={query} what="rollouts" rows={2}>
        {({ rollouts, next }) => (
          <RecordTable
            label="Rollouts of this version"
            name="rollouts"
            columns={columns}
            rows={rollouts.filter((row) => row.candidateId === id || row.championId === id)}
            rowId={(row) => row.id}
            part={next !== null}
            empty={
              next === null
                ? "It was in no rollout."
                : `It was in none of the newest ${LOOKED_THROUGH} rollouts; older ones stand on the deployment's page.`
            }
          />
        )}
      </QueryView>
    </Panel>
  );
}
