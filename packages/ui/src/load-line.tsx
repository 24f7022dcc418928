import { loadLineGeometry } from "./load-line-geometry.ts";

export interface LoadLineProps {
  /** How much is used, in the unit of `limit`. */
  value: number;
  /** What is held but not used yet: hatched. */
  reserved?: number;
  limit?: number | undefined;
  /** The sentence for screen readers, such as "$173.42 of $240.00 committed". */
  label: string;
}

/** How full something is: grey fill, hatched reservation, ▽ at the limit. It takes colour only once over the limit. */
export function LoadLine({ value, reserved = 0, limit, label }: LoadLineProps) {
  const geometry = loadLineGeometry(value, reserved, limit);
  return (
    <span
      className="load-line"
      data-tone={geometry.over ? "breach" : undefined}
      role="img"
      aria-label={geometry.over ? `${label}, over the limit` : label}
    >
      <span className="load-fill" style={{ width: `${geometry.fill}%` }} />
      {geometry.reserved > 0 ? (
        <span
          className="load-reserved"
          style={{ left: `${geometry.reservedStart}%`, width: `${geometry.reserved}%` }}
        />
      ) : null}
      {geometry.limit === undefined ? null : <span className="load-limit" style={{ left: `${geometry.limit}%` }} />}
    </span>
  );
}
