"use client";

import { useCallback, useMemo } from "react";
import { formatCount, formatDecimal, MISSING, oddNumberText } from "../../format.ts";
import { ChartFrame } from "../chart-frame.tsx";
import { useChartTheme } from "../chart-theme.ts";
import type { Reading } from "../reading.ts";
import { Plot } from "./plot.tsx";
import { cropped, extentOf, nearestIndex, notOnLogAxis, type RunLine } from "./run-line.ts";
import { axisText, type LineAxis, runLinesOption } from "./run-lines-option.ts";
import { smoothed } from "./smoothing.ts";

/** Lines that one reading names, closest to the pointer first. */
const MOST_READ = 10;
const TABLE_ROWS = 200;

export interface RunLinesChartProps {
  title: string;
  /** One sentence: the text alternative. */
  summary: string;
  /** Above the value axis. */
  unit?: string;
  lines: readonly RunLine[];
  axis: LineAxis;
  axisLabel: string;
  xLog?: boolean;
  yLog?: boolean;
  /** Half-life as a share of the axis shown, 0 for none. */
  smoothing?: number;
  range?: readonly [number, number] | undefined;
  onRange?: (range: readonly [number, number] | undefined) => void;
  format?: (value: number) => string;
  height?: number;
  hideLegend?: boolean;
}

const fourDecimals = (value: number): string => formatDecimal(value, 4);

/**
 * A metric of many runs. Each position carries the least and greatest of what it stands for, so no spike is lost; dragging over the
 * picture asks the caller for that range in finer steps.
 */
export function RunLinesChart(props: RunLinesChartProps) {
  const { title, summary, lines, axis, axisLabel, onRange, format = fourDecimals, height = 240 } = props;
  const { xLog = false, yLog = false, smoothing = 0, range } = props;
  const theme = useChartTheme();
  const whole = useMemo(() => extentOf(lines), [lines]);
  const [from, to] = range ?? whole ?? [0, 1];
  const ranged = range !== undefined;
  const drawn = useMemo(
    () => (ranged ? lines.map((line) => cropped(line, [from, to])) : lines),
    [lines, ranged, from, to],
  );
  const halfLife = smoothing * (to - from);
  const option = useMemo(
    () =>
      theme &&
      runLinesOption(
        {
          ...{ lines: drawn, axis, axisLabel, xLog, yLog, halfLife, format },
          range: ranged || axis === "time" || (axis === "duration" && !xLog) ? [from, to] : undefined,
        },
        theme,
      ),
    [theme, drawn, axis, axisLabel, xLog, yLog, halfLife, format, ranged, from, to],
  );
  const smooth = useMemo(
    () => (halfLife > 0 ? new Map(drawn.map((line) => [line.id, smoothed(line.x, line.y, halfLife)])) : undefined),
    [drawn, halfLife],
  );
  const readingAt = useCallback(
    (x: number, y: number | undefined): Reading | undefined => readingOf({ lines: drawn, smooth, axis, format }, x, y),
    [drawn, smooth, axis, format],
  );
  const reset = useCallback(() => onRange?.(undefined), [onRange]);
  const left = (xLog ? notOnLogAxis(lines, "x") : 0) + (yLog ? notOnLogAxis(lines, "y") : 0);
  return (
    <ChartFrame
      title={title}
      unit={props.unit ?? title}
      height={height}
      legend={
        props.hideLegend
          ? []
          : lines.map((line) => ({
              label: line.label,
              color: `var(--${line.color})`,
              kind: line.dash === "solid" ? ("line" as const) : ("dashed" as const),
            }))
      }
      table={() => linesTable(lines, axis, axisLabel, format)}
    >
      <Plot
        option={option}
        height={height}
        label={`${title}. ${summary}`}
        readingAt={readingAt}
        domain={[from, to]}
        onRange={onRange && ((a, b) => onRange([a, b]))}
        onReset={onRange && reset}
      />
      {left > 0 ? (
        <p className="chart-summary">
          {formatCount(left)} {left === 1 ? "value is" : "values are"} not above 0: a log axis has no place for them.
        </p>
      ) : null}
    </ChartFrame>
  );
}

const written = (value: number, format: (value: number) => string): string => oddNumberText(value) ?? format(value);

/** What each line says closest to `x`; the lines nearest to the pointer where there are many. */
function readingOf(
  {
    lines,
    smooth,
    axis,
    format,
  }: {
    lines: readonly RunLine[];
    smooth: ReadonlyMap<string, Float64Array> | undefined;
    axis: LineAxis;
    format: (value: number) => string;
  },
  x: number,
  y: number | undefined,
): Reading | undefined {
  const found = lines.flatMap((line) => {
    const index = nearestIndex(line.x, x);
    if (index < 0) return [];
    const at = line.x[index] as number;
    const value = line.y[index] as number;
    return [{ line, index, at, value, off: y === undefined ? 0 : Math.abs(value - y) }];
  });
  // A run that ended long before the pointer says nothing about where the pointer is.
  const closest = Math.min(...found.map(({ at }) => Math.abs(at - x)));
  const near = found.filter(({ line, at }) => {
    const span = ((line.x.at(-1) ?? 0) - (line.x[0] ?? 0)) / Math.max(1, line.x.length - 1);
    return Math.abs(at - x) <= Math.max(closest, 2 * span);
  });
  const chosen = near.length > MOST_READ ? near.sort((a, b) => a.off - b.off).slice(0, MOST_READ) : near;
  if (chosen.length === 0) return undefined;
  const first = chosen.reduce((best, one) => (Math.abs(one.at - x) < Math.abs(best.at - x) ? one : best));
  return {
    title:
      near.length > MOST_READ
        ? `${axisText(axis, first.at)}, ${MOST_READ} of ${near.length} runs`
        : axisText(axis, first.at),
    lines: chosen.map(({ line, index, value }) => ({
      label: line.label,
      color: `var(--${line.color})`,
      text: valueText(line, index, value, smooth?.get(line.id)?.[index], format),
    })),
  };
}

function valueText(
  line: RunLine,
  index: number,
  value: number,
  smooth: number | undefined,
  format: (value: number) => string,
): string {
  const [low, high] = [line.low[index] as number, line.high[index] as number];
  const band = line.exact || low === high ? "" : ` (${written(low, format)} to ${written(high, format)})`;
  const mean = smooth === undefined ? "" : `, smoothed ${written(smooth, format)}`;
  return `${written(value, format)}${band}${mean}`;
}

/** The same as rows: one per position of the longest line, at most {@link TABLE_ROWS}. */
function linesTable(
  lines: readonly RunLine[],
  axis: LineAxis,
  axisLabel: string,
  format: (value: number) => string,
): { head: string[]; rows: { x: number; cells: string[] }[] } {
  const positions = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const every = Math.ceil(positions.length / TABLE_ROWS);
  const rows = positions
    .filter((_, index) => index % every === 0)
    .map((x) => ({
      x,
      cells: [
        axisText(axis, x),
        ...lines.map((line) => {
          const index = nearestIndex(line.x, x);
          return index >= 0 && line.x[index] === x
            ? valueText(line, index, line.y[index] as number, undefined, format)
            : MISSING;
        }),
      ],
    }));
  return {
    head: [
      axisLabel,
      ...lines.map(({ label }, index) =>
        lines.findIndex((one) => one.label === label) === index ? label : `${label} (${index + 1})`,
      ),
    ],
    rows,
  };
}
