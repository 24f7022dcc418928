import { sparklineGeometry } from "./sparkline-path.ts";
import type { SeriesColor } from "./tone.ts";

/** A small line without axes for tables and figures: the shape of a series, its last point marked, its limit with ▽. */
export function Sparkline({
  values,
  color = "s1",
  limit,
  width = 76,
  height = 20,
  label,
}: {
  /** At equal steps, oldest first; null leaves a gap. */
  values: readonly (number | null)[];
  color?: SeriesColor;
  limit?: number | undefined;
  width?: number;
  height?: number;
  /** The sentence for screen readers. Without one the line is decoration to the number beside it. */
  label?: string;
}) {
  const { path, last, limitY } = sparklineGeometry(values, { width, height, limit });
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {limitY === undefined ? null : (
        <>
          <line className="sparkline-limit" x1="0" x2={width} y1={limitY} y2={limitY} />
          <path className="sparkline-mark" d={`M${width - 10} ${limitY - 5.5}h8l-4 5.5z`} />
        </>
      )}
      <path className="sparkline-line" d={path} stroke={`var(--${color})`} />
      {last ? <circle className="sparkline-point" cx={last.x} cy={last.y} r="2" fill={`var(--${color})`} /> : null}
    </svg>
  );
}
