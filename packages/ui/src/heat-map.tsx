"use client";

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { formatDecimal } from "./format.ts";
import { HEAT_MAXIMUM, HEAT_STEPS, heatStep, moveInGrid } from "./heat-scale.ts";

export interface HeatMapRow {
  id: string;
  label: string;
  /** One per column: the value as a multiple of its calibrated limit, or null where nothing was measured. */
  values: readonly (number | null)[];
  /** Why a column has no value, where more is known than that nothing was measured. */
  reasons?: readonly (string | null)[];
  /** A gap above this row parts it from the group before. */
  groupStart?: boolean;
}

export interface HeatMapColumn {
  id: string;
  /** The full name, for hover and screen readers: "20 Jun". */
  label: string;
}

export interface HeatMapCell {
  rowId: string;
  columnId: string;
}

export interface HeatMapProps {
  rows: readonly HeatMapRow[];
  columns: readonly HeatMapColumn[];
  /** One sentence that says what the picture shows. */
  label: string;
  selected?: HeatMapCell | undefined;
  /** Click or Enter: opens the evidence of a cell. */
  onOpen?: ((cell: HeatMapCell) => void) | undefined;
}

/**
 * Value ÷ limit per row and column, so that rows compare. ▽ stands on cells over their limit; the selected cell has an
 * ink frame. Arrow keys move, Enter opens.
 */
export function HeatMap({ rows, columns, label, selected, onOpen }: HeatMapProps) {
  const grid = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<{ row: number; column: number }>();
  const current = focus ?? startingCell(rows, columns, selected);
  const lastColumn = columns.at(-1)?.id;
  // Where the columns do not fit, the newest are in view first.
  useEffect(() => {
    const scroll = grid.current?.parentElement;
    if (scroll && lastColumn !== undefined) scroll.scrollLeft = scroll.scrollWidth;
  }, [lastColumn]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveInGrid(event.key, current, { rows: rows.length, columns: columns.length });
    if (!next) return;
    event.preventDefault();
    setFocus(next);
    grid.current?.querySelector<HTMLElement>(`[data-at="${next.row}:${next.column}"]`)?.focus();
  };

  return (
    <div className="heat-scroll">
      {/* biome-ignore lint/a11y/useSemanticElements: cells are laid out by CSS grid so that they share the width */}
      <div
        className="heat-grid"
        role="grid"
        aria-label={label}
        ref={grid}
        onKeyDown={onKeyDown}
        style={{ gridTemplateColumns: `max-content repeat(${columns.length}, minmax(12px, 1fr))` }}
        tabIndex={-1}
      >
        {rows.map((row, rowIndex) => (
          <HeatRow
            key={row.id}
            row={row}
            rowIndex={rowIndex}
            columns={columns}
            focusColumn={current.row === rowIndex ? current.column : undefined}
            selectedColumn={selected?.rowId === row.id ? selected.columnId : undefined}
            onOpen={onOpen}
            onFocus={(column) => setFocus({ row: rowIndex, column })}
          />
        ))}
        <HeatAxis columns={columns} />
      </div>
    </div>
  );
}

function startingCell(
  rows: readonly HeatMapRow[],
  columns: readonly HeatMapColumn[],
  selected: HeatMapCell | undefined,
): { row: number; column: number } {
  const row = rows.findIndex((candidate) => candidate.id === selected?.rowId);
  const column = columns.findIndex((candidate) => candidate.id === selected?.columnId);
  return row >= 0 && column >= 0 ? { row, column } : { row: 0, column: Math.max(0, columns.length - 1) };
}

function cellLabel(row: HeatMapRow, column: HeatMapColumn, index: number): string {
  const what = `${row.label}, ${column.label}`;
  const value = row.values[index];
  if (value === null || value === undefined) return `${what}: ${row.reasons?.[index] ?? "not measured"}`;
  return `${what}: ${formatDecimal(value, 2)} × its limit${value > 1 ? ", over the limit" : ""}`;
}

function HeatRow({
  row,
  rowIndex,
  columns,
  focusColumn,
  selectedColumn,
  onOpen,
  onFocus,
}: {
  row: HeatMapRow;
  rowIndex: number;
  columns: readonly HeatMapColumn[];
  focusColumn: number | undefined;
  selectedColumn: string | undefined;
  onOpen: HeatMapProps["onOpen"];
  onFocus: (column: number) => void;
}) {
  return (
    <>
      {row.groupStart ? <div className="heat-gap" role="presentation" /> : null}
      {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: focus goes to the cells */}
      <div className="heat-row" role="row">
        {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: focus goes to the cells */}
        <div className="heat-label" role="rowheader" data-active={selectedColumn !== undefined}>
          {row.label}
        </div>
        {columns.map((column, columnIndex) => {
          const value = row.values[columnIndex];
          const missing = value === null || value === undefined;
          const step = missing ? undefined : heatStep(value);
          return (
            // biome-ignore lint/a11y/useSemanticElements: see the grid
            <button
              type="button"
              role="gridcell"
              key={column.id}
              className="heat-cell"
              data-at={`${rowIndex}:${columnIndex}`}
              data-missing={missing}
              style={step === undefined ? undefined : { background: `var(--seq-${step})` }}
              aria-selected={selectedColumn === column.id}
              aria-label={cellLabel(row, column, columnIndex)}
              title={cellLabel(row, column, columnIndex)}
              tabIndex={focusColumn === columnIndex ? 0 : -1}
              onFocus={() => onFocus(columnIndex)}
              onClick={() => onOpen?.({ rowId: row.id, columnId: column.id })}
            >
              {!missing && value > 1 ? (
                <span className="heat-mark" data-on={(step ?? 0) >= 6 ? "dark-cell" : undefined} />
              ) : null}
            </button>
          );
        })}
      </div>
    </>
  );
}

/** Every so many columns one label; the last column always has one. */
function HeatAxis({ columns }: { columns: readonly HeatMapColumn[] }) {
  const every = Math.max(1, Math.ceil(columns.length / 6));
  const last = columns.length - 1;
  return (
    <div className="heat-row" aria-hidden="true">
      <span />
      {columns.map((column, index) => (
        <span className="heat-tick" key={column.id} data-last={index === last}>
          {index === last || (index % every === 0 && last - index >= every / 2) ? column.label : null}
        </span>
      ))}
    </div>
  );
}

/** The scale of a {@link HeatMap}, for the panel's head. */
export function HeatScale() {
  const limitAt = (1 / HEAT_MAXIMUM) * 162;
  return (
    <svg
      width="164"
      height="28"
      viewBox="0 0 164 28"
      role="img"
      aria-label={`Scale: 0 to ${HEAT_MAXIMUM} times the limit`}
    >
      {Array.from({ length: HEAT_STEPS }, (_, step) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the nine colours in order
        <rect key={step} x={step * 18} y="0" width="17" height="10" fill={`var(--seq-${step})`} />
      ))}
      <path d={`M${limitAt - 4} 13h8l-4 6z`} fill="var(--ink)" />
      <g fontSize="11" fill="var(--ink-3)">
        <text x="0" y="25">
          0
        </text>
        <text x={limitAt + 8} y="24" fill="var(--ink-2)">
          limit 1 ×
        </text>
        <text x="163" y="25" textAnchor="end">
          ≥ {HEAT_MAXIMUM}
        </text>
      </g>
    </svg>
  );
}
