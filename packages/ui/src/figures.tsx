import type { ReactNode } from "react";
import { LoadLine, type LoadLineProps } from "./load-line.tsx";

export interface FigureItem {
  label: string;
  /** The number, already formatted. */
  value: ReactNode;
  /** Unit, or "of $240.00". */
  unit?: ReactNode;
  /** Draws the value against its limit. */
  load?: LoadLineProps;
  /** Anything else for the line between value and note: a sparkline, a status. */
  slot?: ReactNode;
  /** Limit and sample size, or what the figure means. */
  note?: ReactNode;
}

/** A strip of four to six figures. A number is never alone: give it a note, and its limit where one exists. */
export function Figures({ items, label = "Key figures" }: { items: readonly FigureItem[]; label?: string }) {
  const withSlots = items.some((item) => item.slot !== undefined || item.load !== undefined);
  return (
    <section className="figures" data-slots={withSlots} aria-label={label}>
      {items.map((item) => (
        <div className="figure" key={item.label}>
          <span className="figure-label">{item.label}</span>
          <span className="figure-value">
            {item.value}
            {item.unit === undefined ? null : <small>{item.unit}</small>}
          </span>
          {withSlots ? (
            <span className="figure-slot">{item.load ? <LoadLine {...item.load} /> : item.slot}</span>
          ) : null}
          {item.note === undefined ? null : <span className="figure-note">{item.note}</span>}
        </div>
      ))}
    </section>
  );
}
