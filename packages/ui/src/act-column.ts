import type { ReactNode } from "react";
import type { DataColumn } from "./data-table-types.ts";

/**
 * The column of what can be done with a row: its header is for screen readers alone, and nothing is ordered by it. The controls stand
 * at the right edge; `wide` gives them the whole width on phones instead.
 */
export function actColumn<Row>(header: string, cell: (row: Row) => ReactNode, { wide = false } = {}): DataColumn<Row> {
  const place = wide ? { wide } : { numeric: true };
  return { id: "act", header, hideHeader: true, sortable: false, value: () => null, cell, ...place };
}
