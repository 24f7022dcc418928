"use client";

import { DataGrid, type GridColumn, type GridLine, Panel, Swatch } from "@ballast/ui";
import { useCallback, useMemo } from "react";
import { useUrlState } from "@/page/use-url-state";
import type { SearchedRun } from "../tracking";
import { type CompareState, lookOf } from "./compare-state";
import { type FieldRow, fieldRows } from "./fields";

/** Every field as a row, every run as a column; at first only what tells them apart. */
export function CompareTable({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  const { params, set } = useUrlState();
  const everything = params.has("all");
  const rows = useMemo(() => fieldRows(runs), [runs]);
  const shown = useMemo(
    () => (everything || runs.length < 2 ? rows : rows.filter(({ differs }) => differs)),
    [rows, everything, runs.length],
  );
  const columns = useMemo(() => tableColumns(runs, state), [runs, state]);
  const lines = useMemo(() => shown.map((row): GridLine<FieldRow> => ({ kind: "row", id: row.id, row })), [shown]);
  const lineAt = useCallback((index: number) => lines[index], [lines]);
  return (
    <Panel>
      <div className="filter-bar">
        <label className="row small">
          <input
            type="checkbox"
            checked={!everything}
            onChange={() => set({ all: everything ? null : "1" })}
            disabled={runs.length < 2}
          />
          Only what differs
        </label>
        <span className="end muted small">
          {shown.length} of {rows.length} fields
        </span>
      </div>
      {lines.length === 0 ? (
        <p className="panel-body secondary">These runs differ in nothing that was logged.</p>
      ) : (
        <DataGrid
          label={`Comparison of ${runs.length} runs`}
          columns={columns}
          count={lines.length}
          lineAt={lineAt}
          isSelected={() => false}
          blocks={false}
        />
      )}
    </Panel>
  );
}

function tableColumns(runs: readonly SearchedRun[], state: CompareState): GridColumn<FieldRow>[] {
  return [
    {
      id: "field",
      header: "Field",
      width: 200,
      pinned: true,
      sortable: false,
      text: (row) => row.label,
      cell: (row) => (
        <span title={row.id}>
          {row.label} <small className="muted">{row.kind.toLowerCase()}</small>
        </span>
      ),
      phone: "name",
    },
    ...runs.map((run, index): GridColumn<FieldRow> => {
      const { color } = lookOf(run.id, state.ids.indexOf(run.id), state.colors);
      return {
        id: run.id,
        header: run.name,
        width: 150,
        numeric: true,
        sortable: false,
        text: (row) => row.texts[index] ?? "",
        cell: (row) => (
          <span className={row.best[index] ? "best" : undefined} title={row.texts[index]}>
            {row.id === "attributes.status" ? <Swatch color={color} /> : null} {row.texts[index]}
          </span>
        ),
        phone: "field",
      };
    }),
  ];
}
