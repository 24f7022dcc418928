"use client";

import type { EChartsOption } from "echarts";
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useRef } from "react";
import { MISSING } from "../../format.ts";
import type { SeriesColor } from "../../tone.ts";
import { ChartFrame } from "../chart-frame.tsx";
import { type ChartTheme, useChartTheme } from "../chart-theme.ts";
import { Plot } from "./plot.tsx";

export interface ParallelPlotAxis {
  id: string;
  label: string;
  /** Values that are no numbers stand as they are, in the order given. */
  kind: "number" | "log" | "category";
  categories?: readonly string[];
  /** The better end is below: smaller is better. */
  inverse?: boolean;
  format: (value: number) => string;
}

export interface ParallelPlotRun {
  id: string;
  label: string;
  color: SeriesColor;
  dash: "solid" | "dashed" | "dotted";
  /** One per axis; undefined where the run has none. */
  values: readonly (number | string | undefined)[];
}

const LABEL_AT = 14;
/** Narrower than this, the labels of an axis run into the next: then the picture scrolls. */
const AXIS_WIDTH = 88;

/** Each run is a line across its parameters and metrics. Dragging along an axis keeps the runs that cross there. */
export function ParallelPlot({
  title,
  summary,
  axes,
  runs,
  onBrush,
  height = 300,
}: {
  title: string;
  summary: string;
  axes: readonly ParallelPlotAxis[];
  runs: readonly ParallelPlotRun[];
  /** Ids of the runs within every brushed range; undefined when nothing is brushed. */
  onBrush?: (ids: readonly string[] | undefined) => void;
  height?: number;
}) {
  const theme = useChartTheme();
  const option = useMemo(() => theme && parallelOption(axes, runs, theme), [axes, runs, theme]);
  const latest = useRef({ runs, onBrush });
  latest.current = { runs, onBrush };
  const listen = useCallback((chart: EChartsType) => {
    chart.on("axisareaselected", () => {
      const { runs: drawn, onBrush: tell } = latest.current;
      const kept = activeIndices(chart);
      tell?.(kept.length === drawn.length ? undefined : kept.flatMap((index) => drawn[index]?.id ?? []));
    });
  }, []);
  return (
    <ChartFrame
      title={title}
      unit={title}
      height={height}
      legend={runs.length > 12 ? [] : runs.map((run) => ({ label: run.label, color: `var(--${run.color})` }))}
      table={() => ({
        head: ["Run", ...axes.map(({ label }) => label)],
        rows: runs.map((run, x) => ({
          x,
          cells: [
            run.label,
            ...axes.map(({ format }, index) => {
              const value = run.values[index];
              return value === undefined ? MISSING : typeof value === "number" ? format(value) : value;
            }),
          ],
        })),
      })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={title}>
        <div style={{ minWidth: axes.length * AXIS_WIDTH }}>
          <Plot option={option} height={height} label={`${title}. ${summary}`} onReady={listen} />
        </div>
      </section>
    </ChartFrame>
  );
}

/** The part of ECharts' model that knows which lines lie within the brushed ranges; not in its public types. */
interface ParallelModel {
  getModel(): { getSeriesByIndex(index: number): { getRawIndicesByActiveState(state: "active" | "normal"): number[] } };
}

function activeIndices(chart: EChartsType): number[] {
  const series = (chart as unknown as ParallelModel).getModel().getSeriesByIndex(0);
  const active = series.getRawIndicesByActiveState("active");
  return active.length > 0 ? active : series.getRawIndicesByActiveState("normal");
}

type ParallelAxis = Extract<NonNullable<EChartsOption["parallelAxis"]>, readonly unknown[]>[number];

function parallelOption(
  axes: readonly ParallelPlotAxis[],
  runs: readonly ParallelPlotRun[],
  theme: ChartTheme,
): EChartsOption {
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    parallel: { left: 40, right: 60, top: 40, bottom: 16 },
    parallelAxis: axes.map(
      (axis, dim): ParallelAxis => ({
        dim,
        name: axis.label,
        // One object for three kinds of axis: which options go with which kind is decided here, beyond what the types can follow.
        type: (axis.kind === "number" ? "value" : axis.kind) as "value",
        ...(axis.categories ? ({ data: [...axis.categories] } as object) : { scale: true }),
        inverse: axis.inverse ?? false,
        nameTextStyle: { color: theme.ink2, fontSize: 11, width: 110, overflow: "truncate" as const },
        nameGap: LABEL_AT,
        // The name keeps its place above, whichever way the axis runs.
        nameLocation: axis.inverse ? ("start" as const) : ("end" as const),
        splitNumber: 4,
        axisLine: { lineStyle: { color: theme.lineStrong } },
        axisTick: { show: false },
        // Above the lines, which would strike the labels through.
        z: 20,
        axisLabel: {
          color: theme.ink2,
          fontSize: 11,
          textBorderColor: theme.surface,
          textBorderWidth: 3,
          ...(axis.kind === "category"
            ? { width: 84, overflow: "truncate" as const }
            : { formatter: (value: number) => axis.format(value) }),
        },
        areaSelectStyle: {
          width: 14,
          borderWidth: 1,
          borderColor: theme.series.s1,
          color: theme.series.s1,
          opacity: 0.2,
        },
      }),
    ),
    series: [
      {
        type: "parallel",
        inactiveOpacity: 0.08,
        activeOpacity: 1,
        lineStyle: { width: runs.length > 40 ? 1 : 1.5 },
        data: runs.map((run) => ({
          name: run.label,
          value: run.values.map((value) => value ?? Number.NaN),
          lineStyle: { color: theme.series[run.color], opacity: runs.length > 40 ? 0.6 : 0.9, type: run.dash },
        })),
      },
    ],
  };
}
