"use client";

import type { EChartsOption } from "echarts";
import { useMemo } from "react";
import { ChartFrame } from "../chart-frame.tsx";
import { type ChartTheme, useChartTheme } from "../chart-theme.ts";
import { type BoxStats, boxStats } from "./box-stats.ts";
import { Plot } from "./plot.tsx";

export interface BoxGroup {
  label: string;
  values: readonly number[];
}

/** How a metric spreads within groups of runs: quartiles, Tukey's whiskers, and every run as a point. */
export function BoxPlot({
  title,
  summary,
  unit,
  groups,
  format,
  yLog = false,
  height = 280,
}: {
  title: string;
  summary: string;
  unit: string;
  groups: readonly BoxGroup[];
  format: (value: number) => string;
  yLog?: boolean;
  height?: number;
}) {
  const theme = useChartTheme();
  const boxes = useMemo(
    () =>
      groups.flatMap((group) => {
        const values = group.values.filter((value) => !yLog || value > 0);
        const stats = boxStats(values);
        return stats ? [{ label: group.label, values, stats }] : [];
      }),
    [groups, yLog],
  );
  const option = useMemo(() => theme && boxOption(boxes, yLog, format, theme), [boxes, yLog, format, theme]);
  return (
    <ChartFrame
      title={title}
      unit={unit}
      height={height}
      legend={[]}
      table={() => ({
        head: ["Group", "n", "Low whisker", "First quartile", "Median", "Third quartile", "High whisker"],
        rows: boxes.map(({ label, stats }, x) => ({
          x,
          cells: [
            label,
            String(stats.n),
            ...[stats.low, stats.q1, stats.median, stats.q3, stats.high].map((value) => format(value)),
          ],
        })),
      })}
    >
      <Plot option={option} height={height} label={`${title}. ${summary}`} />
    </ChartFrame>
  );
}

/** Spreads points of a group sideways so that they can be told apart; the same way at every look. */
const jitter = (index: number): number => ((((index + 1) * 0.618_034) % 1) - 0.5) * 0.08;

function boxOption(
  boxes: readonly { label: string; values: readonly number[]; stats: BoxStats }[],
  yLog: boolean,
  format: (value: number) => string,
  theme: ChartTheme,
): EChartsOption {
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 14, top: 14, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: [
      {
        type: "category",
        data: boxes.map(({ label, stats }) => `${label}\nn\u202f=\u202f${stats.n}`),
        axisLine: { lineStyle: { color: theme.lineStrong } },
        axisTick: { show: false },
        axisLabel: { color: theme.ink3, fontSize: 11, lineHeight: 14, interval: 0, width: 110, overflow: "truncate" },
      },
      { type: "value", min: -0.5, max: Math.max(0.5, boxes.length - 0.5), show: false },
    ],
    yAxis: {
      type: yLog ? "log" : "value",
      scale: true,
      splitNumber: 4,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.ink3, fontSize: 11, margin: 8, formatter: format },
    },
    series: [
      {
        type: "boxplot",
        silent: true,
        boxWidth: [12, 44],
        itemStyle: { color: theme.surface, borderColor: theme.ink2, borderWidth: 1.25 },
        data: boxes.map(({ stats }) => [stats.low, stats.q1, stats.median, stats.q3, stats.high]),
      },
      {
        type: "scatter",
        silent: true,
        xAxisIndex: 1,
        symbolSize: 5,
        itemStyle: { color: theme.series.s1, opacity: 0.7 },
        data: boxes.flatMap(({ values }, group) =>
          values.flatMap((value, index) => (Number.isFinite(value) ? [[group + jitter(index), value]] : [])),
        ),
      },
    ],
  };
}
