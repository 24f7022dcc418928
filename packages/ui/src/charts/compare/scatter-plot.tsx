"use client";

import type { EChartsOption } from "echarts";
import { useCallback, useMemo } from "react";
import type { SeriesColor } from "../../tone.ts";
import { ChartFrame } from "../chart-frame.tsx";
import { type ChartTheme, useChartTheme } from "../chart-theme.ts";
import type { Reading } from "../reading.ts";
import { Plot } from "./plot.tsx";

export interface ScatterPoint {
  id: string;
  label: string;
  color: SeriesColor;
  x: number;
  y: number;
}

export interface ScatterAxis {
  label: string;
  log: boolean;
  format: (value: number) => string;
}

/** One point per run: one of its fields against another. */
export function ScatterPlot({
  title,
  summary,
  points,
  x,
  y,
  height = 280,
}: {
  title: string;
  summary: string;
  points: readonly ScatterPoint[];
  x: ScatterAxis;
  y: ScatterAxis;
  height?: number;
}) {
  const theme = useChartTheme();
  const drawn = useMemo(() => points.filter((point) => hasPlace(point.x, x) && hasPlace(point.y, y)), [points, x, y]);
  const option = useMemo(() => theme && scatterOption(drawn, x, y, theme), [drawn, x, y, theme]);
  const readingAt = useCallback(
    (atX: number, atY: number | undefined): Reading | undefined => {
      const point = closest(drawn, x, y, atX, atY);
      if (!point) return undefined;
      const color = `var(--${point.color})`;
      return {
        title: point.label,
        lines: [
          { label: x.label, color, text: x.format(point.x) },
          { label: y.label, color, text: y.format(point.y) },
        ],
      };
    },
    [drawn, x, y],
  );
  const xs = drawn.map((point) => point.x);
  const left = points.length - drawn.length;
  return (
    <ChartFrame
      title={title}
      unit={y.label}
      height={height}
      legend={[]}
      table={() => ({
        head: ["Run", x.label, y.label],
        rows: points.map((point, index) => ({ x: index, cells: [point.label, x.format(point.x), y.format(point.y)] })),
      })}
    >
      <Plot
        option={option}
        height={height}
        label={`${title}. ${summary}`}
        readingAt={readingAt}
        domain={xs.length === 0 ? undefined : [Math.min(...xs), Math.max(...xs)]}
      />
      {left > 0 ? (
        <p className="chart-summary">
          {left} of {points.length} runs have no place here: a value is no finite number, or not above 0 on a log axis.
        </p>
      ) : null}
    </ChartFrame>
  );
}

const hasPlace = (value: number, axis: ScatterAxis): boolean => Number.isFinite(value) && (!axis.log || value > 0);

/** The point closest to a place, each axis measured by its own extent. */
function closest(
  points: readonly ScatterPoint[],
  x: ScatterAxis,
  y: ScatterAxis,
  atX: number,
  atY: number | undefined,
): ScatterPoint | undefined {
  const onAxis = (axis: ScatterAxis, value: number): number => (axis.log ? Math.log10(value) : value);
  const spanOf = (axis: ScatterAxis, values: readonly number[]): number => {
    const placed = values.map((value) => onAxis(axis, value));
    return Math.max(...placed) - Math.min(...placed) || 1;
  };
  const spanX = spanOf(
    x,
    points.map((point) => point.x),
  );
  const spanY = spanOf(
    y,
    points.map((point) => point.y),
  );
  let best: { point: ScatterPoint; off: number } | undefined;
  for (const point of points) {
    const dx = (onAxis(x, point.x) - onAxis(x, atX)) / spanX;
    const dy = atY === undefined ? 0 : (onAxis(y, point.y) - onAxis(y, atY)) / spanY;
    const off = Math.hypot(dx, dy);
    if (!best || off < best.off) best = { point, off };
  }
  return best && (atY === undefined || best.off < 0.08) ? best.point : undefined;
}

function scatterOption(
  points: readonly ScatterPoint[],
  x: ScatterAxis,
  y: ScatterAxis,
  theme: ChartTheme,
): EChartsOption {
  const label = (axis: ScatterAxis) => ({ color: theme.ink3, fontSize: 11, margin: 8, formatter: axis.format });
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 14, top: 14, bottom: 20, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: x.log ? "log" : "value",
      scale: true,
      name: x.label,
      nameLocation: "end",
      nameTextStyle: { color: theme.ink2, fontSize: 11, align: "right", verticalAlign: "top", padding: [22, 0, 0, 0] },
      splitNumber: 5,
      axisLine: { lineStyle: { color: theme.lineStrong }, onZero: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...label(x), hideOverlap: true },
    },
    yAxis: {
      type: y.log ? "log" : "value",
      scale: true,
      splitNumber: 4,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: label(y),
    },
    series: [
      {
        type: "scatter",
        silent: true,
        symbolSize: 8,
        data: points.map((point) => ({
          value: [point.x, point.y],
          itemStyle: { color: theme.series[point.color], borderColor: theme.surface, borderWidth: 1 },
        })),
      },
    ],
  };
}
