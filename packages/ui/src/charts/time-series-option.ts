import type { BarSeriesOption, EChartsOption, LineSeriesOption, SeriesOption } from "echarts";
import { tickLabel, timeTicks } from "../time-ticks.ts";
import {
  type AxisKind,
  allPositions,
  type ChartEvent,
  type ChartLimit,
  type ChartSeries,
  type HarmSide,
} from "./chart-data.ts";
import type { ChartTheme } from "./chart-theme.ts";
import { bandSeries, eventSeries, harmSeries, limitSeries } from "./overlay-series.ts";

export interface TimeSeriesSpec {
  series: readonly ChartSeries[];
  limits: readonly ChartLimit[];
  events: readonly ChartEvent[];
  harm: HarmSide | undefined;
  xKind: AxisKind;
  yScale: "linear" | "log";
  /** Fixes the axis; points outside are cut. */
  yRange: readonly [low: number, high: number] | undefined;
  includeZero: boolean;
  format: (value: number) => string;
}

/** The ECharts option of a time series in a theme. Pure; the tooltip is added where a document exists. */
export function timeSeriesOption(spec: TimeSeriesSpec, theme: ChartTheme): EChartsOption {
  const positions = allPositions(spec.series);
  const at = positions[0] ?? 0;
  const level = spec.limits[0]?.value ?? firstValue(spec.series) ?? 0;
  const overlays: (SeriesOption | undefined)[] = [
    spec.harm ? harmSeries(spec.harm, at, theme) : undefined,
    ...spec.series.map((one) => bandSeries(one, theme)),
    ...spec.events.map((event) => eventSeries(event, level, theme)),
    ...spec.limits.map((limit) => limitSeries(limit, at, theme)),
  ];
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 6, top: 14, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: xAxis(spec, positions, theme),
    yAxis: yAxis(spec, theme),
    series: [
      ...spec.series.map((one) => mainSeries(one, theme)),
      ...overlays.filter((one): one is SeriesOption => one !== undefined),
    ],
  };
}

function firstValue(series: readonly ChartSeries[]): number | undefined {
  for (const one of series) {
    for (const point of one.points) if (point.y !== null) return point.y;
  }
  return undefined;
}

function xAxis(spec: TimeSeriesSpec, positions: readonly number[], theme: ChartTheme): EChartsOption["xAxis"] {
  const ticks = spec.xKind === "time" ? timeTicks(positions[0] ?? 0, positions.at(-1) ?? 0, 6) : [];
  const bars = spec.series.some((one) => one.style === "bar");
  return {
    type: spec.xKind === "time" ? "time" : "value",
    ...(spec.xKind === "number" ? { min: "dataMin", max: "dataMax" } : {}),
    ...(bars ? { boundaryGap: ["4%", "4%"] as [string, string] } : {}),
    splitNumber: 5,
    axisLine: { lineStyle: { color: theme.lineStrong }, onZero: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: theme.ink3,
      fontSize: 11,
      hideOverlap: true,
      margin: 8,
      ...(spec.xKind === "time" ? { formatter: (value: number) => tickLabel(value), customValues: ticks } : {}),
    },
    axisPointer: { label: { show: false } },
  };
}

function yAxis(spec: TimeSeriesSpec, theme: ChartTheme): EChartsOption["yAxis"] {
  const [low, high] = spec.yRange ?? [];
  const shared = {
    ...(low === undefined ? {} : { min: low }),
    ...(high === undefined ? {} : { max: high }),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: { color: theme.ink3, fontSize: 11, margin: 8, formatter: spec.format },
  };
  if (spec.yScale === "log") return { type: "log", logBase: 10, ...shared };
  return { type: "value", scale: !spec.includeZero, splitNumber: 4, ...shared };
}

function mainSeries(series: ChartSeries, theme: ChartTheme): LineSeriesOption | BarSeriesOption {
  const color = theme.series[series.color];
  if (series.style === "bar") {
    return {
      type: "bar",
      id: series.id,
      name: series.label,
      stack: "bars",
      barCategoryGap: "18%",
      data: series.points.map((point) => [point.x, point.y]),
      itemStyle: { color },
      emphasis: { disabled: true },
    };
  }
  const lastKnown = series.points.findLastIndex((point) => point.y !== null);
  return {
    type: "line",
    id: series.id,
    name: series.label,
    z: 5,
    symbol: "none",
    showAllSymbol: true,
    ...(series.style === "step" ? { step: "end" as const } : {}),
    lineStyle: {
      color,
      width: 1.75,
      cap: "round",
      join: "round",
      ...(series.style === "dashed" ? { type: [4, 3] } : {}),
    },
    itemStyle: { color, borderColor: theme.surface, borderWidth: 1.5 },
    ...(series.style === "area" ? { areaStyle: { color: theme.ink3, opacity: 0.22 } } : {}),
    emphasis: { disabled: true },
    data: series.points.map((point, index) =>
      index === lastKnown
        ? { value: [point.x, point.y ?? "-"], symbol: "circle", symbolSize: 7 }
        : { value: [point.x, point.y ?? "-"] },
    ),
  };
}
