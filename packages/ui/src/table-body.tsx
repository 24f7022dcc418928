"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import type { RefObject } from "react";
import type { DataTableProps, RowGroup } from "./data-table-types.ts";
import { formatDateTime, MISSING } from "./format.ts";
import type { SortValue } from "./table-order.ts";

const ROW_HEIGHT = 32;

export type BodyProps<Row> = DataTableProps<Row> & { ordered: readonly Row[] };

export function PlainBody<Row>(props: BodyProps<Row>) {
  const { ordered, columns, rowId, groupOf, empty } = props;
  if (ordered.length === 0 && empty !== undefined) {
    return (
      <tbody>
        <tr>
          <td colSpan={columns.length} className="secondary" data-wide="true">
            {empty}
          </td>
        </tr>
      </tbody>
    );
  }
  if (!groupOf) {
    return (
      <tbody>
        {ordered.map((row) => (
          <BodyRow key={rowId(row)} row={row} {...props} />
        ))}
      </tbody>
    );
  }
  return (
    <tbody>
      {groupRows(ordered, groupOf).map(({ group, rows }) => (
        <GroupRows key={group.id} {...props} group={group} rows={rows} />
      ))}
    </tbody>
  );
}

function groupRows<Row>(rows: readonly Row[], groupOf: (row: Row) => RowGroup): { group: RowGroup; rows: Row[] }[] {
  const groups = new Map<string, { group: RowGroup; rows: Row[] }>();
  for (const row of rows) {
    const group = groupOf(row);
    const entry = groups.get(group.id);
    if (entry) entry.rows.push(row);
    else groups.set(group.id, { group, rows: [row] });
  }
  return [...groups.values()];
}

function GroupRows<Row>({
  group,
  rows,
  ...props
}: Omit<BodyProps<Row>, "rows"> & { group: RowGroup; rows: readonly Row[] }) {
  return (
    <>
      <tr data-group="true">
        <td colSpan={props.columns.length}>
          {group.label} {group.note ? <small className="font-normal">{group.note}</small> : null}
        </td>
      </tr>
      {rows.map((row) => (
        <BodyRow key={props.rowId(row)} row={row} {...props} />
      ))}
    </>
  );
}

function BodyRow<Row>({
  row,
  columns,
  selected,
  measure,
  index,
}: Pick<DataTableProps<Row>, "columns" | "selected"> & {
  row: Row;
  measure?: (element: HTMLTableRowElement | null) => void;
  index?: number;
}) {
  return (
    <tr
      ref={measure}
      data-index={index}
      data-selected={selected?.(row) ?? undefined}
      aria-rowindex={index === undefined ? undefined : index + 2}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          className={column.numeric ? "num" : undefined}
          data-label={column.hideHeader ? undefined : column.header}
          data-primary={column.primary ?? undefined}
          data-wide={column.wide ?? undefined}
        >
          {column.cell ? column.cell(row) : plain(column.value(row))}
        </td>
      ))}
    </tr>
  );
}

const plain = (value: SortValue): string =>
  value === null || value === undefined ? MISSING : value instanceof Date ? formatDateTime(value) : String(value);

/** Rows in view between two spacers, so that the table stays one table. */
export function VirtualBody<Row>({ scroll, ...props }: BodyProps<Row> & { scroll: RefObject<HTMLDivElement | null> }) {
  const { ordered, columns, rowId } = props;
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLTableRowElement>({
    count: ordered.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    initialRect: { width: 1200, height: 720 },
  });
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const spacer = (height: number) =>
    height > 0 ? (
      <tr>
        <td colSpan={columns.length} style={{ height, padding: 0, border: 0 }} />
      </tr>
    ) : null;
  return (
    <tbody>
      {spacer(before)}
      {items.map((item) => {
        const row = ordered[item.index];
        return row === undefined ? null : (
          <BodyRow key={rowId(row)} row={row} measure={virtualizer.measureElement} index={item.index} {...props} />
        );
      })}
      {spacer(after)}
    </tbody>
  );
}
