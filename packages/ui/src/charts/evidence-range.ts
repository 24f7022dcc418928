import type { SeriesPoint } from "./chart-data.ts";

/**
 * The part of the axis worth showing for a confidence sequence: every estimate, the margin, and the band of the later
 * three quarters. Its first bounds are so wide that they would flatten everything that follows; they are cut.
 */
export function evidenceRange(
  points: readonly SeriesPoint[],
  margins: readonly number[],
): [number, number] | undefined {
  const later = points.slice(Math.floor(points.length / 4));
  const values = [
    0,
    ...margins,
    ...points.map((point) => point.y),
    ...later.flatMap((point) => [point.low, point.high]),
  ].filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!(high > low)) return undefined;
  const step = niceStep((high - low) / 4);
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step];
}

/** The step of 1, 2 or 5 times a power of ten at or above `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Whole decades around all e-values and the boundary, at least 0.1 to 10. */
export function decadeRange(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.min(0.1, ...positive);
  const high = Math.max(10, ...positive);
  return [10 ** Math.floor(Math.log10(low) + 1e-9), 10 ** Math.ceil(Math.log10(high * 1.5) - 1e-9)];
}
