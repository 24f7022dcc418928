import type { ReactNode } from "react";
import type { SortValue } from "./table-order.ts";

export interface DataColumn<Row> {
  id: string;
  /** With the unit: "p99, ms". Also the field's label on phones. */
  header: string;
  /** What the column sorts by, and what is shown where `cell` is missing. Missing values sort last. */
  value: (row: Row) => SortValue;
  cell?: (row: Row) => ReactNode;
  /** Right-aligned. Give every cell of the column equal decimals. */
  numeric?: boolean;
  /** The row's name: first and unlabelled on phones. One per table. */
  primary?: boolean;
  /** On phones the field takes the whole width. */
  wide?: boolean;
  /** False for columns where an order means nothing. */
  sortable?: boolean;
  /** The first press sorts the largest on top. */
  descendingFirst?: boolean;
  /** Keeps the header for screen readers only, such as for a column of actions. */
  hideHeader?: boolean;
}

export interface SortOrder {
  column: string;
  descending: boolean;
}

export interface RowGroup {
  id: string;
  label: ReactNode;
  note?: ReactNode;
}

export interface DataTableProps<Row> {
  /** What the rows are, for screen readers: "Runs of late-15". */
  label: string;
  columns: readonly DataColumn<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** The order, if it lives outside (in the URL), as `onSortChange` puts it there; without that it lives inside. */
  sort?: SortOrder | undefined;
  onSortChange?: ((sort: SortOrder) => void) | undefined;
  /** The order while none was chosen. */
  initialSort?: SortOrder | undefined;
  selected?: ((row: Row) => boolean) | undefined;
  /** Puts rows of one group under a heading; groups stand in the order of their first row. Such tables are not virtual. */
  groupOf?: ((row: Row) => RowGroup) | undefined;
  /** Shown instead of rows when there are none: usually that a filter fits nothing. */
  empty?: ReactNode;
}
