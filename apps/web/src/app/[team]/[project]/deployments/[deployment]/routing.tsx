"use client";

import {
  type DataColumn,
  formatCount,
  formatRate,
  formatScore,
  formatShare,
  MISSING,
  Panel,
  PanelBody,
  RoleChip,
  RouteBar,
  type VariantRole,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { formatMicros } from "@/page/format-micros";
import { RecordTable } from "@/page/record-table";
import { routesOf, shadowsOf } from "@/page/routes-of";
import type { UnitCost } from "@/page/unit-cost";
import { useProject } from "@/page/use-project";
import { versionName } from "@/page/version-name";
import { weightedMean } from "@/page/weighted-mean";
import { useTRPC } from "@/trpc/client";
import type { Deployment } from "./deployment-data";

interface RoleRow {
  id: string;
  role: VariantRole;
  version: string;
  share: number | null;
  served: number | null;
  errors: number | null;
  overSlo: number | null;
  brier: number | null;
  n: number;
  cost: UnitCost | undefined;
}

/** Matured days that the Brier score of each role is taken over. */
const BRIER_DAYS = 7;

/** Who answers how much of the traffic, and how each version does on the newest day. */
export function Routing({ deployment }: { deployment: Deployment }) {
  const rows = useRoleRows(deployment);
  const shadow = shadowsOf(deployment);
  const routes = routesOf(deployment);
  const { assignmentColumn, last24h, sloMs } = deployment;
  return (
    <Panel title="Routing" note={`revision ${deployment.routingRevision}, SLO ${sloMs} ms`}>
      <PanelBody>
        {routes.length > 0 ? (
          <RouteBar size="large" routes={routes} shadow={shadow} />
        ) : (
          <p className="secondary">No version answers yet.</p>
        )}
        <p className="figure-note mt-1">
          {shadow ? `Shadow ${shadow} gets a copy of every request; its answers reach no caller. ` : ""}
          {assignmentColumn ? (
            <>
              Sticky by <code>{assignmentColumn}</code>.
            </>
          ) : (
            "Requests are assigned one by one, by a hash of their id."
          )}
          {last24h ? ` Counts are those of ${last24h.from.toISOString().slice(0, 10)}, the newest complete day.` : ""}
        </p>
      </PanelBody>
      {rows.length > 0 ? (
        <div className="panel-rule">
          <RecordTable label="Roles" name="roles" columns={columnsOf(sloMs)} rows={rows} rowId={(row) => row.id} />
        </div>
      ) : null}
    </Panel>
  );
}

function useRoleRows(deployment: Deployment): RoleRow[] {
  const { scope } = useProject();
  const trpc = useTRPC();
  const costs = useQuery(trpc.finops.unitCosts.queryOptions(scope));
  const performance = useQuery(trpc.monitoring.performance.queryOptions({ ...scope, deployment: deployment.name }));
  const { champion, candidate, shadows } = deployment.routing;
  const tally = deployment.last24h?.tally?.versions;
  const roles: { id: string; role: VariantRole; share: number | null }[] = [];
  if (champion) roles.push({ id: champion, role: "champion", share: 1 - (candidate?.percent ?? 0) / 100 });
  if (candidate) roles.push({ id: candidate.versionId, role: "candidate", share: candidate.percent / 100 });
  for (const id of shadows) if (!roles.some((role) => role.id === id)) roles.push({ id, role: "shadow", share: null });
  return roles.map(({ id, role, share }) => {
    const counts = tally?.[id];
    const days = (performance.data?.series.find(({ versionId }) => versionId === id)?.days ?? [])
      .filter((day) => day.brier !== null)
      .slice(-BRIER_DAYS);
    const brier = weightedMean(days, (day) => day.brier);
    return {
      ...{ id, role, share },
      version: versionName(deployment.versions, id),
      served: counts ? (role === "shadow" ? counts.shadow : counts.served) : null,
      errors: counts && role !== "shadow" ? counts.errors / Math.max(1, counts.served + counts.errors) : null,
      overSlo: counts && role !== "shadow" ? counts.overSlo / Math.max(1, counts.served) : null,
      ...{ brier: brier?.mean ?? null, n: brier?.n ?? 0 },
      cost: costs.data?.find(({ modelVersionId }) => modelVersionId === id),
    };
  });
}

function columnsOf(sloMs: number): DataColumn<RoleRow>[] {
  return [
    {
      id: "role",
      header: "Role, version",
      primary: true,
      value: (row) => row.role,
      cell: (row) => (
        <RoleChip role={row.role}>
          {row.role} {row.version}
        </RoleChip>
      ),
    },
    {
      id: "share",
      header: "Share",
      numeric: true,
      value: (row) => row.share,
      cell: (row) => (row.share === null ? "copy" : formatShare(row.share, 0)),
    },
    {
      id: "served",
      header: "Predictions",
      numeric: true,
      value: (row) => row.served,
      cell: (row) => formatCount(row.served),
    },
    {
      id: "errors",
      header: "Errors",
      numeric: true,
      value: (row) => row.errors,
      cell: (row) => (row.errors === null ? MISSING : formatRate(row.errors)),
    },
    {
      id: "slo",
      header: `Over ${sloMs} ms`,
      numeric: true,
      value: (row) => row.overSlo,
      cell: (row) => (row.overSlo === null ? MISSING : formatRate(row.overSlo)),
    },
    {
      id: "brier",
      header: `Brier, ${BRIER_DAYS} days`,
      numeric: true,
      value: (row) => row.brier,
      cell: (row) => <span title={`n = ${formatCount(row.n)}`}>{formatScore(row.brier)}</span>,
    },
    {
      id: "cost",
      header: "Serving, per 1,000",
      numeric: true,
      value: (row) => row.cost?.servingPer1000Micros,
      cell: ({ cost }) => (cost ? formatMicros(cost.servingPer1000Micros, cost.currency) : MISSING),
    },
  ];
}
