import type { CSSProperties } from "react";
import type { GridColumn } from "./grid-types.ts";

export interface PlacedColumn<Row> {
  column: GridColumn<Row>;
  /** Distance from the grid's left edge, pixels. */
  left: number;
  /** One-based place among all columns, for assistive technology. */
  place: number;
  style: CSSProperties;
}

export interface ColumnLayout<Row> {
  pinned: PlacedColumn<Row>[];
  scrolling: PlacedColumn<Row>[];
  pinnedWidth: number;
  totalWidth: number;
}

/** Narrowest and widest a column gets, pixels. */
const NARROWEST = 48;
export const WIDEST = 640;

export const clampWidth = (width: number): number => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));

/** Where every column stands: pinned ones first, in the order given. */
export function columnLayout<Row>(columns: readonly GridColumn<Row>[]): ColumnLayout<Row> {
  const ordered = [...columns.filter((column) => column.pinned), ...columns.filter((column) => !column.pinned)];
  let left = 0;
  const placed = ordered.map((column, index): PlacedColumn<Row> => {
    const own = left;
    left += column.width;
    const style: CSSProperties = column.pinned ? { width: column.width, left: own } : { width: column.width };
    return { column, left: own, place: index + 1, style };
  });
  const pinned = placed.filter(({ column }) => column.pinned);
  const pinnedWidth = pinned.reduce((sum, { column }) => sum + column.width, 0);
  return { pinned, scrolling: placed.slice(pinned.length), pinnedWidth, totalWidth: left };
}

/**
 * The scrolling columns in view, as a half-open range of their indices. Room under the pinned columns does not count.
 * @param scrollLeft pixels scrolled; @param viewport width of the scroll box; @param overscan columns beyond each edge
 */
export function columnsInView<Row>(
  layout: ColumnLayout<Row>,
  { scrollLeft, viewport, overscan }: { scrollLeft: number; viewport: number; overscan: number },
): [first: number, end: number] {
  const { scrolling, pinnedWidth } = layout;
  const from = scrollLeft + pinnedWidth;
  const to = scrollLeft + viewport;
  const first = firstWhere(scrolling, ({ left, column }) => left + column.width > from);
  const end = firstWhere(scrolling, ({ left }) => left >= to);
  return [Math.max(0, first - overscan), Math.min(scrolling.length, Math.max(end, first) + overscan)];
}

/** Index of the first entry for which the test holds, in a list where it holds from some point on; its length if none. */
function firstWhere<Entry>(list: readonly Entry[], holds: (entry: Entry) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as Entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}
