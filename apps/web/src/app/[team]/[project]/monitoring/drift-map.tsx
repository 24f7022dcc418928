"use client";

import { Cell, Field, formatDay, Grid, HeatMap, HeatScale, Panel, PanelBody, Select } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { QueryView } from "@/page/query-view";
import { statisticWords } from "@/page/statistic-words";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { ColumnOnDay } from "./column-on-day";
import { cellOf, type HeatMapData, heatRows, lookedAt } from "./monitoring-data";

/** Drift per column and day, and beside it the selected cell's distributions. */
export function DriftMap({ name, range }: { name: string; range: { from?: string } }) {
  const { scope } = useProject();
  const { params } = useUrlState();
  const trpc = useTRPC();
  const test = params.get("test") ?? undefined;
  const query = useQuery(
    trpc.monitoring.heatMap.queryOptions(
      { ...scope, deployment: name, range, test },
      { placeholderData: keepPreviousData },
    ),
  );
  const cell = query.data ? cellOf(query.data, params) : undefined;
  return (
    <Grid>
      <Cell span={8}>
        <Panel title="Drift by column and day" note="statistic ÷ its calibrated limit" actions={<HeatScale />}>
          <QueryView query={query} what="findings" rows={10}>
            {(map) => <DriftGrid map={map} cell={cell} />}
          </QueryView>
        </Panel>
      </Cell>
      <Cell span={4}>
        {query.data && cell ? (
          <ColumnOnDay name={name} map={query.data} cell={cell} />
        ) : (
          <Panel title="Distribution">
            <PanelBody>
              <p className="muted small">Choose a cell of the map to compare its day with the reference.</p>
            </PanelBody>
          </Panel>
        )}
      </Cell>
    </Grid>
  );
}

function DriftGrid({ map, cell }: { map: HeatMapData; cell: { column: string; day: string } | undefined }) {
  const { params, set } = useUrlState();
  const days = useMemo(() => lookedAt(map), [map]);
  const rows = useMemo(() => heatRows(map, days), [map, days]);
  const columns = useMemo(() => days.map((day) => ({ id: day, label: formatDay(day) })), [days]);
  if (rows.length === 0) {
    return (
      <PanelBody>
        <p className="muted small">
          No column has been tested in this range: the reference is built with the first champion.
        </p>
      </PanelBody>
    );
  }
  return (
    <PanelBody className="grid gap-3">
      <HeatMap
        rows={rows}
        columns={columns}
        label={`Drift of ${rows.length} columns on ${columns.length} days as multiples of each column's limit`}
        selected={cell ? { rowId: cell.column, columnId: cell.day } : undefined}
        onOpen={({ rowId, columnId }) => set({ column: rowId, day: columnId })}
      />
      <div className="max-w-[320px]">
        <Field label="Test">
          <Select value={params.get("test") ?? ""} onChange={(event) => set({ test: event.target.value || null })}>
            <option value="">the strongest of all calibrated tests</option>
            {map.tests.map(({ id, statistic }) => (
              <option key={id} value={id}>
                {statisticWords(statistic)} ({id})
              </option>
            ))}
          </Select>
        </Field>
      </div>
    </PanelBody>
  );
}
