"use client";

import { useMemo } from "react";
import { formatDecimal } from "../format.ts";
import {
  type AxisKind,
  allPositions,
  areWholeDays,
  type ChartEvent,
  type ChartLimit,
  type ChartSeries,
  type HarmSide,
  tableOf,
} from "./chart-data.ts";
import { ChartFrame, type LegendItem } from "./chart-frame.tsx";
import { useChartTheme } from "./chart-theme.ts";
import { EChart } from "./echart.tsx";
import { readingAt } from "./reading.ts";
import { timeSeriesOption } from "./time-series-option.ts";

const NO_LIMITS: readonly ChartLimit[] = [];
const NO_EVENTS: readonly ChartEvent[] = [];
const fourDecimals = (value: number): string => formatDecimal(value, 4);

export interface TimeSeriesChartProps {
  title: string;
  /** One sentence: the text alternative. */
  summary: string;
  /** Unit and reading direction, above the axis. */
  unit?: string | undefined;
  series: readonly ChartSeries[];
  limits?: readonly ChartLimit[];
  events?: readonly ChartEvent[];
  harm?: HarmSide | undefined;
  xKind?: AxisKind;
  yScale?: "linear" | "log";
  yRange?: readonly [low: number, high: number] | undefined;
  /** Bars always include zero; lines need not. */
  includeZero?: boolean;
  /** How values are written on axis, tooltip and table. Keep it stable between renders. */
  format?: (value: number) => string;
  /** For axis ticks alone, where fewer digits do. */
  formatTick?: (value: number) => string;
  /** Pixels, axis labels included. */
  height?: number;
  /** A legend of one series that the title names already can go. */
  hideLegend?: boolean;
  /** Click on a position, or Enter on it: go to its runs or rows. */
  onOpen?: ((x: number) => void) | undefined;
}

/** Lines, bands or bars over time (or over any number), with limits, the harm side and events. Times are UTC. */
export function TimeSeriesChart({
  title,
  summary,
  unit,
  series,
  limits = NO_LIMITS,
  events = NO_EVENTS,
  harm,
  xKind = "time",
  yScale = "linear",
  yRange,
  includeZero = false,
  format = fourDecimals,
  formatTick = format,
  height = 220,
  hideLegend = false,
  onOpen,
}: TimeSeriesChartProps) {
  const theme = useChartTheme();
  const positions = useMemo(() => allPositions(series), [series]);
  const bars = series.some((one) => one.style === "bar");
  const [low, high] = yRange ?? [];
  const option = useMemo(() => {
    if (!theme) return undefined;
    const range = low === undefined || high === undefined ? undefined : ([low, high] as const);
    return timeSeriesOption(
      {
        series,
        limits,
        events,
        harm,
        xKind,
        yScale,
        yRange: range,
        includeZero: includeZero || bars,
        format: formatTick,
      },
      theme,
    );
  }, [theme, series, limits, events, harm, xKind, yScale, low, high, includeZero, bars, formatTick]);
  const wholeDays = useMemo(() => areWholeDays(positions), [positions]);
  return (
    <ChartFrame
      title={title}
      unit={unit}
      height={height}
      legend={hideLegend ? [] : legendOf(series, limits, harm)}
      table={() => tableOf(series, xKind, format)}
    >
      <EChart
        option={option}
        height={height}
        label={`${title}. ${summary}`}
        points={series.reduce((sum, one) => sum + one.points.length, 0)}
        positions={positions}
        readingAt={(x) => readingAt(series, x, { kind: xKind, wholeDays, format })}
        onOpen={onOpen}
      />
    </ChartFrame>
  );
}

function legendOf(
  series: readonly ChartSeries[],
  limits: readonly ChartLimit[],
  harm: HarmSide | undefined,
): LegendItem[] {
  const items: LegendItem[] = [];
  for (const one of series) {
    const color = `var(--${one.color})`;
    const kind = one.style === "dashed" ? "dashed" : one.style === "bar" ? "fill" : "line";
    items.push({ label: one.label, color, kind });
    if (one.bandLabel) items.push({ label: one.bandLabel, color, kind: "band" });
  }
  if (harm) items.push({ label: "side of harm", kind: "harm" });
  if (limits.length > 0) items.push({ label: "limit", kind: "limit" });
  return items;
}
