"use client";

import { DataTable, type DataTableProps } from "@ballast/ui";
import { Pager, type PagerProps } from "./pager.tsx";
import { orderFrom, orderText } from "./url-order.ts";
import { useUrlState } from "./use-url-state.ts";

type RecordTableProps<Row> = Omit<DataTableProps<Row>, "sort" | "onSortChange"> & {
  /** What its order is called in the URL, on a page with several tables. */
  name?: string;
  /** Set where the list comes in pages: the foot that leads to them. */
  pages?: PagerProps;
  /** True where the rows are not all there are: the newest, say. */
  part?: boolean;
};

/**
 * A table of records whose order stands in the URL. Where only a part of a list is shown it keeps the order that the list came in:
 * sorted, the part would look like the top of the whole.
 */
export function RecordTable<Row>({ name, pages, part, columns, ...table }: RecordTableProps<Row>) {
  const { params, set } = useUrlState();
  const param = name === undefined ? "sort" : `sort.${name}`;
  const whole = !part && (!pages || (pages.next === null && !params.has(pages.param ?? "before")));
  return (
    <>
      {whole ? (
        <DataTable
          {...table}
          columns={columns}
          sort={orderFrom(params.get(param), columns)}
          onSortChange={(order) => set({ [param]: orderText(order) })}
        />
      ) : (
        <DataTable
          {...table}
          columns={columns.map((column) => ({ ...column, sortable: false }))}
          initialSort={undefined}
        />
      )}
      {pages ? <Pager {...pages} /> : null}
    </>
  );
}
