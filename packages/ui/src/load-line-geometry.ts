/** Where fill, hatch and limit stand on a load line, in per cent of its width. */
export interface LoadLineGeometry {
  fill: number;
  reservedStart: number;
  reserved: number;
  limit: number | undefined;
  over: boolean;
}

/** Headroom drawn past the limit, as a part of it, so that crossing it can be seen. */
const HEADROOM = 0.08;

/**
 * Geometry of a load line. All quantities share a unit; negative and missing ones count as zero.
 * The scale ends 8 % past the limit, or at the value if that is further.
 */
export function loadLineGeometry(value: number, reserved: number, limit: number | undefined): LoadLineGeometry {
  const filled = Math.max(0, Number.isFinite(value) ? value : 0);
  const held = Math.max(0, Number.isFinite(reserved) ? reserved : 0);
  const scale = Math.max(limit === undefined ? 0 : limit * (1 + HEADROOM), filled + held);
  const percent = (quantity: number): number => (scale > 0 ? Math.min(100, (quantity / scale) * 100) : 0);
  return {
    fill: percent(filled),
    reservedStart: percent(filled),
    reserved: percent(filled + held) - percent(filled),
    limit: limit === undefined ? undefined : percent(limit),
    over: limit !== undefined && filled + held > limit,
  };
}
