"use client";

import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  type Row as TableRow,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { DataColumn, DataTableProps, SortOrder } from "./data-table-types.ts";
import { Icon } from "./icon.tsx";
import { PlainBody, VirtualBody } from "./table-body.tsx";
import { compareCells, type SortValue } from "./table-order.ts";
import { useOverflow } from "./use-overflow.ts";

/** Above this many rows only those in view are in the document. */
const VIRTUAL_ABOVE = 100;

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Features = typeof features;

/**
 * Rows of records: sortable, right-aligned numbers, one hair line, virtual above 100 rows; under 720 px each row becomes
 * a block with labelled fields.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowId, sort, onSortChange, initialSort } = props;
  const [innerSort, setInnerSort] = useState<SortOrder | undefined>(initialSort);
  const order = sort ?? innerSort;
  const sorting = useMemo<SortingState>(() => (order ? [{ id: order.column, desc: order.descending }] : []), [order]);
  const columnDefs = useMemo(() => columns.map((column) => toColumnDef(column)), [columns]);
  const table = useTable<Features, Row & object>({
    features,
    columns: columnDefs as ColumnDef<Features, Row & object>[],
    data: rows as readonly (Row & object)[],
    getRowId: (row) => rowId(row),
    state: { sorting },
    enableSortingRemoval: false,
    onSortingChange: (update) => {
      const [next] = typeof update === "function" ? update(sorting) : update;
      if (!next) return;
      (onSortChange ?? setInnerSort)({ column: next.id, descending: next.desc });
    },
  });
  const ordered = table.getRowModel().rows as TableRow<Features, Row & object>[];
  const virtual = ordered.length > VIRTUAL_ABOVE && props.groupOf === undefined;
  const scroll = useRef<HTMLDivElement>(null);
  const overflows = useOverflow(scroll);

  return (
    <div
      className="table-scroll"
      data-virtual={virtual}
      ref={scroll}
      style={virtual ? { maxHeight: "min(70vh, 720px)" } : undefined}
      tabIndex={virtual || overflows ? 0 : undefined}
    >
      <table className="data-table" aria-label={props.label} aria-rowcount={virtual ? ordered.length + 1 : undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                order={order}
                toggle={table.getColumn(column.id)?.getToggleSortingHandler()}
              />
            ))}
          </tr>
        </thead>
        {virtual ? (
          <VirtualBody {...props} ordered={ordered.map((row) => row.original)} scroll={scroll} />
        ) : (
          <PlainBody {...props} ordered={ordered.map((row) => row.original)} />
        )}
      </table>
    </div>
  );
}

function toColumnDef<Row>(column: DataColumn<Row>): ColumnDef<Features, Row & object> {
  return {
    id: column.id,
    accessorFn: (row: Row & object) => column.value(row) ?? undefined,
    enableSorting: column.sortable ?? true,
    sortDescFirst: column.descendingFirst ?? false,
    sortUndefined: "last",
    sortFn: (a, b, id) => compareCells(a.getValue(id) as SortValue, b.getValue(id) as SortValue),
  } as ColumnDef<Features, Row & object>;
}

function HeaderCell<Row>({
  column,
  order,
  toggle,
}: {
  column: DataColumn<Row>;
  order: SortOrder | undefined;
  toggle: ((event: unknown) => void) | undefined;
}) {
  const sorted = order?.column === column.id ? (order.descending ? "descending" : "ascending") : undefined;
  const text = column.hideHeader ? <span className="visually-hidden">{column.header}</span> : column.header;
  return (
    <th className={column.numeric ? "num" : undefined} scope="col" aria-sort={sorted}>
      {column.sortable === false || !toggle ? (
        text
      ) : (
        <button type="button" className="sort-button" onClick={toggle}>
          {text}
          {sorted ? <Icon of={sorted === "ascending" ? ArrowUp : ArrowDown} size={12} /> : null}
        </button>
      )}
    </th>
  );
}
