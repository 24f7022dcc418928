"use client";

import { Button, Note, Panel, PanelBody, Segmented, Select } from "@ballast/ui";
import { useId, useMemo } from "react";
import { metricWords } from "@/page/metric-words";
import { useUrlState } from "@/page/use-url-state";
import { isSystemMetric, type SearchedRun } from "../tracking";
import { LogBox } from "./axis-controls";
import type { ChartedRun } from "./chart-lines";
import { type AxisChoice, type CompareState, lookOf, rangeText, SMOOTHINGS } from "./compare-state";
import { FieldChooser } from "./field-chooser";
import { metricKeys } from "./fields";
import { MetricChart } from "./metric-chart";
import { historiesFirst, isHistory } from "./metric-order";

/** Charted until somebody chooses. */
const MOST_FIRST = 6;
const MOST_OF_ONE = 24;

/** What charts need to know of a run. */
export type ChartableRun = Pick<SearchedRun, "id" | "name" | "startedAt" | "state"> & {
  metrics: object;
  /** Points received of each metric, where they do not stand with its last value. */
  series?: readonly { key: string; received: number }[];
};

/** A chart per metric, all over the same axis: a range chosen in one is the range of all. */
export function MetricCharts({
  runs,
  state,
  of = "all",
}: {
  runs: readonly ChartableRun[];
  state: CompareState;
  /** Metrics of the model, of the machine it ran on (`system/…`), or both. */
  of?: "model" | "system" | "all";
}) {
  const { set } = useUrlState();
  const keys = useMemo(() => {
    const all = metricKeys(runs).filter((key) => of === "all" || isSystemMetric(key) === (of === "system"));
    return historiesFirst(all, (key) => isHistory(runs, key));
  }, [runs, of]);
  const first = of === "all" ? keys.filter((key) => !isSystemMetric(key)) : keys;
  const shown =
    state.metrics?.filter((key) => keys.includes(key)) ?? first.slice(0, of === "all" ? MOST_FIRST : MOST_OF_ONE);
  const charted = useCharted(runs, state);
  const live = runs.some((run) => run.state === "running");
  if (keys.length === 0) {
    return (
      <Panel>
        <PanelBody>
          <p className="secondary">No metric has been logged.</p>
        </PanelBody>
      </Panel>
    );
  }
  return (
    <>
      <Panel>
        <div className="filter-bar compare-settings">
          <AxisSettings state={state} keys={keys} />
          <span className="end row">
            {state.range ? <Button onClick={() => set({ range: null })}>Whole range</Button> : null}
            <FieldChooser
              label="Metrics"
              all={keys}
              shown={shown}
              nameOf={(key) => metricWords(key).label}
              onChange={(next) => set({ metric: next })}
            />
          </span>
        </div>
        {shown.length === 0 ? <p className="panel-body secondary">No metric is chosen.</p> : null}
        <div className="compare-charts">
          {shown.map((metric) => (
            <MetricChart
              key={metric}
              metric={metric}
              runs={charted}
              axis={state.axis}
              xLog={state.xLog}
              yLog={state.yLog}
              smoothing={state.smoothing}
              range={state.range}
              onRange={(range) => set({ range: rangeText(range) })}
              live={live}
            />
          ))}
        </div>
      </Panel>
      {runs.length > 21 ? (
        <Note tone="info">
          {runs.length} runs share seven colours and three line styles: point at a line to read which run it is.
        </Note>
      ) : null}
    </>
  );
}

/** The runs as charts draw them; the same objects while nothing of theirs changes. */
function useCharted(runs: readonly ChartableRun[], state: CompareState): readonly ChartedRun[] {
  const key = JSON.stringify(
    runs.map((run): ChartedRun => {
      const look = lookOf(run.id, state.ids.indexOf(run.id), state.colors);
      return { id: run.id, label: run.name, ...look, startedAt: run.startedAt.getTime() };
    }),
  );
  return useMemo(() => JSON.parse(key) as ChartedRun[], [key]);
}

const AXES: readonly { value: "step" | "time" | "relative"; label: string }[] = [
  { value: "step", label: "Step" },
  { value: "time", label: "Wall time" },
  { value: "relative", label: "Relative time" },
];

function AxisSettings({ state, keys }: { state: CompareState; keys: readonly string[] }) {
  const { set } = useUrlState();
  const smoothingId = useId();
  const metric = state.axis.startsWith("metric:") ? state.axis.slice("metric:".length) : "";
  // Another axis is another unit: a range of the old one means nothing on it.
  const choose = (axis: AxisChoice): void => set({ x: axis === "step" ? null : axis, range: null });
  return (
    <>
      <Segmented
        label="Axis"
        options={AXES}
        value={AXES.find(({ value }) => value === state.axis)?.value}
        onChange={choose}
      />
      <Select
        className="!w-auto max-w-[160px]"
        aria-label="A metric as the axis"
        value={metric}
        onChange={(event) => choose(event.target.value === "" ? "step" : `metric:${event.target.value}`)}
      >
        <option value="">By a metric…</option>
        {keys.map((key) => (
          <option key={key} value={key}>
            {key}
          </option>
        ))}
      </Select>
      <LogBox label="log x" on={state.xLog} onChange={() => set({ logx: state.xLog ? null : "1" })} />
      <LogBox label="log y" on={state.yLog} onChange={() => set({ logy: state.yLog ? null : "1" })} />
      <span className="row small" title="Weighted by distance; the raw line stays behind it">
        <label htmlFor={smoothingId}>Smoothing</label>
        <Select
          id={smoothingId}
          className="!w-auto"
          value={String(state.smoothing)}
          onChange={(event) => set({ smooth: event.target.value === "0" ? null : event.target.value })}
        >
          {SMOOTHINGS.map((one) => (
            <option key={one} value={String(one)}>
              {one === 0 ? "none" : `half-life ${Number((one * 100).toFixed(1))} % of the axis`}
            </option>
          ))}
        </Select>
      </span>
    </>
  );
}
