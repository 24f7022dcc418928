// biome-ignore-all lint/a11y/useSemanticElements: a grid that is virtual in both directions cannot be made of table elements
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active line
"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, memo, type PointerEvent, useRef, useState } from "react";
import type { SortOrder } from "../data-table-types.ts";
import { Icon } from "../icon.tsx";
import { type ColumnLayout, clampWidth, type PlacedColumn } from "./column-layout.ts";
import type { GridColumn } from "./grid-types.ts";

/** How far a key press moves a column's edge, pixels. */
const KEY_STEP = 16;

interface HeaderProps<Row> {
  layout: ColumnLayout<Row>;
  shown: readonly PlacedColumn<Row>[];
  before: number;
  sort: SortOrder | undefined;
  onSort: ((sort: SortOrder) => void) | undefined;
  onResize: ((column: string, width: number) => void) | undefined;
}

function Header<Row>({ layout, shown, before, ...rest }: HeaderProps<Row>) {
  return (
    <div className="grid-head" role="row" aria-rowindex={1} style={{ width: layout.totalWidth }}>
      {layout.pinned.map((placed) => (
        <HeadCell key={placed.column.id} placed={placed} {...rest} />
      ))}
      {before > 0 ? <span role="presentation" style={{ width: before, flex: "none" }} /> : null}
      {shown.map((placed) => (
        <HeadCell key={placed.column.id} placed={placed} {...rest} />
      ))}
    </div>
  );
}

export const GridHeader = memo(Header) as typeof Header;

function nextOrder<Row>(column: GridColumn<Row>, sort: SortOrder | undefined): SortOrder {
  const descending = sort?.column === column.id ? !sort.descending : (column.descendingFirst ?? false);
  return { column: column.id, descending };
}

function HeadCell<Row>({
  placed,
  sort,
  onSort,
  onResize,
}: Pick<HeaderProps<Row>, "sort" | "onSort" | "onResize"> & { placed: PlacedColumn<Row> }) {
  const { column } = placed;
  const cell = useRef<HTMLDivElement>(null);
  const sorted = sort?.column === column.id ? (sort.descending ? "descending" : "ascending") : undefined;
  const resizable = onResize !== undefined && column.resizable !== false;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
    if (step === undefined || !event.shiftKey || !resizable) return;
    event.preventDefault();
    onResize(column.id, clampWidth(column.width + step));
  };
  return (
    <div
      ref={cell}
      className="grid-head-cell"
      role="columnheader"
      aria-colindex={placed.place}
      aria-sort={sorted}
      data-numeric={column.numeric || undefined}
      data-pinned={column.pinned || undefined}
      style={placed.style}
      title={column.hint ?? column.header}
    >
      {column.sortable === false || !onSort ? (
        <span className={column.hideHeader ? "visually-hidden" : "grid-head-text"}>{column.header}</span>
      ) : (
        <button
          type="button"
          className="sort-button"
          onClick={() => onSort(nextOrder(column, sort))}
          onKeyDown={onKeyDown}
          aria-description={resizable ? "Shift and arrow keys change the width" : undefined}
        >
          <span className="grid-head-text">{column.header}</span>
          {sorted ? <Icon of={sorted === "ascending" ? ArrowUp : ArrowDown} size={12} /> : null}
        </button>
      )}
      {resizable ? <ResizeEdge column={column} onResize={onResize} /> : null}
    </div>
  );
}

/** The right edge of a head cell: drag it. The keyboard does the same from the sort button. */
function ResizeEdge<Row>({
  column,
  onResize,
}: {
  column: GridColumn<Row>;
  onResize: (column: string, width: number) => void;
}) {
  const [start, setStart] = useState<{ x: number; width: number }>();
  const widthAt = (event: PointerEvent): number =>
    start === undefined ? column.width : clampWidth(start.width + event.clientX - start.x);
  return (
    <span
      className="grid-edge"
      aria-hidden="true"
      data-dragging={start !== undefined || undefined}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        setStart({ x: event.clientX, width: column.width });
      }}
      onPointerMove={(event) => {
        if (start) event.currentTarget.style.setProperty("--moved", `${widthAt(event) - column.width}px`);
      }}
      onPointerUp={(event) => {
        event.currentTarget.style.removeProperty("--moved");
        if (start) onResize(column.id, widthAt(event));
        setStart(undefined);
      }}
      onPointerCancel={(event) => {
        event.currentTarget.style.removeProperty("--moved");
        setStart(undefined);
      }}
    />
  );
}
