import type { CustomSeriesOption, EChartsOption } from "echarts";
import type { ChartTheme } from "./chart-theme.ts";

export interface DistributionBin {
  /** "500 to 1,000", a category, or "missing". */
  label: string;
  /** Short form for the axis: the lower edge. Empty shows none. */
  tick?: string;
  /** Share of the reference rows in the bin, 0 to 1. */
  reference: number;
  /** Share of the current rows in the bin, 0 to 1. */
  current: number;
}

type Group = { type: "group"; children: object[] };

/** Reference as grey fill, current as a line; steps joined for ordered bins, separate for categories. Pure. */
export function distributionOption(
  bins: readonly DistributionBin[],
  { ordered, format }: { ordered: boolean; format: (share: number) => string },
  theme: ChartTheme,
): EChartsOption {
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { left: 0, right: 4, top: 8, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: bins.map((bin) => bin.label),
      axisLine: { lineStyle: { color: theme.lineStrong } },
      axisTick: { show: false },
      axisLabel: {
        color: theme.ink3,
        fontSize: 11,
        margin: 8,
        interval: 0,
        hideOverlap: true,
        formatter: (_label: string, index: number) => bins[index]?.tick ?? (ordered ? "" : (bins[index]?.label ?? "")),
      },
      axisPointer: { label: { show: false } },
    },
    yAxis: {
      type: "value",
      min: 0,
      splitNumber: 3,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.ink3, fontSize: 11, margin: 8, formatter: (value: number) => format(value) },
    },
    series: [
      {
        type: "bar",
        id: "reference",
        name: "reference",
        barCategoryGap: "8%",
        itemStyle: { color: theme.lineStrong },
        emphasis: { disabled: true },
        data: bins.map((bin) => bin.reference),
      },
      currentLine(bins, ordered, theme),
    ],
  };
}

function currentLine(bins: readonly DistributionBin[], ordered: boolean, theme: ChartTheme): CustomSeriesOption {
  return {
    type: "custom",
    id: "current",
    name: "current",
    silent: true,
    z: 5,
    data: bins.map((bin, index) => [index, bin.current]),
    renderItem: (params, api) => {
      if (params.dataIndex !== 0) return { type: "group", children: [] } as Group as never;
      const [width = 0] = (api.size?.([1, 0]) ?? [0]) as number[];
      const steps = bins.map((bin, index) => {
        const [x = 0, y = 0] = api.coord([index, bin.current]);
        return { left: x - width / 2, right: x + width / 2, y };
      });
      const style = { stroke: theme.series.s1, lineWidth: ordered ? 1.75 : 2, fill: "none" };
      const children = ordered
        ? [
            {
              type: "polyline",
              shape: {
                points: steps.flatMap((step) => [
                  [step.left, step.y],
                  [step.right, step.y],
                ]),
              },
              style,
            },
          ]
        : steps.map((step) => ({
            type: "line",
            shape: { x1: step.left + 2, x2: step.right - 2, y1: step.y, y2: step.y },
            style,
          }));
      return { type: "group", children } as Group as never;
    },
  };
}
