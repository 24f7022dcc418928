"use client";

import {
  type DataColumn,
  EmptyState,
  formatCount,
  formatDecimal,
  formatRate,
  Link,
  MISSING,
  Panel,
  RouteBar,
  Status,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { type CommandPlace, callCommand } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { deploymentPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { routesOf, shadowsOf } from "@/page/routes-of";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { rolloutLook } from "./rollout-look";

type Row = Outputs["deployment"]["list"][number];

/** Every endpoint of the project with who answers on it. */
export function DeploymentList({ place }: { place: CommandPlace }) {
  const { scope, base } = useProject();
  const trpc = useTRPC();
  const query = useQuery(trpc.deployment.list.queryOptions(scope));
  return (
    <Panel>
      <QueryView query={query} what="deployments" rows={3}>
        {(rows) =>
          rows.length === 0 ? (
            <NoDeployment place={place} />
          ) : (
            <RecordTable label="Deployments" columns={columnsOf(base)} rows={rows} rowId={(row) => row.id} />
          )
        }
      </QueryView>
    </Panel>
  );
}

function NoDeployment({ place }: { place: CommandPlace }) {
  return (
    <EmptyState
      title="Name the first endpoint"
      explanation="A deployment is a name that callers ask for predictions. Its routes say which version answers, which is tried out, and which only listens."
      steps={[
        { title: "Make a token under Settings, Tokens, and put it here", code: "$ export BALLAST_TOKEN=blst_…" },
        {
          title: "Create the deployment",
          code: callCommand(place, "deployment.create", {
            deployment: { name: "flight-late", modelName: "flight-late", sloMs: 25 },
          }),
        },
      ]}
      waiting="The first deployment appears here by itself."
    />
  );
}

const traffic = (row: Row) => row.last24h?.tally ?? null;

function columnsOf(base: string): DataColumn<Row>[] {
  return [
    {
      id: "name",
      header: "Deployment",
      primary: true,
      value: (row) => row.name,
      cell: (row) => (
        <Link className="row-link" href={deploymentPath(base, row.name)}>
          {row.name}
        </Link>
      ),
    },
    {
      id: "routes",
      header: "Who answers",
      wide: true,
      sortable: false,
      value: () => "",
      cell: (row) =>
        row.routing.champion === null ? (
          <Status tone="idle">nobody yet</Status>
        ) : (
          <div className="min-w-[220px] py-1">
            <RouteBar routes={routesOf(row)} shadow={shadowsOf(row)} />
          </div>
        ),
    },
    {
      id: "rollout",
      header: "Rollout",
      value: (row) => row.rollout?.state ?? "",
      cell: (row) => {
        if (!row.rollout) return <span className="muted">none open</span>;
        const { tone, words } = rolloutLook(row.rollout);
        return <Status tone={tone}>{words}</Status>;
      },
    },
    {
      id: "predictions",
      header: "Predictions, newest day",
      numeric: true,
      descendingFirst: true,
      value: (row) => traffic(row)?.predictions,
      cell: (row) => formatCount(traffic(row)?.predictions),
    },
    {
      id: "p99",
      header: "p99, ms",
      numeric: true,
      value: (row) => traffic(row)?.p99Ms,
      cell: (row) => (traffic(row)?.predictions ? formatDecimal(traffic(row)?.p99Ms, 2) : MISSING),
    },
    {
      id: "errors",
      header: "Errors",
      numeric: true,
      value: (row) => traffic(row)?.errors,
      cell: (row) => {
        const tally = traffic(row);
        return tally ? formatRate(tally.errors / Math.max(1, tally.predictions + tally.errors)) : MISSING;
      },
    },
    { id: "slo", header: "SLO, ms", numeric: true, value: (row) => row.sloMs, cell: (row) => formatCount(row.sloMs) },
  ];
}
