"use client";

import { BoxPlot, Panel, PanelBody } from "@ballast/ui";
import { useMemo } from "react";
import { useUrlState } from "@/page/use-url-state";
import { groupRuns } from "../table/grouping";
import { columnLabel } from "../table/run-columns";
import type { SearchedRun } from "../tracking";
import { FieldSelect, LogBox, numberFormat } from "./axis-controls";
import type { CompareState } from "./compare-state";
import { fieldNumber, groupingFields, metricKeys } from "./fields";

/** How a metric spreads within groups of the runs. */
export function BoxTab({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  const { params, set } = useUrlState();
  const groupings = useMemo(() => groupingFields(runs), [runs]);
  const metrics = useMemo(() => metricKeys(runs).map((key) => `metrics.${key}`), [runs]);
  const asked = { by: params.get("by"), of: params.get("of") };
  const by =
    groupings.find((id) => id === asked.by) ?? groupings.find((id) => id.startsWith("params.")) ?? groupings[0];
  const metric = metrics.find((id) => id === asked.of) ?? metrics[0];
  const groups = useMemo(
    () =>
      by && metric
        ? groupRuns(runs, by)
            .map(({ value, runs: own }) => ({
              label: value ?? "none",
              values: own.flatMap((run) => fieldNumber(run, metric) ?? []),
            }))
            .sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }))
        : [],
    [runs, by, metric],
  );
  const format = useMemo(() => numberFormat(metric ?? ""), [metric]);
  if (!by || !metric) {
    return (
      <Panel>
        <PanelBody>
          <p className="secondary">
            {metric ? "No parameter or tag parts these runs into groups." : "None of these runs has logged a metric."}
          </p>
        </PanelBody>
      </Panel>
    );
  }
  return (
    <Panel>
      <div className="filter-bar">
        <FieldSelect label="Metric" fields={metrics} value={metric} onChange={(id) => set({ of: id })} />
        <FieldSelect label="Grouped by" fields={groupings} value={by} onChange={(id) => set({ by: id })} />
        <LogBox label="log y" on={state.yLog} onChange={() => set({ logy: state.yLog ? null : "1" })} />
      </div>
      <PanelBody>
        <BoxPlot
          title={`${columnLabel(metric)} by ${columnLabel(by)}`}
          summary={`${groups.length} groups of ${runs.length} runs. Boxes span the quartiles, whiskers 1.5 times as far.`}
          unit={`${columnLabel(metric)}, each point a run`}
          groups={groups}
          format={format}
          yLog={state.yLog}
          height={380}
        />
      </PanelBody>
    </Panel>
  );
}
