// biome-ignore-all lint/a11y/useSemanticElements: a grid that is virtual in both directions cannot be made of table elements
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active line
"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { Icon } from "../icon.tsx";
import type { ColumnLayout, PlacedColumn } from "./column-layout.ts";
import type { CellState, GridColumn, GridLine } from "./grid-types.ts";

export interface LineProps<Row> {
  gridId: string;
  index: number;
  /** Pixels from the top of the body. */
  top: number;
  line: GridLine<Row> | undefined;
  layout: ColumnLayout<Row>;
  /** The scrolling columns in view, and the room before them. */
  shown: readonly PlacedColumn<Row>[];
  before: number;
  selected: boolean;
  active: boolean;
  color: string | undefined;
  phone: boolean;
  onToggleGroup: ((id: string) => void) | undefined;
}

/** The element id of a line, for `aria-activedescendant`. */
export const lineElementId = (gridId: string, index: number): string => `${gridId}-line-${index}`;

function Line<Row>(props: LineProps<Row>) {
  const { gridId, index, top, line, layout, selected, active } = props;
  return (
    <div
      id={lineElementId(gridId, index)}
      className="grid-line"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={line?.kind === "row" ? selected : undefined}
      data-index={index}
      data-kind={line?.kind ?? "waiting"}
      data-selected={selected || undefined}
      data-active={active || undefined}
      style={{ transform: `translateY(${top}px)`, width: props.phone ? "100%" : layout.totalWidth }}
    >
      {line === undefined ? (
        <WaitingCells {...props} />
      ) : line.kind === "group" ? (
        <GroupCells {...props} line={line} />
      ) : props.phone ? (
        <PhoneCells {...props} line={line} />
      ) : (
        <RowCells {...props} line={line} />
      )}
    </div>
  );
}

/** Drawn again only when something of its own changed: scrolling moves hundreds of these. */
export const GridLineView = memo(Line) as typeof Line;

function RowCells<Row>(props: LineProps<Row> & { line: Extract<GridLine<Row>, { kind: "row" }> }) {
  const { line, layout, shown, before, selected, color, index } = props;
  const state: CellState = { selected, color, index };
  return (
    <>
      {layout.pinned.map((placed) => (
        <BodyCell key={placed.column.id} placed={placed} row={line.row} state={state} />
      ))}
      {before > 0 ? <span role="presentation" style={{ width: before, flex: "none" }} /> : null}
      {shown.map((placed) => (
        <BodyCell key={placed.column.id} placed={placed} row={line.row} state={state} />
      ))}
    </>
  );
}

function BodyCell<Row>({ placed, row, state }: { placed: PlacedColumn<Row>; row: Row; state: CellState }) {
  const { column } = placed;
  return (
    <div
      className="grid-cell"
      role="gridcell"
      aria-colindex={placed.place}
      data-numeric={column.numeric || undefined}
      data-pinned={column.pinned || undefined}
      style={placed.style}
    >
      {column.cell ? column.cell(row, state) : column.text(row)}
    </div>
  );
}

function GroupCells<Row>(props: LineProps<Row> & { line: Extract<GridLine<Row>, { kind: "group" }> }) {
  const { line, layout, shown, before, onToggleGroup } = props;
  return (
    <>
      <div
        className="grid-cell"
        role="gridcell"
        aria-colindex={1}
        data-pinned="true"
        style={{ width: Math.max(layout.pinnedWidth, 200), left: 0 }}
      >
        <button
          type="button"
          className="grid-group"
          aria-expanded={line.open}
          title={`${line.label}, ${line.note}`}
          onClick={() => onToggleGroup?.(line.id)}
        >
          <Icon of={line.open ? ChevronDown : ChevronRight} size={14} />
          <span className="grid-head-text">{line.label}</span>
          <small>{line.note}</small>
        </button>
      </div>
      {props.phone || before === 0 ? null : <span role="presentation" style={{ width: before, flex: "none" }} />}
      {(props.phone ? [] : shown).map(({ column, place, style }) => (
        <div
          key={column.id}
          className="grid-cell"
          role="gridcell"
          aria-colindex={place}
          data-numeric={column.numeric || undefined}
          style={style}
          title={line.titles?.[column.id] ?? line.cells[column.id]}
        >
          {line.cells[column.id] ?? ""}
        </div>
      ))}
    </>
  );
}

function WaitingCells<Row>({ layout }: LineProps<Row>) {
  return (
    <div className="grid-cell" role="gridcell" aria-colindex={1} style={{ width: layout.pinnedWidth }}>
      <span className="grid-waiting" />
      <span className="visually-hidden">Loading</span>
    </div>
  );
}

/** On phones a line is a block: its controls and name first, then a few labelled fields. */
function PhoneCells<Row>(props: LineProps<Row> & { line: Extract<GridLine<Row>, { kind: "row" }> }) {
  const { line, layout, selected, color, index } = props;
  const state: CellState = { selected, color, index };
  const all = [...layout.pinned, ...layout.scrolling];
  const content = (column: GridColumn<Row>) => (column.cell ? column.cell(line.row, state) : column.text(line.row));
  return (
    <>
      <div className="grid-phone-name" role="gridcell">
        {all
          .filter(({ column }) => column.phone === "name")
          .map(({ column }) => (
            <span key={column.id}>{content(column)}</span>
          ))}
      </div>
      {all
        .filter(({ column }) => column.phone === "field")
        .slice(0, 4)
        .map(({ column }) => (
          <div key={column.id} className="grid-phone-field" role="gridcell">
            <small>{column.header}</small>
            {content(column)}
          </div>
        ))}
    </>
  );
}
