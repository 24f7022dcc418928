import type { CustomSeriesOption, EChartsOption, LineSeriesOption, SeriesOption } from "echarts";
import { formatDateTime, formatDuration } from "../../format.ts";
import { durationTicks, tickLabel, timeTicks } from "../../time-ticks.ts";
import type { ChartTheme } from "../chart-theme.ts";
import { type OddPoint, oddPoints, type RunLine } from "./run-line.ts";
import { smoothed } from "./smoothing.ts";

export type LineAxis = "step" | "time" | "duration" | "value";

export interface RunLinesSpec {
  lines: readonly RunLine[];
  axis: LineAxis;
  /** What the axis is in, below it. */
  axisLabel: string;
  xLog: boolean;
  yLog: boolean;
  /** Half-life of the smoothing in the axis' unit; 0 for none. */
  halfLife: number;
  /** The part of the axis that is shown; the whole where left out. */
  range: readonly [number, number] | undefined;
  format: (value: number) => string;
}

const DASH = { solid: undefined, dashed: [6, 4], dotted: [1.5, 3] } as const;
/** Fewer positions than this are drawn as points too. */
const FEW = 40;

/** Many runs' metric over one axis: lines with their min–max bands, smoothed or as they are, odd values at the edges. */
export function runLinesOption(spec: RunLinesSpec, theme: ChartTheme): EChartsOption {
  const series = spec.lines.flatMap((line): (SeriesOption | undefined)[] => [
    bandOf(line, spec, theme),
    ...linesOf(line, spec, theme),
    oddSeries(line, theme),
  ]);
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 14, top: 14, bottom: 20, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: xAxis(spec, theme),
    yAxis: {
      type: spec.yLog ? "log" : "value",
      ...(spec.yLog ? { logBase: 10 } : { scale: true, splitNumber: 4 }),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.ink3, fontSize: 11, margin: 8, formatter: spec.format },
    },
    series: series.filter((one): one is SeriesOption => one !== undefined),
  };
}

/** How a position of the axis is named. */
export function axisText(axis: LineAxis, value: number): string {
  switch (axis) {
    case "time":
      return `${formatDateTime(value)} UTC`;
    case "duration":
      return formatDuration(value);
    case "step":
      return Math.round(value).toLocaleString("en-US").replace("-", "\u2212");
    case "value":
      return value.toLocaleString("en-US", { maximumSignificantDigits: 6 }).replace("-", "\u2212");
  }
}

function xAxis(spec: RunLinesSpec, theme: ChartTheme): EChartsOption["xAxis"] {
  const [from, to] = spec.range ?? [];
  const time = spec.axis === "time";
  const ticks =
    time && from !== undefined && to !== undefined && to - from > 7_200_000 ? timeTicks(from, to, 6) : undefined;
  const label = time
    ? ticks
      ? { formatter: (value: number) => tickLabel(value), customValues: ticks }
      : { formatter: (value: number) => new Date(value).toISOString().slice(11, 19) }
    : {
        formatter: (value: number) => (spec.axis === "duration" && value === 0 ? "0" : axisText(spec.axis, value)),
        ...(spec.axis === "duration" && !spec.xLog && from !== undefined && to !== undefined
          ? { customValues: durationTicks(from, to, 6) }
          : {}),
      };
  return {
    type: spec.xLog ? "log" : "value",
    name: spec.axisLabel,
    nameLocation: "end",
    nameTextStyle: { color: theme.ink2, fontSize: 11, align: "right", verticalAlign: "top", padding: [22, 0, 0, 0] },
    ...(from === undefined ? { min: "dataMin" } : { min: from }),
    ...(to === undefined ? { max: "dataMax" } : { max: to }),
    splitNumber: 4,
    // There is no half step.
    ...(spec.axis === "step" && !spec.xLog ? { minInterval: 1 } : {}),
    axisLine: { lineStyle: { color: theme.lineStrong }, onZero: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: { color: theme.ink3, fontSize: 11, hideOverlap: true, margin: 8, showMaxLabel: false, ...label },
  };
}

/** A value the axes have a place for, as ECharts wants it; "-" leaves a gap. */
function shown(value: number, log: boolean): number | "-" {
  return Number.isFinite(value) && (!log || value > 0) ? value : "-";
}

function linesOf(line: RunLine, spec: RunLinesSpec, theme: ChartTheme): LineSeriesOption[] {
  const color = theme.series[line.color];
  const points = (y: ArrayLike<number>) =>
    line.x.flatMap((x, i): [number, number | "-"][] =>
      spec.xLog && x <= 0 ? [] : [[x, shown(y[i] as number, spec.yLog)]],
    );
  const base = (y: ArrayLike<number>, faint: boolean): LineSeriesOption => ({
    type: "line",
    id: `${line.id} ${faint ? "raw" : "line"}`,
    name: line.label,
    data: points(y),
    symbol: "circle",
    symbolSize: 4,
    showSymbol: !faint && line.x.length <= FEW && spec.lines.length <= 20,
    silent: true,
    z: faint ? 3 : 5,
    itemStyle: { color },
    lineStyle: {
      color,
      width: faint ? 1 : 1.75,
      opacity: faint ? 0.28 : 1,
      cap: "round",
      join: "round",
      ...(DASH[line.dash] ? { type: [...(DASH[line.dash] as readonly number[])] } : {}),
    },
    emphasis: { disabled: true },
  });
  if (spec.halfLife <= 0) return [base(line.y, false)];
  return [base(line.y, true), base(smoothed(line.x, line.y, spec.halfLife), false)];
}

type Box = { x: number; y: number; width: number; height: number };

/** From least to greatest of every position: what a bucket hides is drawn, down to a spike of a single point. */
function bandOf(line: RunLine, spec: RunLinesSpec, theme: ChartTheme): CustomSeriesOption | undefined {
  if (line.exact) return undefined;
  const runs = bandParts(line, spec);
  if (runs.length === 0) return undefined;
  const all = runs.flat();
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, low, high] of all) {
    least = Math.min(least, low);
    greatest = Math.max(greatest, high);
  }
  const at = all[0]?.[0] ?? 0;
  const fill = theme.series[line.color];
  // One run's band says its range; the bands of many overlap, and each must leave the others to be seen.
  const opacity = spec.lines.length <= 4 ? 0.16 : 0.08;
  // The edge carries a spike of one point, which has no area to be seen by.
  const edge = spec.lines.length <= 20 ? 0.55 : 0.3;
  return {
    type: "custom",
    id: `${line.id} band`,
    silent: true,
    clip: true,
    z: 1,
    data: [
      [at, least],
      [at, greatest],
    ],
    renderItem: (params, api) => {
      if (params.dataIndex !== 0) return { type: "group", children: [] };
      const corner = (x: number, y: number): number[] => api.coord([x, y]);
      return {
        type: "group",
        children: runs.map((run) => ({
          type: "polygon" as const,
          shape: {
            points: [
              ...run.map(([x, , high]) => corner(x, high)),
              ...run.toReversed().map(([x, low]) => corner(x, low)),
            ],
          },
          style: { fill, opacity: edge, fillOpacity: opacity / edge, stroke: fill, lineWidth: 1 },
        })),
      };
    },
  };
}

function bandParts(line: RunLine, { xLog, yLog }: RunLinesSpec): [x: number, low: number, high: number][][] {
  const parts: [number, number, number][][] = [[]];
  line.x.forEach((x, i) => {
    const [low, high] = [line.low[i] as number, line.high[i] as number];
    const off = !Number.isFinite(low) || !Number.isFinite(high) || (yLog && low <= 0) || (xLog && x <= 0);
    if (!off) parts.at(-1)?.push([x, low, high]);
    else if (parts.at(-1)?.length) parts.push([]);
  });
  return parts.filter((part) => part.length > 0);
}

/** NaN as ×, +∞ as ▲ at the top, −∞ as ▼ at the foot, in the run's colour. */
function oddSeries(line: RunLine, theme: ChartTheme): CustomSeriesOption | undefined {
  const odd = oddPoints(line);
  if (odd.length === 0) return undefined;
  const fill = theme.series[line.color];
  const level = line.y.find((value) => Number.isFinite(value)) ?? 1;
  return {
    type: "custom",
    id: `${line.id} odd`,
    silent: true,
    clip: true,
    z: 7,
    data: odd.map(({ x }) => [x, level]),
    renderItem: (params, api) => {
      const point = odd[params.dataIndex];
      const [x = 0] = api.coord([api.value(0), level]);
      return point ? oddMark(point, x, params.coordSys as unknown as Box, fill) : { type: "group", children: [] };
    },
  };
}

function oddMark(point: OddPoint, x: number, box: Box, fill: string) {
  const foot = box.y + box.height;
  if (point.kind === "nan") {
    const y = foot - 5;
    const line = (dy: number) => ({
      type: "line" as const,
      shape: { x1: x - 3, y1: y - dy, x2: x + 3, y2: y + dy },
      style: { stroke: fill, lineWidth: 1.5 },
    });
    return { type: "group" as const, children: [line(3), line(-3)] };
  }
  const [tip, base] = point.kind === "up" ? [box.y, box.y + 7] : [foot, foot - 7];
  return {
    type: "polygon" as const,
    shape: {
      points: [
        [x, tip],
        [x - 4, base],
        [x + 4, base],
      ],
    },
    style: { fill },
  };
}
