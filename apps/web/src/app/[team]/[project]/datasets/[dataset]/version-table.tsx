"use client";

import { type DataColumn, formatCount, formatDay, Link, MISSING, RelativeTime } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { StateStatus } from "@/page/states";
import { type UrlChanges, useUrlState } from "@/page/use-url-state";

export type Version = Outputs["dataset"]["get"]["versions"][number];

const columnsFor = (href: (changes: UrlChanges) => string, current: number | undefined): DataColumn<Version>[] => [
  {
    id: "version",
    header: "Version",
    value: (row) => row.version,
    primary: true,
    cell: (row) => (
      <Link
        className="row-link"
        href={href({ version: String(row.version), column: null, checks: null })}
        aria-current={row.version === current ? "true" : undefined}
      >
        v{row.version}
      </Link>
    ),
  },
  { id: "state", header: "State", value: (row) => row.state, cell: (row) => <StateStatus state={row.state} /> },
  {
    id: "rows",
    header: "Rows",
    numeric: true,
    value: (row) => row.rows,
    cell: (row) => formatCount(row.rows),
  },
  {
    id: "checks",
    header: "Checks passed",
    numeric: true,
    value: (row) => row.report?.checks.filter((check) => check.passed).length,
    cell: (row) => (row.report ? passedOf(row.report.checks) : MISSING),
  },
  {
    id: "range",
    header: "Event days",
    value: (row) => row.from,
    cell: (row) => (row.from && row.to ? `${formatDay(row.from)} to ${formatDay(row.to, { year: true })}` : MISSING),
  },
  { id: "by", header: "From", value: (row) => row.createdBy },
  {
    id: "received",
    header: "Received",
    value: (row) => row.createdAt,
    cell: (row) => <RelativeTime at={row.createdAt} />,
  },
];

const passedOf = (checks: readonly { passed: boolean }[]): string =>
  `${formatCount(checks.filter((check) => check.passed).length)} of ${formatCount(checks.length)}`;

export function VersionTable({ versions, current }: { versions: readonly Version[]; current: number | undefined }) {
  const { href } = useUrlState();
  return (
    <RecordTable
      label="Versions"
      name="versions"
      columns={columnsFor(href, current)}
      rows={versions}
      rowId={(row) => row.id}
      selected={(row) => row.version === current}
      empty="No version yet."
    />
  );
}
