"use client";

import { type DataColumn, DataTable, formatDateTime, formatDecimal, Panel } from "@ballast/ui";
import { WithdrawConversion } from "@/page/incident-actions";
import type { Outputs } from "@/page/outputs";
import { useReachWords } from "@/page/use-reach-words";

type Conversion = Outputs["monitoring"]["incident"]["conversions"][number];

/** What was accepted because of the incident, in order; the newest holds for its time. */
export function Conversions({ conversions }: { conversions: readonly Conversion[] }) {
  const newest = conversions.at(-1);
  const words = useReachWords();
  const changes = (row: Conversion) => row.factor !== 1 || row.offset !== 0;
  const columns: DataColumn<Conversion>[] = [
    {
      id: "revision",
      header: "Revision",
      primary: true,
      sortable: false,
      value: (row) => row.revision,
      cell: (row) => <b className="whitespace-nowrap">{`revision ${row.revision}`}</b>,
    },
    {
      id: "what",
      header: "What readers do",
      wide: true,
      sortable: false,
      value: (row) => row.factor,
      cell: (row) =>
        changes(row)
          ? `× ${formatDecimal(row.factor, 6)}${row.offset === 0 ? "" : ` + ${formatDecimal(row.offset, 3)}`} (${row.receivedUnit} → ${row.declaredUnit})`
          : `takes it as ${row.declaredUnit}: withdrawn`,
    },
    {
      id: "reach",
      header: "Applies to",
      wide: true,
      sortable: false,
      value: (row) => words(row.appliesTo),
    },
    {
      id: "from",
      header: "From, UTC",
      sortable: false,
      value: (row) => row.from,
      cell: (row) => <span className="whitespace-nowrap">{formatDateTime(row.from)}</span>,
    },
    {
      id: "accepted",
      header: "Accepted, event time",
      sortable: false,
      value: (row) => row.acceptedAt,
      cell: (row) => <span className="whitespace-nowrap">{formatDateTime(row.acceptedAt)}</span>,
    },
    { id: "by", header: "By", sortable: false, value: (row) => row.acceptedBy },
    {
      id: "act",
      header: "Act",
      hideHeader: true,
      sortable: false,
      value: () => null,
      cell: (row) => (row.id === newest?.id && changes(row) ? <WithdrawConversion conversion={row} /> : null),
    },
  ];
  return (
    <Panel title="Conversions" note="each revision is journalled with the predictions it served">
      <DataTable
        label="Conversions accepted for the incident"
        columns={columns}
        rows={conversions}
        rowId={(row) => row.id}
      />
    </Panel>
  );
}
