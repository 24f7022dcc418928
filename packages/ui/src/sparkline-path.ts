export interface SparklineGeometry {
  /** SVG path of the line; gaps where a value is missing. Empty when there is nothing to draw. */
  path: string;
  last: { x: number; y: number } | undefined;
  limitY: number | undefined;
}

/**
 * Geometry of a sparkline: values at equal steps over `width`, the smallest at the bottom. A missing value breaks the
 * line. The limit takes part in the scale, so that its distance can be read.
 */
export function sparklineGeometry(
  values: readonly (number | null)[],
  { width, height, limit, inset = 3 }: { width: number; height: number; limit?: number | undefined; inset?: number },
): SparklineGeometry {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return { path: "", last: undefined, limitY: undefined };
  const scaled = limit === undefined ? known : [...known, limit];
  const low = Math.min(...scaled);
  const range = Math.max(...scaled) - low;
  const y = (value: number): number =>
    range === 0 ? height / 2 : height - inset - ((value - low) / range) * (height - 2 * inset);
  const step = values.length > 1 ? (width - 2 * inset) / (values.length - 1) : 0;
  let path = "";
  let drawing = false;
  let last: SparklineGeometry["last"];
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      drawing = false;
      return;
    }
    const point = { x: round(inset + index * step), y: round(y(value)) };
    path += `${drawing ? "L" : "M"}${point.x} ${point.y}`;
    drawing = true;
    last = point;
  });
  return { path, last, limitY: limit === undefined ? undefined : round(y(limit)) };
}

const round = (value: number): number => Math.round(value * 100) / 100;
