import type { CustomSeriesOption } from "echarts";
import type { ChartEvent, ChartLimit, ChartSeries, HarmSide } from "./chart-data.ts";
import type { ChartTheme } from "./chart-theme.ts";

/**
 * What ECharts has no mark for, drawn as custom series: limits with ▽, the harm side, events and bands.
 * Each series carries the data items that should count for the axes' extent, and draws once, for its first item.
 */
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;
type Params = Parameters<RenderItem>[0];
type Api = Parameters<RenderItem>[1];
type Shape = ReturnType<RenderItem>;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const boxOf = (params: Params): Box => params.coordSys as unknown as Box;

const pixel = (api: Api, x: number, y: number): [number, number] => {
  const [left = 0, top = 0] = api.coord([x, y]);
  return [left, top];
};

function overlay(
  data: readonly (readonly [number, number])[],
  { z, clip }: { z: number; clip: boolean },
  draw: (params: Params, api: Api) => Shape,
): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    clip,
    z,
    tooltip: { show: false },
    data: data.map((item) => [...item]),
    renderItem: (params, api) => (params.dataIndex === 0 ? draw(params, api) : { type: "group", children: [] }),
  };
}

/** A level line across the chart with its label and ▽ at the end. `at` is any x of the chart. */
export function limitSeries(limit: ChartLimit, at: number, theme: ChartTheme): CustomSeriesOption {
  const stroke = limit.tone === "breach" ? theme.breach : limit.tone === "healthy" ? theme.healthy : theme.ink;
  const text = limit.tone === "breach" ? theme.breachText : limit.tone === "healthy" ? theme.healthyText : theme.ink;
  return overlay([[at, limit.value]], { z: 6, clip: false }, (params, api) => {
    const box = boxOf(params);
    const [, top] = pixel(api, at, limit.value);
    if (top < box.y - 1 || top > box.y + box.height + 1) return { type: "group", children: [] };
    const y = Math.round(top) + 0.5;
    const right = box.x + box.width;
    return {
      type: "group",
      children: [
        { type: "line", shape: { x1: box.x, y1: y, x2: right, y2: y }, style: { stroke, lineWidth: 1.25 } },
        {
          type: "polygon",
          shape: {
            points: [
              [right - 11, y - 8],
              [right - 1, y - 8],
              [right - 6, y - 1],
            ],
          },
          style: { fill: stroke },
        },
        {
          type: "text",
          style: {
            text: limit.label,
            x: right - 16,
            y: y - 3,
            textAlign: "right",
            textVerticalAlign: "bottom",
            fill: text,
            font: `500 11px ${theme.font}`,
            stroke: theme.surface,
            lineWidth: 4,
          },
        },
      ],
    };
  });
}

/** A 7 % breach tint on the side of `harm.of` where a value would mean harm. */
export function harmSeries(harm: HarmSide, at: number, theme: ChartTheme): CustomSeriesOption {
  return overlay([[at, harm.of]], { z: 0, clip: true }, (params, api) => {
    const box = boxOf(params);
    const [, edge] = pixel(api, at, harm.of);
    const bounded = Math.min(box.y + box.height, Math.max(box.y, edge));
    return {
      type: "rect",
      shape: {
        x: box.x,
        y: harm.side === "above" ? box.y : bounded,
        width: box.width,
        height: harm.side === "above" ? bounded - box.y : box.y + box.height - bounded,
      },
      style: { fill: theme.breach, opacity: 0.07 },
    };
  });
}

/** A vertical line where something happened, its label at the foot; on the left of the line near the right edge. */
export function eventSeries(event: ChartEvent, level: number, theme: ChartTheme): CustomSeriesOption {
  const harmful = event.tone === "breach";
  return overlay([[event.x, level]], { z: 4, clip: false }, (params, api) => {
    const box = boxOf(params);
    const [left] = pixel(api, event.x, level);
    const x = Math.round(left) + 0.5;
    const before = x > box.x + box.width * 0.7;
    return {
      type: "group",
      children: [
        {
          type: "line",
          shape: { x1: x, y1: box.y, x2: x, y2: box.y + box.height },
          style: {
            stroke: harmful ? theme.breach : theme.lineStrong,
            lineWidth: 1,
            ...(harmful ? {} : { lineDash: [2, 3] }),
          },
        },
        {
          type: "text",
          style: {
            text: event.label,
            x: before ? x - 4 : x + 4,
            y: box.y + box.height - 3,
            textAlign: before ? "right" : "left",
            textVerticalAlign: "bottom",
            fill: harmful ? theme.breachText : theme.ink2,
            font: `${harmful ? 500 : 400} 11px ${theme.font}`,
            stroke: theme.surface,
            lineWidth: 4,
          },
        },
      ],
    };
  });
}

/** The band of a series as a tint; a point without bounds parts it. Undefined if the series has no band. */
export function bandSeries(series: ChartSeries, theme: ChartTheme): CustomSeriesOption | undefined {
  const runs = bandRuns(series);
  const first = runs[0]?.[0];
  if (!first) return undefined;
  const bounds = runs.flat();
  const extent: [number, number][] = [
    [first.x, Math.min(...bounds.map((point) => point.low))],
    [first.x, Math.max(...bounds.map((point) => point.high))],
  ];
  return overlay(extent, { z: 1, clip: true }, (_params, api) => ({
    type: "group",
    children: runs.map((run) => ({
      type: "polygon" as const,
      shape: {
        points: [
          ...run.map((point) => pixel(api, point.x, point.high)),
          ...run.toReversed().map((point) => pixel(api, point.x, point.low)),
        ],
      },
      style: { fill: theme.series[series.color], opacity: series.color === "s1" ? 0.14 : 0.2 },
    })),
  }));
}

interface BandPoint {
  x: number;
  low: number;
  high: number;
}

function bandRuns(series: ChartSeries): BandPoint[][] {
  const runs: BandPoint[][] = [[]];
  for (const { x, low, high } of series.points) {
    if (low === undefined || high === undefined || !Number.isFinite(low) || !Number.isFinite(high)) {
      if (runs.at(-1)?.length) runs.push([]);
    } else runs.at(-1)?.push({ x, low, high });
  }
  return runs.filter((run) => run.length > 0);
}
