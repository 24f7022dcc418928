"use client";

import {
  CopyId,
  type DataColumn,
  formatBytes,
  formatCount,
  formatDateTime,
  formatShare,
  Link,
  MISSING,
  Panel,
} from "@ballast/ui";
import { detailPairs } from "@/page/detail-pairs";
import { artifactPath, lineagePath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import type { RunRecord } from "../tracking";

interface Artifact {
  kind: string;
  id: string;
  label: string;
  detail?: Record<string, unknown>;
}

/** What a run read or made, each with its page where it has one. */
export function ArtifactPanel({
  title,
  note,
  artifacts,
  none,
  lineageOf,
}: {
  title: string;
  note: string;
  artifacts: readonly Artifact[];
  none: string;
  /** The run whose lineage is linked beside the title. */
  lineageOf?: string;
}) {
  const { base } = useProject();
  const columns: DataColumn<Artifact>[] = [
    {
      id: "label",
      header: "Name",
      value: (row) => row.label,
      primary: true,
      cell: (row) => {
        const href = artifactPath(base, row);
        return href ? (
          <Link className="row-link" href={href}>
            {row.label}
          </Link>
        ) : (
          row.label
        );
      },
    },
    { id: "kind", header: "Kind", value: (row) => row.kind, cell: (row) => row.kind.replaceAll("_", " ") },
    {
      id: "id",
      header: "Id",
      sortable: false,
      value: (row) => row.id,
      cell: (row) => <CopyId value={row.id}>{row.id.length > 24 ? `${row.id.slice(0, 13)}…` : row.id}</CopyId>,
    },
    {
      id: "detail",
      header: "Detail",
      sortable: false,
      value: () => null,
      cell: (row) => detailText(row.detail) ?? MISSING,
    },
  ];
  return (
    <Panel
      title={title}
      note={note}
      actions={
        lineageOf ? (
          <Link href={lineagePath(base, { kind: "run", id: lineageOf })} prefetch={false}>
            Lineage
          </Link>
        ) : undefined
      }
    >
      <RecordTable
        label={title}
        name={title.toLowerCase()}
        columns={columns}
        rows={artifacts}
        rowId={(row) => `${row.kind} ${row.id}`}
        empty={none}
      />
    </Panel>
  );
}

/** What can be said of an artifact in a line; long lists have panels of their own. */
function detailText(detail: Artifact["detail"]): string | null {
  if (!detail) return null;
  const { bytes, rows, from, to, featureImportance: _own, ...rest } = detail;
  const known = [
    ...(typeof bytes === "number" ? [formatBytes(bytes)] : []),
    ...(typeof rows === "number" ? [`${formatCount(rows)} rows`] : []),
    ...(typeof from === "number" ? [`from ${formatDateTime(from)} UTC`] : []),
    ...(typeof to === "number" ? [`to ${formatDateTime(to)} UTC`] : []),
  ];
  return [...known, ...detailPairs(rest).map(([name, value]) => `${name} ${value}`)].join(", ") || null;
}

interface Importance {
  feature: string;
  gain: number;
}

function importanceOf(run: RunRecord): Importance[] {
  const found = run.outputs.flatMap(({ detail }) => {
    const list = detail?.featureImportance;
    return Array.isArray(list) ? list : [];
  });
  return found.filter(
    (one): one is Importance =>
      typeof one === "object" && one !== null && typeof one.feature === "string" && typeof one.gain === "number",
  );
}

/** How much each feature took off the training loss. */
export function ImportancePanel({ run }: { run: RunRecord }) {
  const rows = importanceOf(run).sort((a, b) => b.gain - a.gain);
  const total = rows.reduce((sum, { gain }) => sum + gain, 0);
  if (rows.length === 0 || total <= 0) return null;
  const columns: DataColumn<Importance>[] = [
    {
      id: "feature",
      header: "Feature",
      value: (row) => row.feature,
      primary: true,
      cell: (row) => <code>{row.feature}</code>,
    },
    {
      id: "bar",
      header: "Gain, bars from 0",
      sortable: false,
      wide: true,
      value: () => null,
      cell: (row) => (
        <span
          className="block h-[8px] min-w-px rounded-[1px]"
          style={{ width: `${(100 * row.gain) / (rows[0]?.gain ?? 1)}%`, background: "var(--s1)" }}
          aria-hidden="true"
        />
      ),
    },
    {
      id: "gain",
      header: "Share of gain",
      numeric: true,
      descendingFirst: true,
      value: (row) => row.gain,
      cell: (row) => formatShare(row.gain / total),
    },
  ];
  return (
    <Panel
      title="Feature importance"
      note={`gain of each feature as a share of the trees' whole gain, ${rows.length} features`}
    >
      <RecordTable
        label="Feature importance"
        name="importance"
        columns={columns}
        rows={rows}
        rowId={(row) => row.feature}
      />
    </Panel>
  );
}
