import { formatDateTime, formatDay } from "../format.ts";
import type { SeriesColor, Tone } from "../tone.ts";

/** A measurement at `x`: epoch milliseconds (UTC) on a time axis, else a plain number. Null leaves a gap in the line. */
export interface SeriesPoint {
  x: number;
  y: number | null;
  /** Bounds of the band at this point: an interval or a forecast. Drawn as a tint of the series. */
  low?: number | undefined;
  high?: number | undefined;
  /** Sample size behind the value. */
  n?: number | undefined;
}

export interface ChartSeries {
  id: string;
  label: string;
  /** Champion s1, candidate s2, shadow s8, realised ink, estimated s6 (dashed). */
  color: SeriesColor;
  /** `bar` series are stacked on each other and start at 0. `area` is a grey fill under its line. */
  style?: "line" | "dashed" | "step" | "bar" | "area";
  points: readonly SeriesPoint[];
  /** Names the band in the legend: "95 % confidence sequence". */
  bandLabel?: string | undefined;
}

/** A level line with ▽ standing on it. */
export interface ChartLimit {
  value: number;
  /** With its value: "limit 0.190". */
  label: string;
  tone?: Extract<Tone, "healthy" | "breach"> | undefined;
}

/** A vertical line at something that happened. */
export interface ChartEvent {
  x: number;
  label: string;
  tone?: Extract<Tone, "breach"> | undefined;
}

/** The side of a level where a value would mean harm; tinted. */
export interface HarmSide {
  side: "above" | "below";
  of: number;
}

export type AxisKind = "time" | "number";

/** Every x of any series, ascending, once. */
export function allPositions(series: readonly ChartSeries[]): number[] {
  const positions = new Set<number>();
  for (const one of series) for (const point of one.points) positions.add(point.x);
  return [...positions].sort((a, b) => a - b);
}

/** The entry of an ascending list that is closest to `x`; undefined for an empty list. */
export function nearest(positions: readonly number[], x: number): number | undefined {
  let best: number | undefined;
  for (const position of positions) {
    if (best === undefined || Math.abs(position - x) < Math.abs(best - x)) best = position;
  }
  return best;
}

const DAY_MS = 86_400_000;

/** The exact name of a position: "20 Jun 2001", with the minute unless every position is a whole UTC day. */
export function positionName(x: number, kind: AxisKind, wholeDays: boolean): string {
  if (kind === "number") return x.toLocaleString("en-US");
  return wholeDays ? formatDay(x, { year: true }) : formatDateTime(x);
}

/** Whether all positions fall on midnight UTC, so that naming the day is exact. */
export function areWholeDays(positions: readonly number[]): boolean {
  return positions.every((x) => x % DAY_MS === 0);
}

/** One row per position: its name, then each series' value as written on the axis, its band and n if it has them. */
export function tableOf(
  series: readonly ChartSeries[],
  kind: AxisKind,
  format: (value: number) => string,
): { head: string[]; rows: { x: number; cells: string[] }[] } {
  const positions = allPositions(series);
  const wholeDays = areWholeDays(positions);
  const banded = series.filter((one) => one.points.some((point) => point.low !== undefined));
  const counted = series.filter((one) => one.points.some((point) => point.n !== undefined));
  const head = [
    kind === "time" ? "Time, UTC" : "Position",
    ...series.map((one) => one.label),
    ...banded.map((one) => one.bandLabel ?? `${one.label}, band`),
    ...counted.map((one) => `${one.label}, n`),
  ];
  const lookup = new Map(series.map((one) => [one.id, new Map(one.points.map((point) => [point.x, point]))]));
  const at = (one: ChartSeries, x: number): SeriesPoint | undefined => lookup.get(one.id)?.get(x);
  const rows = positions.map((x) => ({
    x,
    cells: [
      positionName(x, kind, wholeDays),
      ...series.map((one) => written(at(one, x)?.y, format)),
      ...banded.map((one) => bandText(at(one, x), format) ?? "—"),
      ...counted.map((one) => at(one, x)?.n?.toLocaleString("en-US") ?? "—"),
    ],
  }));
  return { head, rows };
}

const written = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined || !Number.isFinite(value) ? "—" : format(value);

/** "0.12 to 0.16", or nothing for a point without a band. */
export function bandText(point: SeriesPoint | undefined, format: (value: number) => string): string | undefined {
  return point?.low === undefined || point.high === undefined
    ? undefined
    : `${format(point.low)} to ${format(point.high)}`;
}
