"use client";

import { type DataColumn, formatCount, formatDay, Link, MISSING, RelativeTime } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { AliasChip } from "@/page/alias-chip";
import { causeWords } from "@/page/cause-words";
import { metricWords } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { per1000Micros, type UnitCost, unitCostNote, unitCostText } from "@/page/unit-cost";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { useComparedNumbers } from "./compare/use-compared-numbers";

type ModelPage = Outputs["model"]["get"];
type Version = ModelPage["versions"][number];

/** Which metrics a table of versions shows, of those logged. */
const MOST_OTHER_METRICS = 5;
const TABLE_METRICS = ["auc", "brier", "brier_skill", "calibration_gap", "rmse", "mae", "r2"];

/** Every version with its part, its held-out metrics and its price. */
export function ModelVersionTable({ page, costs }: { page: ModelPage; costs: readonly UnitCost[] }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const deployments = useQuery(trpc.deployment.list.queryOptions(scope));
  const roles = (id: string): string[] => {
    const shadowed = deployments.data?.some(({ routing }) => routing.shadows.includes(id)) ? ["shadow"] : [];
    return [...page.aliases.filter(({ versionId }) => versionId === id).map(({ alias }) => alias), ...shadowed];
  };
  const costOf = (id: string) => costs.find(({ modelVersionId }) => modelVersionId === id);
  const { numbers: chosen, toggle } = useComparedNumbers();
  const logged = new Set(page.versions.flatMap((version) => Object.keys(version.metrics)));
  const known = TABLE_METRICS.filter((name) => logged.has(name));
  // Metrics that clients named themselves: as many as a table has room for.
  const metrics =
    known.length > 0
      ? known
      : [...logged]
          .filter((name) => name !== "n")
          .sort()
          .slice(0, MOST_OTHER_METRICS);
  const columns: DataColumn<Version>[] = [
    {
      id: "compare",
      header: "Compare",
      hideHeader: true,
      sortable: false,
      value: () => null,
      cell: (row) => (
        <input
          type="checkbox"
          aria-label={`Compare v${row.version}`}
          checked={chosen.includes(row.version)}
          onChange={() => toggle(row.version)}
        />
      ),
    },
    {
      id: "version",
      header: "Version",
      descendingFirst: true,
      value: (row) => row.version,
      primary: true,
      cell: (row) => (
        <Link className="row-link" href={modelVersionPath(base, page.model.name, `v${row.version}`)}>
          v{row.version}
        </Link>
      ),
    },
    {
      id: "roles",
      header: "Aliases",
      value: (row) => roles(row.id).join(", "),
      cell: (row) => {
        const own = roles(row.id);
        return own.length === 0 ? (
          MISSING
        ) : (
          <span className="row">
            {own.map((alias) => (
              <AliasChip key={alias} alias={alias} />
            ))}
          </span>
        );
      },
    },
    ...(page.versions.some(({ stage }) => stage !== "None")
      ? [{ id: "stage", header: "Stage", value: (row: Version) => (row.stage === "None" ? null : row.stage) }]
      : []),
    ...metrics.map((name) => metricColumn(name)),
    ...(logged.has("n") ? [heldOut] : []),
    {
      id: "cost",
      header: "Cost per 1,000",
      numeric: true,
      value: (row) => per1000Micros(costOf(row.id)),
      cell: (row) => <span title={unitCostNote(costOf(row.id))}>{unitCostText(costOf(row.id))}</span>,
    },
    {
      id: "predictions",
      header: "Predictions",
      numeric: true,
      descendingFirst: true,
      value: (row) => costOf(row.id)?.predictions ?? 0,
      cell: (row) => formatCount(costOf(row.id)?.predictions ?? 0),
    },
    {
      id: "trained",
      header: "Trained on",
      value: (row) => row.lineage.trainedFrom,
      cell: ({ lineage }) =>
        lineage.trainedFrom && lineage.trainedTo ? (
          <span className="sm:whitespace-nowrap">
            {formatDay(lineage.trainedFrom)} to {formatDay(lineage.trainedTo, { year: true })}
          </span>
        ) : (
          MISSING
        ),
    },
    { id: "cause", header: "Why", wide: true, value: (row) => row.cause, cell: (row) => causeWords(row.cause) },
    {
      id: "at",
      header: "Registered",
      descendingFirst: true,
      value: (row) => row.createdAt,
      cell: (row) => <RelativeTime at={row.createdAt} />,
    },
  ];
  return (
    <RecordTable
      label={`Versions of ${page.model.name}`}
      columns={columns}
      rows={page.versions}
      rowId={(row) => row.id}
      initialSort={{ column: "version", descending: true }}
      empty="No version yet."
      pages={{ shown: `${page.versions.length} versions`, next: page.next }}
    />
  );
}

const heldOut: DataColumn<Version> = {
  id: "n",
  header: "n held out",
  numeric: true,
  value: (row) => row.metrics.n,
  cell: (row) => formatCount(row.metrics.n),
};

function metricColumn(name: string): DataColumn<Version> {
  const words = metricWords(name);
  return {
    id: name,
    header: words.label.split(",")[0] ?? words.label,
    numeric: true,
    descendingFirst: words.better === "higher",
    value: (row) => row.metrics[name],
    // No best value is marked: each version was measured on rows of its own.
    cell: (row) => words.text(row.metrics[name]),
  };
}
