"use client";

import { type DataColumn, EmptyState, formatDateTime, Link, Panel, Status } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { type CommandPlace, callCommand } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { deploymentPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { policyWords } from "./policy-words";

type Policy = Outputs["training"]["policies"][number];

/** What asks for training by itself, and when. */
export function PolicyList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(trpc.training.policies.queryOptions(scope));
  const pipelines = useQuery(trpc.training.pipelines.queryOptions(scope));
  const deployments = useQuery(trpc.deployment.list.queryOptions(scope));
  const deploymentOf = (row: Policy) => deployments.data?.find(({ id }) => id === row.deploymentId)?.name;
  const pipelineOf = (row: Policy) => pipelines.data?.find(({ id }) => id === row.pipelineId)?.name ?? row.pipelineId;
  const columns: DataColumn<Policy>[] = [
    { id: "name", header: "Policy", value: (row) => row.name, primary: true, cell: (row) => <b>{row.name}</b> },
    {
      id: "enabled",
      header: "State",
      value: (row) => row.enabled,
      cell: (row) => <Status tone={row.enabled ? "running" : "idle"}>{row.enabled ? "watching" : "off"}</Status>,
    },
    {
      id: "deployment",
      header: "Watches",
      value: (row) => deploymentOf(row),
      cell: (row) => {
        const name = deploymentOf(row);
        return name ? <Link href={deploymentPath(base, name)}>{name}</Link> : row.deploymentId;
      },
    },
    { id: "rule", header: "Rule", sortable: false, wide: true, value: (row) => policyWords(row.spec) },
    { id: "pipeline", header: "Asks pipeline", value: (row) => pipelineOf(row) },
    {
      id: "fired",
      header: "Last asked, event time",
      descendingFirst: true,
      value: (row) => row.lastFired,
      cell: (row) => (row.lastFired ? formatDateTime(row.lastFired) : "never"),
    },
  ];
  return (
    <Panel>
      <QueryView query={query} what="policies" rows={3}>
        {(policies) =>
          policies.length === 0 ? (
            <NoPolicies place={place} base={base} />
          ) : (
            <RecordTable label="Trigger policies" columns={columns} rows={policies} rowId={(row) => row.id} />
          )
        }
      </QueryView>
    </Panel>
  );
}

function NoPolicies({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Let events ask for training"
      explanation="A policy watches a deployment and asks its pipeline for a new version when the champion parts from reality, not when a timetable says so. The budget still decides."
      steps={[
        {
          title: "Define it",
          code: callCommand(place, "training.definePolicy", {
            policy: {
              ...{ name: "calibration", deployment: "flight-late", pipeline: "flight-basic" },
              spec: { kind: "calibration", days: 14, limit: 0.05, cooldownDays: 21, trainDays: 21 },
            },
          }),
          help: (
            <>
              Deployment and pipeline must exist by then. BALLAST_TOKEN is a token with <code>policy.write</code>:{" "}
              <Link href={`${base}/settings/tokens`}>make one</Link>.
            </>
          ),
        },
      ]}
      waiting="Listening for the first policy. This page changes by itself."
    />
  );
}
