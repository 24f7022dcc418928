import type { SeriesColor } from "../../tone.ts";

/** One run's metric. All arrays are as long as `x`, which ascends. */
export interface RunLine {
  id: string;
  label: string;
  color: SeriesColor;
  dash: "solid" | "dashed" | "dotted";
  x: readonly number[];
  /** The last value at each position; NaN and ±∞ are drawn as marks at the edge. */
  y: readonly number[];
  /** Least and greatest of the points that a position stands for; NaN where there is none. */
  low: readonly number[];
  high: readonly number[];
  /** True where every position is one point: then there is no band. */
  exact: boolean;
}

type OddKind = "nan" | "up" | "down";
export interface OddPoint {
  x: number;
  kind: OddKind;
}

/** Where a line has values that no axis has a place for: among the points themselves or hidden in a position's range. */
export function oddPoints(line: RunLine): OddPoint[] {
  const found: OddPoint[] = [];
  line.x.forEach((x, i) => {
    const [y, low, high] = [line.y[i] as number, line.low[i] as number, line.high[i] as number];
    if (Number.isNaN(y)) found.push({ x, kind: "nan" });
    if (y === Number.POSITIVE_INFINITY || high === Number.POSITIVE_INFINITY) found.push({ x, kind: "up" });
    if (y === Number.NEGATIVE_INFINITY || low === Number.NEGATIVE_INFINITY) found.push({ x, kind: "down" });
  });
  return found;
}

/** How many positions a log axis has no place for. */
export function notOnLogAxis(lines: readonly RunLine[], axis: "x" | "y"): number {
  let count = 0;
  for (const line of lines) for (const value of line[axis]) if (value <= 0) count += 1;
  return count;
}

/** Index of the position closest to `x`, by halving; −1 for an empty line. */
export function nearestIndex(positions: readonly number[], x: number): number {
  if (positions.length === 0) return -1;
  let [low, high] = [0, positions.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0) return low;
  return x - (positions[before] as number) <= (positions[low] as number) - x ? before : low;
}

/** Least and greatest position of all lines; undefined without any. */
export function extentOf(lines: readonly RunLine[]): [from: number, to: number] | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of lines) {
    for (const at of x) {
      if (at < from) from = at;
      if (at > to) to = at;
    }
  }
  return from <= to ? [from, to] : undefined;
}

/** The part of a line within a range and the position beyond each end, so that the axis fits what is shown and the line leaves at its edges. */
export function cropped(line: RunLine, [from, to]: readonly [number, number]): RunLine {
  const after = line.x.findIndex((x) => x >= from);
  const first = Math.max(0, (after < 0 ? line.x.length : after) - 1);
  const end = line.x.findLastIndex((x) => x <= to) + 2;
  if (first === 0 && end >= line.x.length) return line;
  const cut = (values: readonly number[]): readonly number[] => values.slice(first, end);
  return { ...line, x: cut(line.x), y: cut(line.y), low: cut(line.low), high: cut(line.high) };
}
