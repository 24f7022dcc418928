"use client";

import { type ReactNode, useState } from "react";

export interface LegendItem {
  label: string;
  /** CSS colour. Limits and harm have their own. */
  color?: string | undefined;
  kind?: "line" | "dashed" | "fill" | "band" | "harm" | "limit" | undefined;
}

/** What every chart has: the unit above the axis, the picture, its legend below, and the same data as a table. */
export function ChartFrame({
  title,
  unit,
  legend,
  table,
  height,
  children,
}: {
  title: string;
  /** Unit and reading direction, above the axis: "Brier score, lower is better". */
  unit?: ReactNode;
  legend: readonly LegendItem[];
  table: () => { head: readonly string[]; rows: readonly { x: number; cells: readonly string[] }[] };
  height: number;
  children: ReactNode;
}) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="chart">
      <div className="chart-head">
        <span>{unit ?? title}</span>
        <button type="button" className="link-button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "View as chart" : "View as table"}
        </button>
      </div>
      {asTable ? <ChartTable title={title} height={height} {...table()} /> : children}
      {asTable || legend.length === 0 ? null : (
        <ul className="legend">
          {legend.map((item) => (
            <li key={item.label}>
              <span
                className="legend-key"
                data-kind={item.kind ?? "line"}
                style={item.color ? ({ "--key": item.color } as React.CSSProperties) : undefined}
                aria-hidden="true"
              />
              {item.label}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function ChartTable({
  title,
  height,
  head,
  rows,
}: {
  title: string;
  height: number;
  head: readonly string[];
  rows: readonly { x: number; cells: readonly string[] }[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="chart-table" style={{ maxHeight: height + 28 }} tabIndex={0} aria-label={title}>
      <table className="data-table">
        <thead>
          <tr>
            {head.map((name, index) => (
              <th key={name} scope="col" className={index === 0 ? undefined : "num"}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.x}>
              {row.cells.map((cell, index) => (
                <td
                  key={head[index]}
                  className={index === 0 ? undefined : "num"}
                  data-label={head[index]}
                  data-primary={index === 0 ? true : undefined}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
